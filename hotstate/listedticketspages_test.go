package hotstate_test

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// Pages of any size, put together, are the whole list; also where tickets of several tills have the same day and number.
func TestPagesOfTickets(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	_, err := db.Collector.Exec(context.Background(), `
		insert into view.tickets (ticket_key, retailer_id, transaction_id, transaction_type, store_id, workstation_id, business_day,
			sequence_number, ended_at, currency_code, grand_total, commitment, rule_version, trade, block, tx_index, tx_id, recorded_at)
		select sha256(ticket_key || till::text::bytea), retailer_id, gen_random_uuid(), 'Sale', store_id, 'till ' || till, business_day,
			sequence_number, ended_at, 'EUR', 100, '', 1, '', block, 0, 'x', now()
		from view.tickets, generate_series(2, 4) till`)
	if err != nil {
		t.Fatal(err)
	}
	read := func(actor hotstate.Actor, query hotstate.TicketQuery) (list []hotstate.ListedTicket) {
		err := hotstate.As(context.Background(), db.Query, actor, func(tx pgx.Tx) (err error) {
			list, err = hotstate.ReadTickets(context.Background(), tx, actor, query)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	ids := func(list []hotstate.ListedTicket) (ids []string) {
		for _, ticket := range list {
			ids = append(ids, ticket.TransactionID)
		}
		return ids
	}
	for _, test := range []struct {
		actor hotstate.Actor
		want  int
	}{
		{hotstate.Actor{Role: "store", StoreIDs: []string{hotstatetest.TroubleStore}}, 14},
		{hotstate.Actor{Role: "store", StoreIDs: []string{hotstatetest.TroubleStore, "S2", "S2"}}, 19},
		{hotstate.Actor{Role: "store", StoreIDs: []string{"X1", hotstatetest.TroubleStore, "S2", "none"}}, 23},
		// Of so many stores a look at a few tickets of each comes first, whether they have any or not.
		{hotstate.Actor{Role: "store", StoreIDs: []string{"S2", "a", "b", "c", "d", "e", "f", "g", "h", hotstatetest.TroubleStore, "i", "X1"}}, 23},
		{hotstate.Actor{Role: "store", StoreIDs: []string{"none"}}, 0},
		{hotstate.Actor{Role: "store", RetailerID: "main"}, 19},
	} {
		actor := test.actor
		whole := read(actor, hotstate.TicketQuery{Limit: 100})
		if len(whole) != test.want {
			t.Errorf("%+v has %d tickets, want %d", actor, len(whole), test.want)
		}
		for size := 1; size <= len(whole); size++ {
			var paged []string
			query := hotstate.TicketQuery{Limit: size}
			for page := read(actor, query); len(page) > 0; page = read(actor, query) {
				paged = append(paged, ids(page)...)
				last := page[len(page)-1]
				query.After = &hotstate.TicketPosition{BusinessDay: last.BusinessDay, SequenceNumber: last.SequenceNumber,
					WorkstationID: last.WorkstationID, StoreID: last.StoreID}
			}
			if !slices.Equal(paged, ids(whole)) {
				t.Errorf("%+v, by %d: %q, want %q", actor, size, paged, ids(whole))
			}
		}
	}
}
