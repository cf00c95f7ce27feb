package recorder

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

// A job is a batch, with its tickets if it was claimed just now.
type job struct {
	hotstate.Batch
	tickets []hotstate.TicketToRecord
}

// next takes over a batch left behind, or claims a new one. Most looks find nothing, so the first one is a glance.
func (r *Recorder) next(ctx context.Context) (job, error) {
	after := r.behind()
	work, err := hotstate.GlanceAtWork(ctx, r.pool, after, r.config.Lease)
	if err != nil {
		return job{}, err
	}
	if work.Abandoned {
		left, err := hotstate.TakeOverBatch(ctx, r.pool, r.config.Lease)
		if err == nil {
			slog.InfoContext(ctx, "taking a batch over", "batch", left.ID, "txId", left.TransactionID)
		}
		if !errors.Is(err, hotstate.ErrNotFound) { // another recorder was quicker
			return job{Batch: left}, err
		}
	}
	return r.claim(ctx, work, after)
}

// claim claims tickets that undo or redeem, or else others.
func (r *Recorder) claim(ctx context.Context, work hotstate.Work, after int64) (claimed job, err error) {
	enough := work.Enough(r.config.Batch)
	if !work.Linked && !enough {
		return job{}, hotstate.ErrNotFound
	}
	err = pgx.BeginTxFunc(ctx, r.pool, hotstate.ByKey, func(tx pgx.Tx) error {
		err := hotstate.ErrNotFound
		if work.Linked {
			size := hotstate.BatchSize{Tickets: max(r.config.Linked, 1), Bytes: r.config.Batch.Bytes}
			claimed.Batch, claimed.tickets, err = hotstate.ClaimLinked(ctx, tx, size, r.config.Lease)
		}
		if enough && errors.Is(err, hotstate.ErrNotFound) {
			claimed.Batch, claimed.tickets, err = hotstate.ClaimBatch(ctx, tx, after, r.config.Batch, r.config.Lease)
			if err == nil {
				r.claimed = max(r.claimed, claimed.tickets[len(claimed.tickets)-1].ID)
			}
		}
		return err
	})
	return claimed, err
}

// lookBack is how often all waiting tickets are looked at, from the first on, and not only those behind the last one claimed.
const lookBack = 500 * time.Millisecond

// behind is the id of the ticket behind which to look for tickets.
func (r *Recorder) behind() int64 {
	if now := time.Now(); now.Sub(r.lookedBack) > lookBack {
		r.lookedBack = now
		return 0
	}
	return r.claimed
}
