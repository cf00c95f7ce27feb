package ledger_test

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/domain/account"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/points"
)

var update = flag.Bool("update", false, "write the golden file anew; a changed one is a migration of every ledger there is")

var (
	till        = ledger.TillNumber{RetailerID: "main", StoreID: "Nord/1", WorkstationID: "2", BusinessDay: "2026-03-01", SequenceNumber: 7}
	key         = till.Key(bytes.Repeat([]byte{7}, 32))
	transaction = ledger.TransactionID{0xab, 31: 0xcd}
	record      = ledger.Record{Commitment: [32]byte{1, 31: 2}, Programme: 3, TransactionID: transaction, Chunk: 4, Slot: 5}
	entry       = ledger.Entry{Kind: ledger.Accrual, Points: -12, Eligible: -1299, Currency: "EUR", BusinessDay: "2026-03-01", RuleVersion: 1, ExpiryMonth: 24323, Conversion: 1_080_000_000, Source: "ECB 2026-03-01"}
	totals      = ledger.Totals{Issued: 5, Debited: 4, Held: 3, Redeemed: 2, Expired: 1}
	chunk       = ledger.Chunk{Lot: []byte("lot"), Slots: []ledger.Slot{{Sealed: []byte("sealed")}, {Sealed: []byte{}}}}
	chunkAlone  = ledger.Chunk{Slots: []ledger.Slot{{Key: key, Sealed: []byte("sealed")}, {Key: ledger.TicketKey{2}, Sealed: []byte{}}}}
	programme   = points.Programme{{Version: 1, EffectiveFrom: "0001-01-01", RateBasisPoints: 100}, {Version: 2, EffectiveFrom: "2027-01-01", RateBasisPoints: 150, Currency: "EUR", ValidityMonths: 24, LateDays: 30, BareLoyaltyID: true}}
	opening     = &commitment.Opening{Account: [16]byte{1}, EntryID: [16]byte{2}, Eligible: -1299, Currency: "EUR",
		BusinessDay: "2026-03-01", Reference: [32]byte{11}, Undoes: []commitment.Undo{{Amount: -1299, Reference: [32]byte{12}}},
		Redemptions: []commitment.Redemption{{ID: "018f3e6a-0000-7000-8000-00000000000a", Points: -250}},
		Salts:       [7][32]byte{{3}, {4}, {5}, {6}, {13}, {14}, {15}}, Reserved: [32]byte{16}, Siblings: [][32]byte{{7}, {8}, {9}}}
	voiding = &commitment.Opening{Currency: "EUR", BusinessDay: "2026-03-02", Reference: [32]byte{21},
		Undoes: []commitment.Undo{{Amount: 1299, Reference: [32]byte{11}, Void: true}}}
	batch = ledger.Batch{Lots: [][]byte{[]byte("lot")}, Submissions: []ledger.Submission{
		{Key: ledger.TicketKey{1}, Commitment: [32]byte{1}, Points: opening, Originals: []*ledger.Original{nil},
			Conversion: ledger.Conversion{Rate: 1_080_000_000, Source: "ECB 2026-03-01"}, Sealed: []byte("one")},
		{Key: ledger.TicketKey{2}, Commitment: [32]byte{2}, Sealed: []byte("two")},
		{Key: ledger.TicketKey{3}, Commitment: [32]byte{3}, Points: voiding, Originals: []*ledger.Original{
			{Key: ledger.TicketKey{1}, Opening: opening, Originals: []*ledger.Original{{Key: ledger.TicketKey{9}, Opening: sale}}},
		}, Sealed: []byte("three")},
	}}
	sale  = &commitment.Opening{Currency: "EUR", BusinessDay: "2026-02-28", Eligible: 1299, Reference: [32]byte{12}}
	parts = []account.Part{{Month: 24323, Points: 7}, {Month: points.Never, Points: 9}}
	head  = account.Head{Revision: 6, Buckets: parts, Holds: []account.OpenHold{{ID: [16]byte{5}, ExpiresAt: 1_800_000_000, Points: 4}}}
	debt  = account.Head{Revision: 7, Debt: 8}
	hold  = account.Hold{State: account.Captured, Account: [16]byte{1}, Points: 20, Captured: 16, Claimed: 15, GivenBack: 3,
		ExpiresAt: 1_800_000_000, Parts: parts, Digest: [32]byte{17}}
	transfer = ledger.Transfer{From: ledger.Account{1}, To: ledger.Account{2}, Points: 16, Parts: parts, Digest: [32]byte{18}}
	proposal = ledger.Proposal{Proposer: "BrandsMSP", Rule: programme[1]}
)

