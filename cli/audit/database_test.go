package audit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tillproof/tillproof/cli/audit"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/sealed"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
	"github.com/tillproof/tillproof/network/block"
)

// keep puts a ticket where the projector would, and gives what the ledger has of it.
func keep(t *testing.T, db *hotstatetest.Database, number int) block.Recorded {
	t.Helper()
	id := fmt.Sprintf("018f3e6a-0000-7000-8000-%012d", number)
	whole, err := ticket.Decode(fmt.Appendf(nil, `{"schemaVersion":"1","transactionId":"%s","transactionType":"Sale","storeId":"S","workstationId":"1",
		"sequenceNumber":%d,"businessDayDate":"2026-03-01","endDateTime":"2026-03-01T10:15:00Z","operatorId":"o","loyaltyId":"m","currencyCode":"EUR",
		"lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"1","extendedAmount":%d}],"totals":{"grand":%d}}`, id, number, 1000+number, 1000+number))
	if err != nil {
		t.Fatal(err)
	}
	reference := func(string) [32]byte { return [32]byte{6} }
	trade, person := sealed.Split(whole, commitment.Facts{RetailerID: "main", Account: [16]byte{5}, Reference: reference},
		commitment.Derive([32]byte{byte(number)}), "")
	tree, err := trade.Tree(reference)
	if err != nil {
		t.Fatal(err)
	}
	recorded := block.Recorded{Key: ledger.TicketKey{byte(number)}, Commitment: tree.Root()}
	var fixed, others []byte
	for _, hash := range tree.Fixed() {
		fixed = append(fixed, hash[:]...)
	}
	for _, hash := range trade.PersonLeaves.Others {
		others = append(others, hash[:]...)
	}
	_, err = db.Owner.Exec(t.Context(), `
		insert into view.tickets (ticket_key, retailer_id, transaction_id, transaction_type, store_id, workstation_id, business_day,
			sequence_number, ended_at, currency_code, grand_total, commitment, rule_version, trade, block, tx_index, tx_id, recorded_at)
		values ($1, 'main', $2, 'Sale', 'S', '1', '2026-03-01', $3, now(), 'EUR', 1, $4, 1, $5, 1, 0, 'tx', now())`,
		recorded.Key[:], id, number, recorded.Commitment[:], trade.Ticket.Canonical())
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Owner.Exec(t.Context(), `insert into view.openings values ($1, $2, $3, $4, $5)`,
		recorded.Key[:], trade.Secret[:], fixed, others, person.Secret[:])
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}

func TestEachChangeInTheDatabaseIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ change, want string }{
		"nothing":     {"select 1", ""},
		"changed":     {`update view.tickets set trade = convert_to(replace(convert_from(trade, 'UTF8'), '"extendedAmount":1003', '"extendedAmount":1004'), 'UTF8') where sequence_number = 3`, "ticket 0300000000000000000000000000000000000000000000000000000000000000 otherwise than it was recorded"},
		"unreadable":  {`update view.tickets set trade = 'x' where sequence_number = 3`, "ticket 03"},
		"retailer":    {`update view.tickets set retailer_id = 'other' where sequence_number = 3`, "ticket 03"},
		"deleted":     {`delete from view.tickets where sequence_number = 3`, "has not got ticket 03"},
		"two swapped": {`update view.tickets a set trade = b.trade from view.tickets b where a.sequence_number in (2, 3) and b.sequence_number = 5 - a.sequence_number`, "ticket 02"},
		"not opening": {`delete from view.openings where ticket_key = (select ticket_key from view.tickets where sequence_number = 3)`, "ticket 03"},
		"one more":    {`insert into view.tickets select sha256('x'), retailer_id, gen_random_uuid(), transaction_type, store_id, workstation_id, business_day, 99, ended_at, currency_code, grand_total, loyalty_id, points, commitment, rule_version, trade, person, block, tx_index, tx_id, recorded_at from view.tickets where sequence_number = 3`, "which was never recorded"},
	} {
		db := hotstatetest.New(t)
		var recorded []block.Recorded
		for number := range 5 {
			recorded = append(recorded, keep(t, db, number+1))
		}
		if _, err := db.Owner.Exec(t.Context(), test.change); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		auditor := &audit.Auditor{Ledger: &peer{recorded}, Log: publish(recorded), Channel: "tickets", Operator: operator.Key,
			Patience: time.Millisecond, Database: db.Collector}
		report, err := auditor.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found := strings.Join(report.Findings, "\n")
		if !strings.Contains(found, test.want) || (found == "") != (test.want == "") {
			t.Errorf("%s: found %q, want %q", name, found, test.want)
		}
	}
}
