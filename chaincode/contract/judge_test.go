package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/domain/ticket"
)

var transaction = ledger.TransactionID{1}

// submission makes a ticket of a member (account 0: none) with a total in minor units.
func submission(t *testing.T, number int, account byte, grand int) ledger.Submission {
	t.Helper()
	kind, quantity := "Sale", "1"
	if grand < 0 {
		kind, quantity = "Return", "-1"
	}
	loyalty := ""
	if account != 0 {
		loyalty = `"loyaltyId":"member",`
	}
	decoded, err := ticket.Decode(fmt.Appendf(nil, `{"schemaVersion":"1","transactionId":"018f3e6a-0000-7000-8000-%012d",
		"transactionType":"%s","storeId":"1","workstationId":"1","sequenceNumber":%d,"businessDayDate":"2026-03-01",
		"endDateTime":"2026-03-01T10:00:00Z",%s"currencyCode":"EUR","totals":{"grand":%d},
		"lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"%s","extendedAmount":%d}]}`,
		number, kind, number, loyalty, grand, quantity, grand))
	if err != nil {
		t.Fatal(err)
	}
	secrets := commitment.Derive([32]byte{byte(number), byte(number >> 8)})
	facts := commitment.Facts{RetailerID: "main", Account: [16]byte{account}, Reference: func(string) [32]byte { return [32]byte{} }}
	tree, err := commitment.Build(decoded, facts, secrets)
	if err != nil {
		t.Fatal(err)
	}
	s := ledger.Submission{Key: ledger.TicketKey{byte(number >> 8), byte(number)}, Commitment: tree.Root(), Sealed: fmt.Appendf(nil, "body %d", number)}
	if account != 0 {
		s.Points = tree.Open(decoded, facts, secrets)
	}
	return s
}

// before is a ledger that has nothing of the batch.
func before(batch []ledger.Submission) state {
	return state{transaction: transaction, programme: points.Default, records: make([][]byte, len(batch)), entries: make([][]byte, len(batch))}
}

func mustJudge(t *testing.T, batch []ledger.Submission, s state) outcome {
	t.Helper()
	o, err := judge(batch, s)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func written(o outcome, prefix string) map[string][]byte {
	found := make(map[string][]byte)
	for _, w := range slices.Concat(o.writes.public, o.writes.private) {
		if strings.HasPrefix(w.key, prefix) {
			found[w.key] = w.value
		}
	}
	return found
}

func TestANewBatchIsRecorded(t *testing.T) {
	batch := []ledger.Submission{submission(t, 1, 7, 12345), submission(t, 2, 0, 500), submission(t, 3, 7, -12345), submission(t, 4, 8, 99)}
	o := mustJudge(t, batch, before(batch))
	if o.answer.Outcomes != "rrrr" {
		t.Fatalf("outcomes %s, reasons %v", o.answer.Outcomes, o.answer.Reasons)
	}
	records := written(o, ledger.RecordPrefix)
	for i, s := range batch {
		record, err := ledger.DecodeRecord(records[ledger.RecordKey(s.Key)])
		if err != nil || record.Commitment != s.Commitment || record.TransactionID != transaction || record.Programme != 1 || int(record.Slot) != i {
			t.Errorf("ticket %d: record %+v, %v", i, record, err)
		}
	}
	got := make(map[string]int64)
	for _, prefix := range []string{"c/", "d/"} {
		for key, value := range written(o, prefix) {
			entry, err := ledger.DecodeEntry(value)
			if err != nil || entry.RuleVersion != 1 || entry.Currency != "EUR" || entry.BusinessDay != "2026-03-01" {
				t.Errorf("entry %+v, %v", entry, err)
			}
			got[key[:4]] += entry.Points
		}
	}
	if want := map[string]int64{"c/07": 123, "d/07": -123, "c/08": 0}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("points %v, want %v", got, want)
	}
	totals, err := ledger.DecodeTotals(written(o, "s/")[ledger.TotalsKey(transaction.String())])
	if err != nil || totals != (ledger.Totals{Issued: 123, Debited: 123}) {
		t.Errorf("totals %+v, %v", totals, err)
	}
}

func TestBodiesArePackedInChunksOfFifty(t *testing.T) {
	var batch []ledger.Submission
	for number := range 120 {
		batch = append(batch, submission(t, number+1, 0, 100))
	}
	o := mustJudge(t, batch, before(batch))
	chunks := written(o, "b/")
	if len(chunks) != 3 {
		t.Fatalf("%d chunks, want 3", len(chunks))
	}
	for i, s := range batch {
		record, err := ledger.DecodeRecord(written(o, ledger.RecordKey(s.Key))[ledger.RecordKey(s.Key)])
		if err != nil {
			t.Fatal(err)
		}
		slots, err := ledger.DecodeChunk(chunks[ledger.ChunkKey(transaction.String(), record.Chunk)])
		if err != nil || slots[record.Slot].Key != s.Key || string(slots[record.Slot].Sealed) != string(s.Sealed) {
			t.Fatalf("ticket %d is not where its record says: %v", i, err)
		}
	}
}