// encodings are one value of each kind.
func encodings(t testing.TB) map[string][]byte {
	t.Helper()
	must := func(value []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	return map[string][]byte{
		"record":      record.Encode(),
		"entry":       must(entry.Encode()),
		"totals":      totals.Encode(),
		"chunk":       must(ledger.EncodeChunk(chunk)),
		"chunk alone": must(ledger.EncodeChunk(chunkAlone)),
		"programme":   must(ledger.EncodeProgramme(programme)),
		"batch":       must(ledger.EncodeBatch(batch)),
		"head":        ledger.EncodeHead(head),
		"debt":        ledger.EncodeHead(debt),
		"hold":        ledger.EncodeHold(hold),
		"transfer":    transfer.Encode(),
		"proposal":    must(proposal.Encode()),
		"left":        ledger.EncodeLeft(-300),
		"revision":    ledger.EncodeRevision(2),
	}
}

// decoders read a value and give it back for comparison.
var decoders = map[string]func([]byte) (any, error){
	"record":      func(v []byte) (any, error) { return ledger.DecodeRecord(v) },
	"entry":       func(v []byte) (any, error) { return ledger.DecodeEntry(v) },
	"totals":      func(v []byte) (any, error) { return ledger.DecodeTotals(v) },
	"chunk":       func(v []byte) (any, error) { return ledger.DecodeChunk(v) },
	"chunk alone": func(v []byte) (any, error) { return ledger.DecodeChunk(v) },
	"programme":   func(v []byte) (any, error) { return ledger.DecodeProgramme(v) },
	"batch":       func(v []byte) (any, error) { return ledger.DecodeBatch(v) },
	"head":        func(v []byte) (any, error) { return ledger.DecodeHead(v) },
	"debt":        func(v []byte) (any, error) { return ledger.DecodeHead(v) },
	"hold":        func(v []byte) (any, error) { return ledger.DecodeHold(v) },
	"transfer":    func(v []byte) (any, error) { return ledger.DecodeTransfer(v) },
	"proposal":    func(v []byte) (any, error) { return ledger.DecodeProposal(v) },
	"left":        func(v []byte) (any, error) { return ledger.DecodeLeft(v) },
	"revision":    func(v []byte) (any, error) { return ledger.DecodeRevision(v) },
}

func TestTheBytesAreWhatTheyWere(t *testing.T) {
	var got bytes.Buffer
	encoded := encodings(t)
	for _, name := range slices.Sorted(maps.Keys(encoded)) {
		fmt.Fprintf(&got, "%s %s\n", name, hex.EncodeToString(encoded[name]))
	}
	for _, line := range []string{
		ledger.RecordKey(key), ledger.EntryKey(ledger.Account{1}, ledger.EntryID{2}, 0), ledger.EntryKey(ledger.Account{1}, ledger.EntryID{2}, -1),
		ledger.TotalsKey(transaction.String()), ledger.ChunkKey(transaction.String(), 10), ledger.ProgrammeKey,
		ledger.RewrittenChunkKey(transaction.String(), 10, 2), ledger.RevisionKey(transaction.String(), 10),
		ledger.FoldedKey(ledger.Account{1}, ledger.EntryID{2}), ledger.HeadKey(ledger.Account{1}), ledger.HoldKey(ledger.HoldID{3}),
		ledger.TransferKey(ledger.TransferID{4}), ledger.LeftKey(ledger.EntryID{2}), ledger.ProposalKey(12),
		ledger.MarkerKey(ledger.Account{1}), ledger.BaseTotalsKey,
		hex.EncodeToString(ledger.LogEntry("tickets", key, record.Commitment)),
	} {
		fmt.Fprintln(&got, line)
	}
	golden := filepath.Join("testdata", "bytes.golden")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n%swant\n%s", got.Bytes(), want)
	}
}

