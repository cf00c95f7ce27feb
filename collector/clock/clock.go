// Package clock compares this machine's clock with the database's, since a wrong one shows in strange places: peers refuse
// what is signed more than a quarter of an hour off, the collector refuses good tokens, tickets are told to be of tomorrow.
package clock

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	// tolerated is what a clock may be off: tokens tolerate 10 s, member codes are good for three minutes.
	tolerated = 10 * time.Second
	// refused is what makes the collector not ready.
	refused   = time.Minute
	lookEvery = time.Minute
)

// A Watch looks now and then.
type Watch struct {
	db    hotstate.DB
	log   *slog.Logger
	now   func() time.Time
	ahead prometheus.Gauge
}

// NewWatch makes a watch. The clock is time.Now, but in tests.
func NewWatch(db hotstate.DB, log *slog.Logger, now func() time.Time) *Watch {
	return &Watch{db: db, log: log, now: now, ahead: prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tillproof_clock_ahead_seconds", Help: "How far this machine's clock is ahead of the database's; below 0: behind."})}
}

// Metrics are the watch's own.
func (w *Watch) Metrics() []prometheus.Collector { return []prometheus.Collector{w.ahead} }

// Run says in the log when the clocks differ, and when they do no more, until ctx ends.
func (w *Watch) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	differed := false
	for {
		if off, err := w.off(ctx); err == nil {
			differs := off.Abs() > tolerated
			switch {
			case differs && !differed:
				w.log.WarnContext(ctx, "this machine's clock and the database's differ", "ahead", off.String())
			case !differs && differed:
				w.log.InfoContext(ctx, "this machine's clock and the database's agree again")
			}
			differed = differs
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// off is how far our clock is ahead, to the time that the question takes.
func (w *Watch) off(ctx context.Context) (time.Duration, error) {
	asked := w.now()
	theirs, err := hotstate.Clock(ctx, w.db)
	if err != nil {
		return 0, err
	}
	answered := w.now()
	off := asked.Add(answered.Sub(asked) / 2).Sub(theirs)
	w.ahead.Set(off.Seconds())
	return off, nil
}

// A wrongClock is why the collector is not ready.
type wrongClock time.Duration

func (off wrongClock) Error() string { return off.Reason() }

// Reason is what anyone may read.
func (off wrongClock) Reason() string {
	direction := "ahead of"
	if off < 0 {
		direction = "behind"
	}
	return fmt.Sprintf("this machine's clock is %s %s the database's: set the one that is wrong", time.Duration(off).Abs().Round(time.Second), direction)
}

// Ready is nil unless the clocks differ by so much that work stands still or is refused.
func (w *Watch) Ready(ctx context.Context) error {
	off, err := w.off(ctx)
	if err != nil {
		return err
	}
	if off.Abs() > refused {
		return wrongClock(off)
	}
	return nil
}
