package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

// outcome gives what an answer says of one ticket of a batch.
func outcome(answer ledger.Answer, batch []ledger.Submission, of *slip) string {
	place := 0
	for _, other := range batch {
		if strings.Compare(other.Key.String(), of.key().String()) < 0 {
			place++
		}
	}
	return answer.Outcomes[place:place+1] + answer.Flags[place]
}

func TestANewBatchIsRecorded(t *testing.T) {
	m := newMemory()
	slips := []*slip{{number: 1, member: 7, cents: 12345}, {number: 2, cents: 500}, {number: 3, member: 7, cents: -12345}, {number: 4, member: 8, cents: 99}}
	var batch []ledger.Submission
	for _, s := range slips {
		batch = append(batch, s.submission(t))
	}
	answer := m.record(t, batch...)
	if answer.Outcomes != "rrrr" {
		t.Fatalf("outcomes %s, reasons %v", answer.Outcomes, answer.Reasons)
	}
	for i, s := range batch {
		record, err := ledger.DecodeRecord(m.state[ledger.RecordKey(s.Key)])
		if err != nil || record.Commitment != s.Commitment || record.Programme != 1 {
			t.Errorf("ticket %d: record %+v, %v", i, record, err)
		}
		chunk, err := ledger.DecodeChunk(m.private[ledger.ChunkKey(record.TransactionID.String(), record.Chunk)])
		if err != nil || string(chunk.Lot) != "lot 0" || string(chunk.Slots[record.Slot].Sealed) != string(s.Sealed) {
			t.Errorf("ticket %d: its body is not where its record says: %v", i, err)
		}
	}
	if credits, debits := len(m.keys("c/")), len(m.keys("d/")); credits != 2 || debits != 1 {
		t.Errorf("%d credits and %d debits, want 2 and 1: a return stands among the debits", credits, debits)
	}
	if got := m.totals(t); got != (ledger.Totals{Issued: 123, Debited: 123}) {
		t.Errorf("totals %+v", got)
	}
}

func TestBodiesArePackedInChunksOfFifty(t *testing.T) {
	m := newMemory()
	var batch []ledger.Submission
	for number := range 120 {
		batch = append(batch, (&slip{number: number + 1, cents: 100}).submission(t))
	}
	m.record(t, batch...)
	if len(m.private) != 3 {
		t.Fatalf("%d chunks, want 3", len(m.private))
	}
	for _, s := range batch {
		record, err := ledger.DecodeRecord(m.state[ledger.RecordKey(s.Key)])
		if err != nil {
			t.Fatal(err)
		}
		chunk, err := ledger.DecodeChunk(m.private[ledger.ChunkKey(record.TransactionID.String(), record.Chunk)])
		if err != nil || string(chunk.Lot) != fmt.Sprint("lot ", record.Chunk) || string(chunk.Slots[record.Slot].Sealed) != string(s.Sealed) {
			t.Fatalf("ticket %s: its body is not where its record says: %v", s.Key, err)
		}
	}
}

