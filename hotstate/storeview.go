package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A ViewedTicket is what the view says of a ticket, for those who compare it with books of their own.
type ViewedTicket struct {
	TransactionID string
	LoyaltyID     string
	Points        int64
	Accruals      int64 // entries of the points ledger for what this ticket earned
}

// ViewOfStore gives all tickets of a store that the view has. One that it had twice would be there twice.
func ViewOfStore(ctx context.Context, db DB, storeID string) ([]ViewedTicket, error) {
	rows, err := db.Query(ctx, `
		select t.transaction_id::text, coalesce(t.loyalty_id, ''), t.points, coalesce(e.accruals, 0)
		from view.tickets t left join (
			select ticket_key, count(*) as accruals from view.points_entries where kind = 'accrual' group by ticket_key
		) e using (ticket_key)
		where t.store_id = $1`, storeID)
	if err != nil {
		return nil, fmt.Errorf("read a store's tickets: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[ViewedTicket])
}
