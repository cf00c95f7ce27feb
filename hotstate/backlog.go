package hotstate

import (
	"context"
	"fmt"
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
