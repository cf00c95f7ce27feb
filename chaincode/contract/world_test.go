package contract

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/ledger"
)

// memory is a ledger in memory. It counts what transactions ask of it.
type memory struct {
	state        map[string][]byte
	private      map[string][]byte
	now          time.Time
	transactions uint32
	reads, calls int // keys read, and calls that read them
	writes       int
}

func newMemory() *memory {
	return &memory{state: make(map[string][]byte), private: make(map[string][]byte), now: time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)}
}

func (m *memory) Get(keys ...string) ([][]byte, error) {
	m.calls++
	m.reads += len(keys)
	values := make([][]byte, len(keys))
	for i, key := range keys {
		values[i] = m.state[key]
	}
	return values, nil
}

func (m *memory) Range(from, to string, most int) ([]keyValue, error) {
	m.calls++
	var found []keyValue
	for _, key := range m.keys(from[:2]) {
		if from <= key && key < to && len(found) < most {
			found = append(found, keyValue{key, m.state[key]})
		}
	}
	m.reads += len(found)
	return found, nil
}

// keys gives the keys under a prefix, sorted.
func (m *memory) keys(prefix string) []string {
	var keys []string
	for key := range m.state {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// begin opens a transaction, under an id that counts up.
func (m *memory) begin() *transaction {
	m.transactions++
	var id ledger.TransactionID
	binary.BigEndian.PutUint32(id[:], m.transactions)
	return newTransaction(m, id, m.now)
}

// commit writes what a transaction came to.
func (m *memory) commit(t *transaction) {
	t.finish()
	m.writes += len(t.public) + len(t.private)
	for state, writes := range map[*map[string][]byte][]keyValue{&m.state: t.public, &m.private: t.private} {
		for _, w := range writes {
			if w.value == nil {
				delete(*state, w.key)
			} else {
				(*state)[w.key] = w.value
			}
		}
	}
}

// record submits tickets, in the order of their keys.
func (m *memory) record(t testing.TB, batch ...ledger.Submission) ledger.Answer {
	t.Helper()
	return m.judge(t, record, withLots(batch))
}

// withLots gives tickets the lots that their bodies are to have in common. What is in them the chaincode does not look at.
func withLots(tickets []ledger.Submission) ledger.Batch {
	batch := ledger.Batch{Submissions: tickets}
	for number := 0; number*ledger.ChunkSlots < len(tickets); number++ {
		batch.Lots = append(batch.Lots, fmt.Appendf(nil, "lot %d", number))
	}
	return batch
}

func (m *memory) settle(t testing.TB, batch ...ledger.Submission) ledger.Answer {
	t.Helper()
	return m.judge(t, settle, ledger.Batch{Submissions: batch})
}

func (m *memory) judge(t testing.TB, judge func(*transaction, ledger.Batch) (ledger.Answer, error), batch ledger.Batch) ledger.Answer {
	t.Helper()
	batch.Submissions = slices.Clone(batch.Submissions)
	slices.SortFunc(batch.Submissions, func(a, b ledger.Submission) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	encoded, err := ledger.EncodeBatch(batch)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := ledger.DecodeBatch(encoded)
	if err != nil {
		t.Fatal(err)
	}
	transaction := m.begin()
	answer, err := judge(transaction, decoded)
	if err != nil {
		t.Fatal(err)
	}
	m.commit(transaction)
	return answer
}

// run calls a function of the contract, and keeps what it wrote.
func run[R, A any](t testing.TB, m *memory, function func(*transaction, R) (A, bool, error), request R) A {
	t.Helper()
	answer, err := try(m, function, request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func try[R, A any](m *memory, function func(*transaction, R) (A, bool, error), request R) (A, error) {
	transaction := m.begin()
	answer, changed, err := function(transaction, request)
	if err == nil && changed {
		m.commit(transaction)
	}
	return answer, err
}

// balance adds up an account from the ledger: entries not folded, buckets, holds, debt.
func (m *memory) balance(t testing.TB, of ledger.Account) int64 {
	t.Helper()
	sum := m.mustHead(t, of)
	total := sum.Available() + sum.Held()
	for key, value := range m.state {
		if owner, _, ok := ledger.ParseEntryKey(key); ok && owner == of {
			total += mustEntry(t, value).Points
		}
	}
	return total
}

// outstanding adds up all accounts, and what their holds keep aside.
func (m *memory) outstanding(t testing.TB) (outstanding, held int64) {
	t.Helper()
	for _, of := range m.accounts() {
		outstanding += m.balance(t, of)
		head := m.mustHead(t, of)
		held += head.Held()
	}
	return outstanding, held
}

func (m *memory) accounts() []ledger.Account {
	found := make(map[ledger.Account]bool)
	for key := range m.state {
		if owner, _, _, ok := ledger.ParseEntryPlace(key); ok {
			found[owner] = true
		}
		if owner, ok := ledger.ParseHeadKey(key); ok {
			found[owner] = true
		}
	}
	return slices.Collect(maps.Keys(found))
}

func (m *memory) totals(t testing.TB) ledger.Totals {
	t.Helper()
	sum, err := ledger.DecodeTotals(m.state[ledger.BaseTotalsKey])
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range m.keys(ledger.TotalsPrefix) {
		totals, err := ledger.DecodeTotals(m.state[key])
		if err != nil {
			t.Fatal(err)
		}
		sum.Add(totals)
	}
	return sum
}

// checkTotals holds the totals to the sum of the accounts.
func (m *memory) checkTotals(t testing.TB) {
	t.Helper()
	outstanding, held := m.outstanding(t)
	if totals := m.totals(t); totals.Outstanding() != outstanding || totals.Held != held {
		t.Fatalf("totals %+v (outstanding %d) against accounts that hold %d, of which %d held", totals, totals.Outstanding(), outstanding, held)
	}
}

func (m *memory) mustHead(t testing.TB, of ledger.Account) account.Head {
	t.Helper()
	head, err := ledger.DecodeHead(m.state[ledger.HeadKey(of)])
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func mustEntry(t testing.TB, value []byte) ledger.Entry {
	t.Helper()
	entry, err := ledger.DecodeEntry(value)
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

// credits names all credits of an account that are not folded.
func (m *memory) credits(of ledger.Account) []string {
	from, _ := ledger.CreditRange(of)
	var ids []string
	for _, key := range m.keys(from) {
		ids = append(ids, strings.TrimPrefix(key, from))
	}
	return ids
}