// Erasure looks for a body where its record says, and nowhere else.
func TestNoPersonPartIsKeptOfATicketThatIsNotRecorded(t *testing.T) {
	m := newMemory()
	var there []ledger.Submission
	for number := range ledger.ChunkSlots {
		there = append(there, (&slip{number: number + 1, cents: 100}).submission(t))
	}
	m.record(t, there...)
	fresh := (&slip{number: 100, cents: 100}).submission(t)
	clear(m.private)
	m.record(t, append(slices.Clone(there), fresh)...)
	filled := 0
	for _, value := range m.private {
		chunk, err := ledger.DecodeChunk(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, slot := range chunk.Slots {
			if len(slot.Sealed) > 0 {
				filled++
			}
		}
	}
	if len(m.private) != 1 || filled != 1 {
		t.Errorf("%d chunks with %d person parts, want one with that of the new ticket", len(m.private), filled)
	}
	m.record(t, append(slices.Clone(there), fresh)...)
	if len(m.private) != 1 {
		t.Error("a batch that records nothing wrote a chunk")
	}
}

func TestABatchWithoutBodiesIsNotRecorded(t *testing.T) {
	m := newMemory()
	if _, err := record(m.begin(), ledger.Batch{Submissions: []ledger.Submission{(&slip{number: 1, cents: 100}).submission(t)}}); err == nil {
		t.Error("a ticket is recorded without its body")
	}
}

func TestWhatIsThereIsNotRecordedAgain(t *testing.T) {
	m := newMemory()
	there, altered, fresh := &slip{number: 1, member: 7, cents: 10000}, &slip{number: 2, member: 7, cents: 10000}, &slip{number: 3, member: 7, cents: 10000}
	m.record(t, there.submission(t), altered.submission(t))
	altered.cents++
	batch := []ledger.Submission{there.submission(t), altered.submission(t), fresh.submission(t)}
	answer := m.record(t, batch...)
	for of, want := range map[*slip]string{there: "a", altered: "c", fresh: "r"} {
		if got := outcome(answer, batch, of); got != want {
			t.Errorf("ticket %d: outcome %s, want %s", of.number, got, want)
		}
	}
	if balance := m.balance(t, accountOf(7)); balance != 300 {
		t.Errorf("balance %d, want 300", balance)
	}
	writes := m.writes
	if answer := m.record(t, there.submission(t), fresh.submission(t)); answer.Outcomes != "aa" || m.writes != writes {
		t.Errorf("outcomes %s and %d writes for a batch that is there already", answer.Outcomes, m.writes-writes)
	}
}

func TestPointsThatTheCommitmentDoesNotHoldAreRefused(t *testing.T) {
	for name, forge := range map[string]func(*ledger.Submission){
		"more points":        func(s *ledger.Submission) { s.Points.Eligible *= 100 },
		"another account":    func(s *ledger.Submission) { s.Points.Account = [16]byte{99} },
		"another day":        func(s *ledger.Submission) { s.Points.BusinessDay = "2020-01-01" },
		"another entry id":   func(s *ledger.Submission) { s.Points.EntryID = [16]byte{1} },
		"no account":         func(s *ledger.Submission) { s.Points.Account = [16]byte{} },
		"a day that is none": func(s *ledger.Submission) { s.Points.BusinessDay = "2026-02-30" },
		"a currency in JSON": func(s *ledger.Submission) { s.Points.Currency = `E"}` },
		"an amount too big":  func(s *ledger.Submission) { s.Points.Eligible = points.MaxEligible + 1 },
		"no undo":            func(s *ledger.Submission) { s.Points.Undoes, s.Originals = nil, nil },
		"a smaller undo":     func(s *ledger.Submission) { s.Points.Undoes[0].Amount++ },
		"no redemption":      func(s *ledger.Submission) { s.Points.Redemptions = nil },
	} {
		m := newMemory()
		sale := &slip{number: 5, member: 7, cents: 500}
		s := &slip{number: 1, member: 7, cents: 10000, returns: []returned{{sale, 500}}, paid: []paid{{uuid(900), 10}}}
		forged := s.submission(t)
		forge(&forged)
		answer := m.record(t, forged)
		if answer.Outcomes != "x" || answer.Reasons[0] == "" {
			t.Errorf("%s: outcomes %s, reasons %v; want it refused with a reason", name, answer.Outcomes, answer.Reasons)
		}
		if len(m.state) != 0 {
			t.Errorf("%s: the refused ticket leaves %d keys on the ledger", name, len(m.state))
		}
	}
}

func TestACreditNeverReplacesAnother(t *testing.T) {
	m := newMemory()
	first := (&slip{number: 1, member: 7, cents: 10000}).submission(t)
	twin := first
	twin.Key = ledger.TicketKey{200}
	if answer := m.record(t, first, twin); !strings.Contains("rx xr", answer.Outcomes) {
		t.Errorf("outcomes %s: it replaces an entry of its own transaction", answer.Outcomes)
	}
	twin.Key = ledger.TicketKey{201}
	if answer := m.record(t, twin); answer.Outcomes != "x" {
		t.Errorf("outcomes %s: it replaces an entry of the ledger", answer.Outcomes)
	}
	// Folded, the entry stands elsewhere. A second one of the same id may be written, but never be folded over the first.
	run(t, m, foldAccount, ledger.FoldRequest{Account: accountOf(7).String(), Fold: m.credits(accountOf(7))})
	m.record(t, twin)
	if answer := run(t, m, foldAccount, ledger.FoldRequest{Account: accountOf(7).String(), Fold: m.credits(accountOf(7))}); answer.Credits != 0 {
		t.Error("a folded entry is replaced by another")
	}
	m.checkTotals(t)
}

func TestTheRuleOfTheBusinessDayCounts(t *testing.T) {
	m := newMemory()
	m.setProgramme(t,
		points.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100},
		points.Rule{Version: 2, EffectiveFrom: "2026-03-01", RateBasisPoints: 300, ValidityMonths: 12},
		points.Rule{Version: 3, EffectiveFrom: "2026-03-02", RateBasisPoints: 900})
	m.record(t, (&slip{number: 1, member: 7, cents: 10000}).submission(t))
	entry := mustEntry(t, m.state[m.keys("c/")[0]])
	if entry.Points != 300 || entry.RuleVersion != 2 || entry.ExpiryMonth.String() != "2027-03" {
		t.Errorf("entry %+v; want 300 points by rule 2 that expire a year after they were recorded", entry)
	}
	m.setProgramme(t, points.Rule{Version: 1, EffectiveFrom: "2027-01-01", RateBasisPoints: 100})
	if answer := m.record(t, (&slip{number: 2, member: 7, cents: 10000}).submission(t)); answer.Outcomes != "x" {
		t.Errorf("outcomes %s: points without a rule", answer.Outcomes)
	}
}

