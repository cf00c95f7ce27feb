package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// AsOf says how much of the ledger an answer rests on.
type AsOf struct {
	Channel string     `json:"-"`
	Block   int64      `json:"block"` // the newest block in it, -1 before the first
	Time    *time.Time `json:"time"`  // of the newest transaction in it
}

const newestAsOf = `select channel, next_block - 1, as_of from view.checkpoint order by channel limit 1`

// ReadAsOf reads how far the view has come, in the snapshot of tx.
func ReadAsOf(ctx context.Context, tx pgx.Tx) (AsOf, error) {
	asOf, err := scanAsOf(tx.QueryRow(ctx, newestAsOf))
	if err != nil {
		return AsOf{}, fmt.Errorf("read the view's checkpoint: %w", err)
	}
	return asOf, nil
}

func scanAsOf(row pgx.Row) (AsOf, error) {
	asOf := AsOf{Block: -1}
	err := row.Scan(&asOf.Channel, &asOf.Block, &asOf.Time)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return AsOf{}, err
	}
	if asOf.Time != nil {
		utc := asOf.Time.UTC()
		asOf.Time = &utc
	}
	return asOf, nil
}
