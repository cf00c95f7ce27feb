package api_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/proof"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
)

const provenID = "018f3e6a-0000-7000-8000-000000000001"

// proven is a receipt of member a in store S2: A is m1's there, C is m2's.
const proven = `{"schemaVersion":"1","transactionId":"` + provenID + `","transactionType":"Sale","storeId":"S2","workstationId":"2",
"sequenceNumber":7,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:15:00+01:00","operatorId":"operator 9","loyaltyId":"a",
"currencyCode":"EUR","lineItems":[
{"sequenceNumber":1,"itemId":"A","quantity":"2","extendedAmount":901},
{"sequenceNumber":2,"itemId":"C","quantity":"1","extendedAmount":299},
{"sequenceNumber":3,"itemId":"A","quantity":"1","extendedAmount":77}],
"totals":{"grand":1277},"tenders":[{"tenderType":"Cash","amount":277},{"tenderType":"Card","amount":1000,"reference":"auth 55"}]}`

var provenKey = ledger.TicketKey{1, 2, 3}

// record puts the receipt where the projector would, as entry 300 of a log, and gives the operator who signed.
func record(t *testing.T, s *testServer) *checkpoint.Signer {
	t.Helper()
	operator, err := checkpoint.NewOperator("example.org/tickets", [32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	_, err = s.db.Owner.Exec(ctx, `
		insert into book.products (retailer_id, item_id) values ('main', 'A'), ('main', 'C') on conflict do nothing;
		insert into book.product_owners (retailer_id, item_id, manufacturer_id) values ('main', 'A', 'm1'), ('main', 'C', 'm2') on conflict do nothing`)
	if err != nil {
		t.Fatal(err)
	}
	projected := project(t)
	err = pgx.BeginFunc(ctx, s.db.Collector, func(tx pgx.Tx) error {
		if err := hotstate.Project(ctx, tx, projected); err != nil {
			return err
		}
		return appendTo(ctx, tx, operator, projected)
	})
	if err != nil {
		t.Fatal(err)
	}
	return operator
}

func project(t testing.TB) hotstate.Projection {
	t.Helper()
	whole, err := ticket.Decode([]byte(proven))
	if err != nil {
		t.Fatal(err)
	}
	secrets := commitment.Derive([32]byte{9})
	facts := commitment.Facts{RetailerID: "main", Account: [16]byte{5}, Reference: func(string) [32]byte { return [32]byte{6} }}
	trade, person := sealed.Split(whole, facts, secrets, "")
	tree, err := trade.Tree(facts.Reference)
	if err != nil {
		t.Fatal(err)
	}
	member, fixed := "a", tree.Fixed()
	row := hotstate.ProjectedTicket{
		Key: provenKey, RetailerID: "main", TransactionID: provenID, TransactionType: "Sale", StoreID: "S2", WorkstationID: "2",
		BusinessDay: "2026-03-01", SequenceNumber: 7, EndedAt: whole.EndDateTime.Time(), CurrencyCode: "EUR", GrandTotal: 1277,
		LoyaltyID: &member, Commitment: tree.Root(), Trade: trade.Ticket.Canonical(), TxID: "tx", RecordedAt: time.Now(),
		Person: []byte(`{"loyaltyId":"a","operatorId":"operator 9","tenderReferences":[null,"auth 55"]}`),
		Opening: hotstate.ProjectedOpening{TradeSecret: secrets.Trade, FixedLeaves: join(fixed[:]),
			PersonLeaves: join(trade.PersonLeaves.Others), PersonSecret: person.Secret[:]},
	}
	for _, line := range whole.LineItems {
		row.Lines = append(row.Lines, hotstate.ProjectedLine{Number: line.SequenceNumber, ItemID: line.ItemID,
			Quantity: int64(line.Quantity), Amount: line.ExtendedAmount})
	}
	p := hotstate.Projection{Channel: "tickets", Block: 43, Tickets: []hotstate.ProjectedTicket{row}}
	for i := range 310 {
		entry := hotstate.LogEntry{Index: int64(i), Key: provenKey, Commitment: tree.Root()}
		if i != 300 {
			entry.Key = [32]byte{0xff, byte(i >> 8), byte(i)}
		}
		p.Recorded = append(p.Recorded, entry)
	}
	return p
}

func join(hashes [][32]byte) (joined []byte) {
	for _, hash := range hashes {
		joined = append(joined, hash[:]...)
	}
	return joined
}

func appendTo(ctx context.Context, tx pgx.Tx, operator *checkpoint.Signer, p hotstate.Projection) error {
	appender, err := tiles.NewAppender(0, func([]tiles.ID) (map[tiles.ID][]byte, error) { return nil, nil })
	if err != nil {
		return err
	}
	var leaves []tlog.Hash
	for _, entry := range p.Recorded {
		leaves = append(leaves, tlog.RecordHash(ledger.LogEntry("tickets", entry.Key, entry.Commitment)))
	}
	changed := appender.Append(leaves)
	root, err := appender.Root()
	if err != nil {
		return err
	}
	signed := operator.Sign(checkpoint.Checkpoint{Origin: operator.Name(), Size: 310, Root: root})
	return hotstate.AppendLog(ctx, tx, p.Block, p.Recorded, changed, hotstate.LogCheckpoint{Channel: "tickets", Size: 310, Signed: signed})
}

// shows verifies a bundle, and gives what it shows.
func shows(t *testing.T, a answer, keys ...checkpoint.Key) string {
	t.Helper()
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", a.Request.URL, a.StatusCode, a.body)
	}
	bundle, err := proof.Decode([]byte(a.body))
	if err != nil {
		t.Fatal(err)
	}
	trust := proof.Trust{Operator: keys[0]}
	if len(keys) > 1 {
		trust.Witness = keys[1]
	}
	verified, err := proof.Verify(bundle, trust)
	if err != nil {
		t.Fatalf("%s: %v\n%s", a.Request.URL, err, a.body)
	}
	return string(verified.Shown)
}

const (
	tradeFields = `"businessDayDate":"2026-03-01","currencyCode":"EUR","eligible":{"amount":1277,"currencyCode":"EUR"},"endDateTime":"2026-03-01T10:15:00+01:00",` +
		`"lines":[{"extendedAmount":901,"itemId":"A","quantity":"2","sequenceNumber":1},{"extendedAmount":299,"itemId":"C","quantity":"1","sequenceNumber":2},` +
		`{"extendedAmount":77,"itemId":"A","quantity":"1","sequenceNumber":3}],`
	restFields = `"retailerId":"main","schemaVersion":"1","sequenceNumber":7,"storeId":"S2","tenderReferences":[null,"auth 55"],` +
		`"tenders":[{"amount":277,"tenderType":"Cash"},{"amount":1000,"tenderType":"Card"}],"totals":{"grand":1277},"transactionId":"` + provenID + `",` +
		`"transactionType":"Sale","workstationId":"2"}`
)

func TestProofsOfATicket(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	operator := record(t, s)
	path := "/v1/tickets/" + provenID + "/proof"
	for query, want := range map[string]string{
		"":                               "{" + tradeFields + `"loyaltyId":"a",` + restFields,
		"?fields=totals":                 `{"totals":{"grand":1277}}`,
		"?fields=storeId,totals&lines=2": `{"lines":[{"extendedAmount":299,"itemId":"C","quantity":"1"}],"storeId":"S2","totals":{"grand":1277}}`,
		"?lines=3":                       `{"lines":[{"extendedAmount":77,"itemId":"A","quantity":"1"}]}`,
		"?fields=lineItems&lines=1":      `{"lines":[{"extendedAmount":901,"itemId":"A","quantity":"2","sequenceNumber":1},null,null]}`,
		"?fields=eligible,loyaltyId":     `{"eligible":{"amount":1277,"currencyCode":"EUR"},"loyaltyId":"a"}`,
	} {
		if got := shows(t, s.get("customer-a", path+query), operator.Key); got != want {
			t.Errorf("%s shows\n%s\nwant\n%s", query, got, want)
		}
	}
	if got, want := shows(t, s.get("chain", path), operator.Key), "{"+tradeFields+`"loyaltyId":"a","operatorId":"operator 9",`+restFields; got != want {
		t.Errorf("the store shows\n%s\nwant\n%s", got, want)
	}
	for user, status := range map[string]int{"customer-b": 404, "elsewhere": 404, "north": 404, "maker-1": 403, "auditor": 403, "admin": 403} {
		if got := s.get(user, path); got.StatusCode != status {
			t.Errorf("%s: %d, want %d", user, got.StatusCode, status)
		}
	}
	for query, status := range map[string]int{"?fields=operatorId": 400, "?fields=account": 400, "?fields=": 400, "?fields=taxes": 400, "?lines=x": 400, "?lines=9": 400, "?field=x": 400} {
		if got := s.get("customer-a", path+query); got.StatusCode != status {
			t.Errorf("%s: %d, want %d", query, got.StatusCode, status)
		}
	}
	open := "/v1/tickets/00000000-0000-4000-8000-000000000006/proof"
	if got := s.get("customer-a", open); got.StatusCode != http.StatusConflict || !strings.Contains(got.body, "not-recorded") {
		t.Errorf("a ticket that is not recorded: %d %s", got.StatusCode, got.body)
	}
}

func TestTheWitnessedCheckpointIsPreferred(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	operator := record(t, s)
	witness, err := checkpoint.NewWitness("brands.example/witness", [32]byte{8}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	signed := s.do("GET", "/v1/log/checkpoint", "").body
	said, _, err := checkpoint.Open(signed, operator.Key)
	if err != nil || said.Size != 310 {
		t.Fatalf("%+v, %v", said, err)
	}
	store := hotstate.LogCheckpoint{Channel: "tickets", Size: 310, Signed: signed + witness.Line(said)}
	if err := hotstate.StoreWitnessedCheckpoint(context.Background(), s.db.Collector, store); err != nil {
		t.Fatal(err)
	}
	shows(t, s.get("customer-a", "/v1/tickets/"+provenID+"/proof"), operator.Key, witness.Key)
	if got := s.do("GET", "/v1/log/checkpoint", "").body; got != store.Signed {
		t.Errorf("the checkpoint is served without the witness: %s", got)
	}
	// A log that is being made again is not as long yet as what the witness signed.
	store.Size = 311
	if err := hotstate.StoreWitnessedCheckpoint(context.Background(), s.db.Collector, store); err != nil {
		t.Fatal(err)
	}
	shows(t, s.get("customer-a", "/v1/tickets/"+provenID+"/proof"), operator.Key)
}

func TestProofsOfLines(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	operator := record(t, s)
	type lines struct {
		Items []struct {
			LineRef, ItemID string
			Amount          int64 `json:"amount"`
		}
		NextCursor *string
	}
	all := decode[lines](t, s.get("maker-1", "/v1/sales/lines?from=2026-03-01"))
	if len(all.Items) != 2 || all.Items[0].LineRef == all.Items[1].LineRef || all.NextCursor != nil {
		t.Fatalf("%+v", all)
	}
	for _, line := range all.Items {
		a := s.get("maker-1", "/v1/sales/lines/"+line.LineRef+"/proof")
		quantity := map[int64]string{901: "2", 77: "1"}[line.Amount]
		want := fmt.Sprintf(`{"businessDayDate":"2026-03-01","currencyCode":"EUR","lines":[{"extendedAmount":%d,"itemId":"A","quantity":"%s"}],"retailerId":"main","storeId":"S2"}`,
			line.Amount, quantity)
		if got := shows(t, a, operator.Key); got != want {
			t.Errorf("shows\n%s\nwant\n%s", got, want)
		}
		for _, secret := range []string{"1277", "loyalty", "operator", provenID, "299", "Cash", "eligible"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("the proof of a line tells %q", secret)
			}
		}
		forged := []byte(line.LineRef)
		forged[len(forged)-2] ^= 1
		for user, ref := range map[string]string{"maker-2": line.LineRef, "maker-1": string(forged)} {
			if got := s.get(user, "/v1/sales/lines/"+ref+"/proof"); got.StatusCode != http.StatusNotFound {
				t.Errorf("%s reads it: %d", user, got.StatusCode)
			}
		}
	}
	// Page by page, the same lines.
	var paged []int64
	path := "/v1/sales/lines?limit=1"
	for range 20 {
		one := decode[lines](t, s.get("maker-1", path))
		for _, line := range one.Items {
			paged = append(paged, line.Amount)
		}
		if one.NextCursor == nil {
			break
		}
		path = "/v1/sales/lines?limit=1&cursor=" + *one.NextCursor
	}
	slices.Sort(paged)
	if want := []int64{-200, 77, 100, 150, 200, 400, 901}; !slices.Equal(paged, want) {
		t.Errorf("pages give %v, want %v", paged, want)
	}
	// The product changes hands: so do its lines.
	if _, err := s.db.Owner.Exec(context.Background(), `update view.lines set manufacturer_id = 'm2' where amount = 901`); err != nil {
		t.Fatal(err)
	}
	for _, line := range all.Items {
		if got := s.get("maker-1", "/v1/sales/lines/"+line.LineRef+"/proof"); (got.StatusCode == 404) != (line.Amount == 901) {
			t.Errorf("line of %d after a change of hands: %d", line.Amount, got.StatusCode)
		}
	}
}

// Were the database changed, there is no proof.
func TestNothingIsProvenOutOfAChangedDatabase(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"amount of a line": `update view.tickets set trade = convert_to(replace(convert_from(trade, 'UTF8'), '901', '902'), 'UTF8')`,
		"member":           `update view.tickets set person = convert_to(replace(convert_from(person, 'UTF8'), 'auth 55', 'auth 56'), 'UTF8')`,
		"commitment":       `update view.log_entries set commitment = sha256('x') where log_index = 300`,
		"place":            `update view.log_entries set log_index = 999 where log_index = 300`,
		"secret":           `update view.openings set trade_secret = sha256('x')`,
		"hash of the log":  `update view.log_tiles set hashes = overlay(hashes placing '\x00' from 1) where level = 0 and tile = 1`,
		"tile":             `delete from view.log_tiles where level = 0 and tile = 1`,
	} {
		s := newServer(t, "http://127.0.0.1:1")
		record(t, s)
		if _, err := s.db.Owner.Exec(context.Background(), change); err != nil {
			t.Fatal(err)
		}
		if got := s.get("customer-a", "/v1/tickets/"+provenID+"/proof"); got.StatusCode != http.StatusInternalServerError {
			t.Errorf("%s changed: %d %s", name, got.StatusCode, got.body)
		}
		if log := s.log.String(); !strings.Contains(log, "does not hold what was recorded") && !strings.Contains(log, "no such leaf") {
			t.Errorf("%s changed: the log does not say so: %s", name, log)
		}
	}
}