func TestALateTicketGetsTheLowerRate(t *testing.T) {
	for name, test := range map[string]struct {
		day        string
		rates      [2]uint32
		lateDays   uint16
		wantPoints int64
	}{
		"in time":                   {"2026-02-28", [2]uint32{300, 100}, 10, 300},
		"late, and the rate fell":   {"2026-02-27", [2]uint32{300, 100}, 10, 100},
		"late, and the rate rose":   {"2026-02-27", [2]uint32{100, 300}, 10, 100},
		"late, but nothing is said": {"2026-01-01", [2]uint32{300, 100}, 0, 300},
	} {
		m := newMemory()
		m.now = time.Date(2026, 3, 10, 23, 59, 0, 0, time.UTC)
		m.setProgramme(t,
			points.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: test.rates[0]},
			points.Rule{Version: 2, EffectiveFrom: "2026-03-01", RateBasisPoints: test.rates[1], LateDays: test.lateDays})
		m.record(t, (&slip{number: 1, member: 7, cents: 10000, day: test.day}).submission(t))
		if balance := m.balance(t, accountOf(7)); balance != test.wantPoints {
			t.Errorf("%s: %d points, want %d", name, balance, test.wantPoints)
		}
	}
}

func TestAProgrammeInACurrencyConverts(t *testing.T) {
	m := newMemory()
	m.setProgramme(t, points.Rule{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100, Currency: "CHF"})
	sale := &slip{number: 1, member: 7, cents: 10000}
	s := sale.submission(t)
	if _, err := record(m.begin(), withLots([]ledger.Submission{s})); err == nil || !strings.Contains(err.Error(), "CHF") {
		t.Errorf("without a conversion: got %v, want an error that names the currency", err)
	}
	s.Conversion = ledger.Conversion{Rate: 938_000_000, Source: "ECB 2026-03-01"}
	if answer := m.record(t, s); answer.Programme != 1 {
		t.Errorf("the answer names the rules of version %d, want 1", answer.Programme)
	}
	entry := mustEntry(t, m.state[m.keys("c/")[0]])
	if entry.Points != 93 || entry.Conversion != 938_000_000 || entry.Source != "ECB 2026-03-01" {
		t.Errorf("entry %+v, want 93 points and the conversion", entry)
	}
	// The return is undone by the sale's own rate, whatever it is now.
	back := &slip{number: 2, member: 7, returns: []returned{{sale, 10000}}}
	r := back.submission(t)
	r.Conversion = ledger.Conversion{Rate: 2_000_000_000, Source: "another"}
	m.record(t, r)
	if balance := m.balance(t, accountOf(7)); balance != 0 {
		t.Errorf("balance %d after buying and returning, want 0", balance)
	}
}

// What the block shows of a batch must not join a ticket to its points.
func TestTheAnswerTellsNoPoints(t *testing.T) {
	m := newMemory()
	answer := m.record(t, (&slip{number: 1, member: 7, cents: 4711_00}).submission(t), (&slip{number: 2, member: 8, cents: 815_00}).submission(t))
	text, err := answer.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if text != `{"version":1,"outcomes":"rr"}` {
		t.Errorf("the answer says more than the outcomes: %s", text)
	}
}

// A plain batch must stay as cheap as it is: its keys are read in one call.
func TestAPlainBatchReadsOnce(t *testing.T) {
	m := newMemory()
	var batch []ledger.Submission
	for number := range 100 {
		batch = append(batch, (&slip{number: number + 1, member: 7, cents: 100}).submission(t))
	}
	m.record(t, batch...)
	if m.calls != 1 || m.reads != 201 {
		t.Errorf("%d reads in %d calls, want 201 in 1", m.reads, m.calls)
	}
}

func (m *memory) setProgramme(t testing.TB, rules ...points.Rule) {
	t.Helper()
	value, err := ledger.EncodeProgramme(rules)
	if err != nil {
		t.Fatal(err)
	}
	m.state[ledger.ProgrammeKey] = value
}
