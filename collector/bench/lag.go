package bench

import (
	"context"
	"sync"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/ledger"
)

// lag measures from acceptance to record: each ticket's time runs from its commit in the hot state until its block is in
// the view, which is looked at every few milliseconds.
func (s *system) lag(ctx context.Context, rate float64, during time.Duration) (Lag, error) {
	began := time.Now()
	watching, stop := context.WithCancel(ctx)
	seen := make(map[int64]time.Time)
	var watcher sync.WaitGroup
	watcher.Go(func() { s.watchBlocks(watching, seen) })
	_, err := s.files(ctx, int(rate*during.Seconds()), rate)
	stop()
	watcher.Wait()
	if err != nil {
		return Lag{}, err
	}
	tickets, err := hotstate.RecordedSince(ctx, s.pool, s.work.store, began)
	if err != nil {
		return Lag{}, err
	}
	var took []time.Duration
	for _, t := range tickets {
		if at, found := seen[t.Block]; found {
			took = append(took, at.Sub(t.ReceivedAt))
		}
	}
	return Lag{Rate: rate, Tickets: len(took), Recorded: quantiles(took)}, nil
}

// watchBlocks notes when each block comes into the view.
func (s *system) watchBlocks(ctx context.Context, seen map[int64]time.Time) {
	last := int64(-1)
	for ctx.Err() == nil {
		next, err := hotstate.ViewNextBlock(ctx, s.pool, ledger.Channel)
		now := time.Now()
		if err == nil {
			for block := max(last, 0); block < int64(next) && last >= 0; block++ {
				seen[block] = now
			}
			last = int64(next)
		}
		sleep(ctx, 10*time.Millisecond)
	}
}
