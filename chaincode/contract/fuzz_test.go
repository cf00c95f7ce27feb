package contract

import (
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
)

// Whatever a client submits, the chaincode does not panic, and what it writes leaves the totals the sum of the accounts.
func FuzzBatch(f *testing.F) {
	sale := &slip{number: 1, member: 7, cents: 10_000}
	back := &slip{number: 2, member: 8, cents: 500, returns: []returned{{sale, 4000}}, paid: []paid{{uuid(500), 30}}}
	void := &slip{number: 3, member: 8, voids: back, paid: []paid{{uuid(500), -30}}}
	for _, s := range []*slip{sale, back, void} {
		encoded, err := ledger.EncodeBatch(withLots([]ledger.Submission{s.submission(f)}))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encoded)
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		batch, err := ledger.DecodeBatch(encoded)
		if err != nil {
			return
		}
		m := newMemory()
		m.record(t, sale.submission(t))
		m.record(t, back.submission(t))
		run(t, m, holdPoints, ledger.HoldRequest{HoldID: uuid(500), Account: accountOf(7).String(), Points: 20, TTLSeconds: 600, Fold: m.credits(accountOf(7))})
		for _, judge := range []func(*transaction, ledger.Batch) (ledger.Answer, error){record, settle} {
			tx := m.begin()
			if _, err := judge(tx, batch); err == nil {
				m.commit(tx)
			}
			m.checkTotals(t)
		}
	})
}
