package ingest

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	purgeEvery = 10 * time.Minute
	purgeBatch = 5_000 // rows a statement, so that no purge holds locks for long
)

// PurgeKeys deletes expired idempotency keys, now and then, until ctx ends.
func PurgeKeys(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	for {
		if err := purgeAll(ctx, pool); err != nil && ctx.Err() == nil {
			log.Warn("purge idempotency keys", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func purgeAll(ctx context.Context, pool *pgxpool.Pool) error {
	for {
		deleted, err := hotstate.PurgeAnswers(ctx, pool, purgeBatch)
		if err != nil || deleted < purgeBatch {
			return err
		}
	}
}
