package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Quantiles are in milliseconds.
type Quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func quantiles(took []time.Duration) Quantiles {
	if len(took) == 0 {
		return Quantiles{}
	}
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[int(share*float64(len(took)-1))].Microseconds()) / 1000
	}
	return Quantiles{P50: at(.50), P99: at(.99), Max: at(1)}
}

// warmUp is how often a question is asked before it is timed: for each connection, PostgreSQL plans a question some times
// before it keeps a plan.
const warmUp = 10

// oneByOne asks n times, one after the other, and times each.
func oneByOne(n int, ask func(i int) error) (Quantiles, error) {
	for i := range warmUp {
		if err := ask(n + i); err != nil {
			return Quantiles{}, err
		}
	}
	took := make([]time.Duration, n)
	for i := range took {
		began := time.Now()
		if err := ask(i); err != nil {
			return Quantiles{}, err
		}
		took[i] = time.Since(began)
	}
	return quantiles(took), nil
}

// maxWaiting bounds the questions that wait for their answers. A server that follows is far from it.
const maxWaiting = 2000

// atRate asks at a fixed rate, whether or not earlier questions have been answered, as people do. The time of each runs
// from the moment at which it was due, so that a stall counts for all that it holds up.
func atRate(ctx context.Context, rate int, during time.Duration, ask func(i int) error) (Quantiles, error) {
	n := int(float64(rate) * during.Seconds())
	took, failures := make([]time.Duration, n), make([]error, n)
	slots := make(chan struct{}, maxWaiting)
	var asked sync.WaitGroup
	began := time.Now()
	for i := range n {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		if ctx.Err() != nil {
			break
		}
		slots <- struct{}{}
		asked.Go(func() {
			defer func() { <-slots }()
			failures[i] = ask(i)
			took[i] = time.Since(due)
		})
	}
	asked.Wait()
	for _, err := range failures {
		if err != nil {
			return Quantiles{}, fmt.Errorf("at %d a second: %w", rate, err)
		}
	}
	return quantiles(took), ctx.Err()
}
