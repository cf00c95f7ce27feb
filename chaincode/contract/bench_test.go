package contract

import (
	"encoding/binary"
	"testing"

	"github.com/tillproof/tillproof/domain/ledger"
)

// withCredits gives a ledger on which member 7 has so many credits of a point each, not folded.
func withCredits(tb testing.TB, n int) *memory {
	tb.Helper()
	m := newMemory()
	for i := range n {
		var id ledger.EntryID
		binary.BigEndian.PutUint64(id[:], uint64(i))
		entry := ledger.Entry{Kind: ledger.Accrual, Points: 1, Eligible: 100, Currency: "EUR", BusinessDay: "2026-03-01", RuleVersion: 1}
		value, err := entry.Encode()
		if err != nil {
			tb.Fatal(err)
		}
		m.state[entry.Key(accountOf(7), id)] = value
	}
	return m
}

// What an operation reads and writes must not grow with the account.
func TestReadsAndWritesDoNotGrowWithTheAccount(t *testing.T) {
	type cost struct{ calls, reads, writes int }
	operations := []struct {
		name string
		want cost
		run  func(*testing.T, *memory)
	}{
		// programme, record, own entry → record, entry, totals, body
		{"accrual", cost{1, 3, 4}, func(t *testing.T, m *memory) { m.record(t, (&slip{number: 1, member: 7, cents: 100}).submission(t)) }},
		// hold, marker, head, one credit in two places, debits → credit, folded, hold, head, totals
		{"hold, folding one", cost{5, 5, 5}, func(t *testing.T, m *memory) {
			var first ledger.EntryID
			run(t, m, holdPoints, ledger.HoldRequest{HoldID: uuid(1), Account: accountOf(7).String(), Points: 1, TTLSeconds: 600, Fold: []string{first.String()}})
		}},
		{"capture", cost{2, 2, 3}, func(t *testing.T, m *memory) { run(t, m, captureHold, ledger.CaptureRequest{HoldID: uuid(1)}) }},
		// programme, record, hold; three places of each part given back → record, hold, credit, totals, body
		{"return that gives points back", cost{3, 6, 5}, func(t *testing.T, m *memory) {
			m.record(t, (&slip{number: 2, cents: -100, paid: []paid{{uuid(1), -1}}}).submission(t))
		}},
		// transfer, both markers, head, one credit in two places, debits, the receiver's credit in three → two, transfer, head, credit
		{"transfer, folding one", cost{7, 9, 5}, func(t *testing.T, m *memory) {
			id := ledger.GiveBackID((&slip{number: 2, cents: -100, paid: []paid{{uuid(1), -1}}}).submission(t).Points.EntryID, mustHoldID(t, uuid(1)), 0)
			answer := run(t, m, transferPoints, ledger.TransferRequest{TransferID: uuid(3), From: accountOf(7).String(), To: accountOf(8).String(), Points: 1, Fold: []string{id.String()}})
			if answer.Status != ledger.StatusTransferred {
				t.Fatal(answer)
			}
		}},
		// head, one credit in two places, debits → credit, folded, head
		{"fold one", cost{3, 3, 3}, func(t *testing.T, m *memory) {
			m.record(t, (&slip{number: 3, member: 7, cents: 100}).submission(t))
			m.calls, m.reads, m.writes = 0, 0, 0
			fold := []string{ledger.EntryID((&slip{number: 3, member: 7, cents: 100}).submission(t).Points.EntryID).String()}
			run(t, m, foldAccount, ledger.FoldRequest{Account: accountOf(7).String(), Fold: fold})
		}},
		// the same, and the marker → the same, marker, totals
		{"forget, folding one", cost{4, 4, 5}, func(t *testing.T, m *memory) {
			m.record(t, (&slip{number: 4, member: 7, cents: 100}).submission(t))
			m.calls, m.reads, m.writes = 0, 0, 0
			fold := []string{ledger.EntryID((&slip{number: 4, member: 7, cents: 100}).submission(t).Points.EntryID).String()}
			run(t, m, forgetAccount, ledger.FoldRequest{Account: accountOf(7).String(), Fold: fold})
		}},
	}
	for _, credits := range []int{1, 100, 100_000} {
		m := withCredits(t, credits)
		for _, operation := range operations {
			m.calls, m.reads, m.writes = 0, 0, 0
			operation.run(t, m)
			got := cost{m.calls, m.reads, m.writes}
			t.Logf("%6d credits: %-30s %d reads in %d calls, %d writes", credits, operation.name, got.reads, got.calls, got.writes)
			if got != operation.want {
				t.Errorf("%s with %d credits: calls, reads, writes %v, want %v", operation.name, credits, got, operation.want)
			}
		}
	}
}

func mustHoldID(tb testing.TB, text string) ledger.HoldID {
	tb.Helper()
	id, err := ledger.ParseHoldID(text)
	if err != nil {
		tb.Fatal(err)
	}
	return id
}

// BenchmarkRecord is what the judgement of a plain batch costs, without Fabric.
func BenchmarkRecord(b *testing.B) {
	var batch []ledger.Submission
	for number := range 500 {
		s := (&slip{number: number + 1, member: byte(1 + number%100), cents: 100}).submission(b)
		batch = append(batch, s)
	}
	b.ReportAllocs()
	for b.Loop() {
		m := newMemory()
		if _, err := record(m.begin(), withLots(batch)); err != nil {
			b.Fatal(err)
		}
	}
}
