package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// CountBacklog counts the accepted tickets that are not recorded yet, but no further than most: beyond it the exact number
// matters to nobody, and counting gets dearer.
func CountBacklog(ctx context.Context, db DB, most int64) (int64, error) {
	var waiting int64
	err := db.QueryRow(ctx, `
		select count(*) from (select from book.tickets where state = 'accepted' limit $1) as waiting`, most).Scan(&waiting)
	if err != nil {
		return 0, fmt.Errorf("count the tickets that wait to be recorded: %w", err)
	}
	return waiting, nil
}

// A RecordedTicket says when a ticket was accepted and which block it is in.
type RecordedTicket struct {
	ReceivedAt time.Time
	Block      int64
}

// RecordedSince gives the recorded ones of a store's tickets that were accepted since a moment.
func RecordedSince(ctx context.Context, db DB, storeID string, since time.Time) ([]RecordedTicket, error) {
	rows, err := db.Query(ctx, `
		select received_at, block from book.tickets
		where store_id = $1 and received_at >= $2 and state = 'recorded'`, storeID, since)
	if err != nil {
		return nil, fmt.Errorf("read recorded tickets: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[RecordedTicket])
}
