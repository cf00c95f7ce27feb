package ingest

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tillproof/tillproof/hotstate"
)

// DefaultBacklog is how many accepted tickets may wait for the ledger: some minutes of work for it, and a few hundred
// megabytes of the database.
const DefaultBacklog = 200_000

// backlogEvery is how often the backlog is counted. Between two counts it may outgrow its limit by what a second brings.
const backlogEvery = time.Second

// Backlog is how many accepted tickets wait to be recorded, and how many may. When the ledger cannot follow, files wait
// from half the limit on, so that tills, which have a customer in front of them, are the last to be turned away. It counts
// in the database, so that the limit holds for all collectors together.
type Backlog struct {
	pool    *pgxpool.Pool
	limit   int64
	log     *slog.Logger
	waiting atomic.Int64
}

// NewBacklog makes a backlog, which is empty until it runs. No limit (0) means that any number may wait.
func NewBacklog(pool *pgxpool.Pool, limit int64, log *slog.Logger) *Backlog {
	return &Backlog{pool: pool, limit: limit, log: log}
}

// Run counts until ctx ends. A count that fails leaves the last one standing: acceptance meets the same database.
func (b *Backlog) Run(ctx context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		waiting, err := hotstate.CountBacklog(ctx, b.pool, max(b.limit, DefaultBacklog))
		if err == nil {
			b.note(waiting)
		}
		// A long backlog takes long to count; at most a twentieth of the time goes into it.
		select {
		case <-time.After(max(backlogEvery, 20*time.Since(began))):
		case <-ctx.Done():
		}
	}
}

func (b *Backlog) note(waiting int64) {
	wasFull := b.Full()
	b.waiting.Store(waiting)
	if full := b.Full(); full != wasFull {
		b.log.Warn("backlog of tickets that wait for the ledger", "full", full, "waiting", waiting, "limit", b.limit)
	}
}

// Full says that no more tickets may be accepted.
func (b *Backlog) Full() bool { return b.limit > 0 && b.waiting.Load() >= b.limit }

// HalfFull says that files have to wait.
func (b *Backlog) HalfFull() bool { return b.limit > 0 && b.waiting.Load() >= (b.limit+1)/2 }

// Metrics are the backlog's, for a registry.
func (b *Backlog) Metrics() []prometheus.Collector {
	return []prometheus.Collector{prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tillproof_backlog_tickets", Help: "Accepted tickets that wait to be recorded; counted no further than the limit.",
	}, func() float64 { return float64(b.waiting.Load()) })}
}