func TestWhatIsThereIsNotRecordedAgain(t *testing.T) {
	batch := []ledger.Submission{submission(t, 1, 7, 10000), submission(t, 2, 7, 10000), submission(t, 3, 7, 10000)}
	earlier := ledger.TransactionID{9}
	s := before(batch)
	s.records[0] = ledger.Record{Commitment: batch[0].Commitment, TransactionID: earlier}.Encode()
	s.records[1] = ledger.Record{Commitment: [32]byte{66}, TransactionID: earlier}.Encode()
	o := mustJudge(t, batch, s)
	if o.answer.Outcomes != "acr" {
		t.Fatalf("outcomes %s, want acr", o.answer.Outcomes)
	}
	if o.answer.Already[0] != earlier.String() {
		t.Errorf("the earlier transaction is not named: %v", o.answer.Already)
	}
	if len(written(o, "t/")) != 1 || len(written(o, "c/")) != 1 {
		t.Errorf("it writes %d records and %d credits, want one of each", len(written(o, "t/")), len(written(o, "c/")))
	}

	all := before(batch)
	for i := range batch {
		all.records[i] = ledger.Record{Commitment: batch[i].Commitment, TransactionID: earlier}.Encode()
	}
	if o := mustJudge(t, batch, all); len(o.writes.public)+len(o.writes.private) != 0 {
		t.Errorf("a batch that is there already writes %d keys", len(o.writes.public)+len(o.writes.private))
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
	} {
		batch := []ledger.Submission{submission(t, 1, 7, 10000), submission(t, 2, 8, 10000)}
		forge(&batch[0])
		o := mustJudge(t, batch, before(batch))
		if o.answer.Outcomes != "xr" || o.answer.Reasons[0] == "" {
			t.Errorf("%s: outcomes %s, reasons %v; want the first refused with a reason", name, o.answer.Outcomes, o.answer.Reasons)
		}
		if len(written(o, "c/")) != 1 || len(written(o, "t/")) != 1 {
			t.Errorf("%s: the refused ticket leaves something on the ledger", name)
		}
	}
}

func TestACreditNeverReplacesAnother(t *testing.T) {
	batch := []ledger.Submission{submission(t, 1, 7, 10000)}
	s := before(batch)
	s.entries[0] = []byte("a credit is there")
	if o := mustJudge(t, batch, s); o.answer.Outcomes != "x" {
		t.Errorf("outcomes %s: it replaces an entry of the ledger", o.answer.Outcomes)
	}
	twin := submission(t, 1, 7, 10000)
	twin.Key = ledger.TicketKey{200}
	twins := []ledger.Submission{batch[0], twin}
	if o := mustJudge(t, twins, before(twins)); o.answer.Outcomes != "rx" {
		t.Errorf("outcomes %s: it replaces an entry of its own transaction", o.answer.Outcomes)
	}
}

func TestTheRuleOfTheBusinessDayCounts(t *testing.T) {
	batch := []ledger.Submission{submission(t, 1, 7, 10000)}
	s := before(batch)
	s.programme = points.Programme{{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100}, {Version: 2, EffectiveFrom: "2026-03-01", RateBasisPoints: 300}, {Version: 3, EffectiveFrom: "2026-03-02", RateBasisPoints: 900}}
	o := mustJudge(t, batch, s)
	for _, value := range written(o, "c/") {
		if entry, err := ledger.DecodeEntry(value); err != nil || entry.Points != 300 || entry.RuleVersion != 2 {
			t.Errorf("entry %+v, %v; want 300 points by rule 2", entry, err)
		}
	}
	s.programme = points.Programme{{Version: 1, EffectiveFrom: "2027-01-01", RateBasisPoints: 100}}
	if o := mustJudge(t, batch, s); o.answer.Outcomes != "x" {
		t.Errorf("outcomes %s: points without a rule", o.answer.Outcomes)
	}
}

// What the block shows of a batch must not join a ticket to its points.
func TestTheAnswerTellsNoPoints(t *testing.T) {
	batch := []ledger.Submission{submission(t, 1, 7, 4711_00), submission(t, 2, 8, 815_00)}
	o := mustJudge(t, batch, before(batch))
	text, err := o.answer.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if text != `{"version":1,"outcomes":"rr"}` {
		t.Errorf("the answer says more than the outcomes: %s", text)
	}
}
