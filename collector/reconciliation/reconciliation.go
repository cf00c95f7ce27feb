// Package reconciliation sets what tills were promised against what the ledger has, now and then, as metrics. Where nothing
// is lost, the tickets accepted are those recorded, those rejected and those missing, and missing goes to zero when uploads
// stop; an alarm belongs on missing that does not.
package reconciliation

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	every = time.Minute
	// share is how little of the time counting may take: it reads every ticket there is.
	share = 20
)

// A Watch counts until it is stopped.
type Watch struct {
	pool *pgxpool.Pool
	last atomic.Pointer[counted]
}

type counted struct {
	hotstate.Reconciliation
	at time.Time
}

// NewWatch makes a watch that has counted nothing yet.
func NewWatch(pool *pgxpool.Pool) *Watch { return &Watch{pool: pool} }

// Run counts until ctx ends. A count that fails leaves the last one standing, and its time tells.
func (w *Watch) Run(ctx context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		if err := w.count(ctx); err != nil && ctx.Err() == nil {
			slog.WarnContext(ctx, "reconciliation: could not count", "error", err)
		}
		select {
		case <-time.After(max(every, share*time.Since(began))):
		case <-ctx.Done():
		}
	}
}

func (w *Watch) count(ctx context.Context) error {
	var found hotstate.Reconciliation
	err := pgx.BeginFunc(ctx, w.pool, func(tx pgx.Tx) (err error) {
		// There is time: tills are not to wait until all processors have counted.
		if _, err = tx.Exec(ctx, "set local max_parallel_workers_per_gather = 0"); err == nil {
			found, err = hotstate.Reconcile(ctx, tx)
		}
		return err
	})
	if err != nil {
		return err
	}
	w.last.Store(&counted{found, time.Now()})
	return nil
}

// Metrics are the watch's, for a registry.
func (w *Watch) Metrics() []prometheus.Collector { return []prometheus.Collector{(*gauges)(w)} }

// gauges shows nothing before the first count: zero would be a claim.
type gauges Watch

var (
	tickets = prometheus.NewDesc("tillproof_reconciled_tickets",
		"Tickets by what became of them: accepted = recorded + rejected + missing. Conflicts are among the rejected.", []string{"state"}, nil)
	gaps = prometheus.NewDesc("tillproof_reconciled_sequence_gaps",
		"Numbers that tills left out within a day.", nil, nil)
	outstanding = prometheus.NewDesc("tillproof_reconciled_points_outstanding", "Points of all members, held ones included.", nil, nil)
	countedAt   = prometheus.NewDesc("tillproof_reconciled_at_seconds", "When this was counted, in seconds since 1970.", nil, nil)
)

// Describe implements prometheus.Collector.
func (g *gauges) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{tickets, gaps, outstanding, countedAt} {
		to <- desc
	}
}

// Collect implements prometheus.Collector.
func (g *gauges) Collect(to chan<- prometheus.Metric) {
	last := g.last.Load()
	if last == nil {
		return
	}
	gauge := func(desc *prometheus.Desc, value int64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(value), labels...)
	}
	gauge(tickets, last.Accepted, "accepted")
	gauge(tickets, last.Recorded, "recorded")
	gauge(tickets, last.Rejected, "rejected")
	gauge(tickets, last.Missing, "missing")
	gauge(tickets, last.Conflicts, "conflict")
	gauge(gaps, last.Gaps)
	gauge(outstanding, last.PointsOutstanding)
	gauge(countedAt, last.at.Unix())
}
