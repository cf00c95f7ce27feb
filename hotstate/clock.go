package hotstate

import (
	"context"
	"fmt"
	"time"
)

// Clock asks the database for its time.
func Clock(ctx context.Context, db DB) (now time.Time, err error) {
	if err := db.QueryRow(ctx, "select clock_timestamp()").Scan(&now); err != nil {
		return now, fmt.Errorf("ask the database for its time: %w", err)
	}
	return now, nil
}