func TestWhatIsEncodedComesBack(t *testing.T) {
	want := map[string]any{"record": record, "entry": entry, "totals": totals, "chunk": chunk, "chunk alone": chunkAlone, "programme": programme, "batch": batch,
		"head": head, "debt": debt, "hold": hold, "transfer": transfer, "proposal": proposal, "left": int64(-300), "revision": uint16(2)}
	for name, value := range encodings(t) {
		got, err := decoders[name](value)
		if err != nil || !reflect.DeepEqual(got, want[name]) {
			t.Errorf("%s: got %+v, %v; want %+v", name, got, err, want[name])
		}
	}
}

func TestMalformedValuesAreRefused(t *testing.T) {
	for name, value := range encodings(t) {
		decode := decoders[name]
		for n := 1; n < len(value); n++ {
			if _, err := decode(value[:n]); err == nil {
				t.Errorf("%s: cut to %d of %d bytes it is accepted", name, n, len(value))
			}
		}
		if _, err := decode(append(bytes.Clone(value), 0)); err == nil {
			t.Errorf("%s: one byte more is accepted", name)
		}
		other := bytes.Clone(value)
		other[0] = 9
		if _, err := decode(other); err == nil || !strings.Contains(err.Error(), "version 9") {
			t.Errorf("%s: version 9: got %v, want an error that names it", name, err)
		}
	}
}

func TestABatchHasOneForm(t *testing.T) {
	one, two := batch.Submissions[0], batch.Submissions[1]
	for name, batch := range map[string]ledger.Batch{
		"empty": {}, "descending": {Submissions: []ledger.Submission{two, one}}, "twice the same": {Submissions: []ledger.Submission{one, one}},
		"too many":      {Submissions: make([]ledger.Submission, ledger.MaxBatch+1)},
		"too many lots": {Submissions: []ledger.Submission{one, two}, Lots: [][]byte{{1}, {2}}},
		"an empty lot":  {Submissions: []ledger.Submission{one, two}, Lots: [][]byte{{}}},
	} {
		if _, err := ledger.EncodeBatch(batch); err == nil {
			t.Errorf("%s: it is encoded", name)
		}
	}
}

func TestNoTwoTillNumbersShareAKey(t *testing.T) {
	seen := make(map[ledger.TicketKey]ledger.TillNumber)
	secret := []byte("retail key")
	for _, n := range []ledger.TillNumber{
		till,
		{RetailerID: "mai", StoreID: "nNord/1", WorkstationID: "2", BusinessDay: "2026-03-01", SequenceNumber: 7},
		{RetailerID: "main", StoreID: "Nord/12", WorkstationID: "", BusinessDay: "2026-03-01", SequenceNumber: 7},
		{RetailerID: "main", StoreID: "Nord/1", WorkstationID: "2", BusinessDay: "2026-03-02", SequenceNumber: 7},
		{RetailerID: "main", StoreID: "Nord/1", WorkstationID: "2", BusinessDay: "2026-03-01", SequenceNumber: 8},
	} {
		if other, taken := seen[n.Key(secret)]; taken {
			t.Errorf("%+v and %+v share a key", n, other)
		}
		seen[n.Key(secret)] = n
	}
	if till.Key([]byte("another key")) == till.Key(secret) {
		t.Error("the key does not depend on the retailer's secret")
	}
}

