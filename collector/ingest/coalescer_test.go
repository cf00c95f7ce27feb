package ingest_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"testing"

	"github.com/tillproof/tillproof/collector/ingest"
)

// gated holds every group back until it is let through, and remembers their sizes.
type gated struct {
	arrived chan int
	pass    chan struct{}
}

func (g *gated) Accept(_ context.Context, submissions []ingest.Submission) ([]ingest.Outcome, error) {
	g.arrived <- len(submissions)
	<-g.pass
	return make([]ingest.Outcome, len(submissions)), nil
}

// What comes in while the writers are busy goes together into the next group.
func TestCoalescerGathers(t *testing.T) {
	t.Parallel()
	g := &gated{arrived: make(chan int), pass: make(chan struct{})}
	coalescer := ingest.NewCoalescer(g, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	var running, submitting sync.WaitGroup
	running.Go(func() { coalescer.Run(ctx) })
	submit := func() {
		submitting.Go(func() {
			if _, err := coalescer.Submit(t.Context(), ingest.Submission{}); err != nil {
				t.Error(err)
			}
		})
	}
	// Every writer is held back with a group of one.
	for range ingest.CoalescerWriters {
		submit()
		if size := <-g.arrived; size != 1 {
			t.Fatalf("a ticket alone came in a group of %d", size)
		}
	}
	const later = 20
	for range later {
		submit()
	}
	for coalescer.Waiting() < later {
		runtime.Gosched()
	}
	g.pass <- struct{}{} // one writer is free, and takes all of them
	if size := <-g.arrived; size != later {
		t.Errorf("%d tickets came in a group of %d", later, size)
	}
	for range ingest.CoalescerWriters {
		g.pass <- struct{}{}
	}
	submitting.Wait()
	stop()
	running.Wait()
}

// Too many waiting requests are turned away at once instead of being kept waiting.
func TestCoalescerBusy(t *testing.T) {
	t.Parallel()
	coalescer := ingest.NewCoalescer(&gated{}, slog.New(slog.DiscardHandler)) // it does not run
	gone, leave := context.WithCancel(t.Context())
	leave()
	for range 5000 {
		_, err := coalescer.Submit(gone, ingest.Submission{})
		if errors.Is(err, ingest.ErrBusy) {
			return
		}
		if !errors.Is(err, ingest.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	t.Error("5000 requests were kept waiting")
}

// While one writer waits for company, the others do not take it away, tickets one by one.
func TestCoalescerGathersInOnePlace(t *testing.T) {
	t.Parallel()
	g := &gated{arrived: make(chan int), pass: make(chan struct{})}
	coalescer := ingest.NewCoalescer(g, slog.New(slog.DiscardHandler))
	gathering, enough := make(chan struct{}), make(chan struct{})
	coalescer.PauseWith(func() { gathering <- struct{}{}; <-enough })
	ctx, stop := context.WithCancel(t.Context())
	var running, submitting sync.WaitGroup
	submit := func(n int) {
		for range n {
			submitting.Go(func() { coalescer.Submit(t.Context(), ingest.Submission{}) })
		}
	}
	waitFor := func(n int) {
		for coalescer.Waiting() != n {
			runtime.Gosched()
		}
	}
	submit(2)
	waitFor(2)
	running.Go(func() { coalescer.Run(ctx) })
	if size := <-g.arrived; size != 2 {
		t.Fatalf("2 tickets came in a group of %d", size)
	}
	g.pass <- struct{}{} // both writers are free, and there was company
	submit(1)
	<-gathering
	const more = 20
	submit(more)
	for coalescer.Waiting() < more {
		select {
		case size := <-g.arrived:
			t.Fatalf("another writer went away with %d", size)
		case <-gathering:
			t.Fatal("two writers gather at once")
		default:
			runtime.Gosched()
		}
	}
	enough <- struct{}{}
	if size := <-g.arrived; size != 1+more {
		t.Errorf("%d tickets came in a group of %d", 1+more, size)
	}
	g.pass <- struct{}{}
	submitting.Wait()
	stop()
	running.Wait()
}