func TestTheLogIsServedAsTiles(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	if got := s.do("GET", "/v1/log/checkpoint", ""); got.StatusCode != http.StatusNotFound {
		t.Errorf("a log without entries: %d", got.StatusCode)
	}
	operator := record(t, s)
	signed, _, err := checkpoint.Open(s.do("GET", "/v1/log/checkpoint", "").body, operator.Key)
	if err != nil {
		t.Fatal(err)
	}
	tile := func(path string) string { return s.do("GET", "/v1/log/tile/"+path, "").body }
	stored := map[tiles.ID][]byte{{Level: 0, Index: 0}: []byte(tile("0/000")), {Level: 0, Index: 1}: []byte(tile("0/001.p/54")), {Level: 1, Index: 0}: []byte(tile("1/000.p/1"))}
	root, err := tlog.TreeHash(signed.Size, tiles.Reader(func([]tiles.ID) (map[tiles.ID][]byte, error) { return stored, nil }))
	if err != nil || root != signed.Root {
		t.Errorf("the tiles do not lead to the root: %v", err)
	}
	if got := tile("0/001.p/3"); got != string(stored[tiles.ID{Level: 0, Index: 1}][:96]) {
		t.Error("the first three hashes are not the first three")
	}
	entries := []byte(tile("entries/001.p/54"))
	for i := range 54 {
		length := binary.BigEndian.Uint16(entries)
		hash := tlog.RecordHash(entries[2 : 2+length])
		if entries = entries[2+length:]; string(hash[:]) != string(stored[tiles.ID{Level: 0, Index: 1}][32*i:32*i+32]) {
			t.Fatalf("entry %d is not the one of the hash", 256+i)
		}
	}
	for _, path := range []string{"0/001", "0/001.p/55", "0/002", "2/000", "9/000", "entries/001", "entries/002", "x", "0/../000", ""} {
		if got := s.do("GET", "/v1/log/tile/"+path, ""); got.StatusCode != http.StatusNotFound {
			t.Errorf("%q: %d", path, got.StatusCode)
		}
	}
}