func TestKeysAreReadBack(t *testing.T) {
	if got, ok := ledger.ParseRecordKey(ledger.RecordKey(key)); !ok || got != key {
		t.Errorf("record key: %v, %v", got, ok)
	}
	for place, key := range map[ledger.EntryPlace]string{
		ledger.PlaceCredit: ledger.EntryKey(ledger.Account{1}, ledger.EntryID{2}, 0),
		ledger.PlaceDebit:  ledger.EntryKey(ledger.Account{1}, ledger.EntryID{2}, -1),
		ledger.PlaceFolded: ledger.FoldedKey(ledger.Account{1}, ledger.EntryID{2}),
	} {
		account, id, got, ok := ledger.ParseEntryPlace(key)
		if !ok || account != (ledger.Account{1}) || id != (ledger.EntryID{2}) || got != place {
			t.Errorf("entry key %s: %v %v %c %v", key, account, id, got, ok)
		}
		if _, _, ok := ledger.ParseEntryKey(key); ok != (place != ledger.PlaceFolded) {
			t.Errorf("%s: taken for an entry not folded: %v", key, ok)
		}
	}
	if id, number, ok := ledger.ParseChunkKey(ledger.ChunkKey(transaction.String(), 10)); !ok || id != transaction.String() || number != 10 {
		t.Errorf("chunk key: %s, %d, %v", id, number, ok)
	}
	if _, _, ok := ledger.ParseChunkKey(ledger.RewrittenChunkKey(transaction.String(), 10, 1)); ok {
		t.Error("a rewritten chunk is taken for one as it was recorded")
	}
	for _, other := range []string{"", "t/", "t/xyz", "t/" + strings.Repeat("AB", 32), "c/12/34", "p", "h/" + strings.Repeat("0", 32)} {
		if _, ok := ledger.ParseRecordKey(other); ok {
			t.Errorf("%q is taken for a record", other)
		}
		if _, _, ok := ledger.ParseEntryKey(other); ok {
			t.Errorf("%q is taken for a points entry", other)
		}
	}
}

func TestAnswer(t *testing.T) {
	answer := ledger.Answer{Outcomes: "racx", Already: map[int]string{1: transaction.String()}, Reasons: map[int]string{3: "why"}}
	text, err := answer.Encode()
	if err != nil {
		t.Fatal(err)
	}
	answer.Version = 1
	if got, err := ledger.DecodeAnswer([]byte(text), 4); err != nil || !reflect.DeepEqual(got, answer) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := ledger.DecodeAnswer([]byte(text), 3); err == nil {
		t.Error("an answer to four tickets is taken for one to three")
	}
	if got, err := ledger.DecodeProgramme(nil); err != nil || !reflect.DeepEqual(got, points.Default) {
		t.Errorf("no programme on the ledger: got %v, %v, want the default one", got, err)
	}
}

// again encodes what was decoded.
func again(value any) ([]byte, error) {
	switch v := value.(type) {
	case ledger.Record:
		return v.Encode(), nil
	case ledger.Entry:
		return v.Encode()
	case ledger.Totals:
		return v.Encode(), nil
	case ledger.Chunk:
		return ledger.EncodeChunk(v)
	case points.Programme:
		return ledger.EncodeProgramme(v)
	case ledger.Batch:
		return ledger.EncodeBatch(v)
	case account.Head:
		return ledger.EncodeHead(v), nil
	case account.Hold:
		return ledger.EncodeHold(v), nil
	case ledger.Transfer:
		return v.Encode(), nil
	case ledger.Proposal:
		return v.Encode()
	case int64:
		return ledger.EncodeLeft(v), nil
	case uint16:
		return ledger.EncodeRevision(v), nil
	}
	return nil, fmt.Errorf("%T is not encoded here", value)
}

// No value may have two forms, no decoder may panic, nor ask for memory that the value does not hold.
func FuzzDecode(f *testing.F) {
	for _, value := range encodings(f) {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for name, decode := range decoders {
			decoded, err := decode(value)
			if err != nil || len(value) == 0 { // nothing at all is the default of some
				continue
			}
			if encoded, err := again(decoded); err != nil || !bytes.Equal(encoded, value) {
				t.Errorf("a %s has two forms: %x and %x (%v)", name, value, encoded, err)
			}
		}
	})
}
