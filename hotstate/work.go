package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Work is what a glance tells of what there is for a recorder to do.
type Work struct {
	Abandoned bool // a batch's lease has run out
	Linked    bool // a ticket that undoes others or redeems waits
	// Of the tickets that stand for themselves; they are 0 if none waits.
	Oldest, Newest int64
	ReceivedAt     time.Time // the oldest
}

// Enough tells whether ClaimBatch can find a batch, as far as ids tell: of tickets that fill it by their bytes alone it
// learns when the oldest has waited. One that seems to come from the future was dated by a wrong clock, and is waited with no
// longer.
func (w Work) Enough(size BatchSize) bool {
	waited := time.Since(w.ReceivedAt)
	return w.Oldest > 0 && (w.Newest-w.Oldest+1 >= int64(size.Tickets) || waited >= size.Wait || waited < -dated)
}

// dated is how far off the time of a ticket may be for it to be believed.
const dated = time.Minute

// GlanceAtWork looks, at the price of a few steps into indexes and without waiting for others, for what there is to do; a
// lease is as long as lease at first. To claim takes a lock and reads all that waits.
func GlanceAtWork(ctx context.Context, conn Batcher, after int64, lease time.Duration) (Work, error) {
	var work Work
	var batch pgx.Batch // is one transaction by itself
	batch.Queue(byOneIndex)
	batch.Queue(`
		select
			(select batch_id from book.batches
				where state in ('claimed', 'endorsed') and `+leaseOver+` order by lease_until limit 1) is not null,
			(select id from book.tickets t where `+linked+` and `+unclaimed+` order by id + 0 limit 1) is not null,
			coalesce(oldest.id, 0), coalesce(oldest.received_at, now()), coalesce(newest.id, 0)
		from (select) as always
		left join lateral (
			select id, received_at from book.tickets t
			where `+forThemselves+` and id + 0 > $2 and `+unclaimed+` order by id + 0 limit 1) as oldest on true
		left join lateral (
			select id from book.tickets where `+forThemselves+` order by id + 0 desc limit 1) as newest on true`, lease, after).
		QueryRow(func(row pgx.Row) error {
			return row.Scan(&work.Abandoned, &work.Linked, &work.Oldest, &work.ReceivedAt, &work.Newest)
		})
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return Work{}, fmt.Errorf("look for tickets to record: %w", err)
	}
	return work, nil
}

// Batcher is a pool, one of its connections, or a transaction.
type Batcher interface {
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}
