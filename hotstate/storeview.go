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
	Entries       int64 // in the points ledger, that name this ticket
}

// ViewOfStore gives all tickets of a store that the view has. One that it had twice would be there twice.
func ViewOfStore(ctx context.Context, db DB, storeID string) ([]ViewedTicket, error) {
	rows, err := db.Query(ctx, `
		select t.transaction_id::text, coalesce(t.loyalty_id, ''), t.points,
		       (select count(*) from view.points_entries e where e.ticket_key = t.ticket_key)
		from view.tickets t where t.store_id = $1`, storeID)
	if err != nil {
		return nil, fmt.Errorf("read a store's tickets: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[ViewedTicket])
}

// PointsOfMembers sums the points ledger by member, for those members that it knows.
func PointsOfMembers(ctx context.Context, db DB, loyaltyIDs []string) (map[string]int64, error) {
	rows, err := db.Query(ctx, `
		select loyalty_id, sum(points)::bigint from view.points_entries
		where loyalty_id = any ($1) group by loyalty_id`, loyaltyIDs)
	if err != nil {
		return nil, fmt.Errorf("sum the points of members: %w", err)
	}
	points := make(map[string]int64)
	var member string
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&member, &sum}, func() error {
		points[member] = sum
		return nil
	})
	return points, err
}
