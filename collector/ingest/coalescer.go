package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Limits of a coalescer. With two writers one gathers while the other waits for its commit.
const (
	coalescerWriters = 2
	gatherFor        = 4 * time.Millisecond
	maxWaiting       = 1024
	maxGroup         = 256
	acceptTimeout    = 10 * time.Second
)

// ErrBusy says that too many requests wait already.
var ErrBusy = errors.New("too many requests are waiting")

// Acceptor is a Service, or what stands for it where faults are tried.
type Acceptor interface {
	Accept(ctx context.Context, submissions []Submission) ([]Outcome, error)
}

// Coalescer lets single tickets that come in at the same time share a commit: what arrives while one is under way goes
// together into the next. Alone, a ticket waits for nobody; in company it waits some milliseconds for others, since each
// commit costs both programs more than a ticket in it does.
type Coalescer struct {
	acceptor Acceptor
	log      *slog.Logger
	waiting  chan request
	pause    func() // while others may join a group

	gathering sync.Mutex // one writer does: two at once would each have a part of what comes in
	company   bool       // the last group had more than one ticket
}

type request struct {
	submission Submission
	result     chan result // holds one, so that nobody waits for a caller who has left
}

type result struct {
	outcome Outcome
	err     error
}

// NewCoalescer makes a coalescer, which works once it runs.
func NewCoalescer(acceptor Acceptor, log *slog.Logger) *Coalescer {
	return &Coalescer{acceptor: acceptor, log: log, waiting: make(chan request, maxWaiting),
		pause: func() { time.Sleep(gatherFor) }}
}

// Run writes groups until ctx ends, and returns when the last one is written.
func (c *Coalescer) Run(ctx context.Context) {
	var writers sync.WaitGroup
	for range coalescerWriters {
		writers.Go(func() { c.write(ctx) })
	}
	writers.Wait()
}

// Submit accepts one ticket and waits for its outcome. If ctx ends first the ticket may have been accepted all the same.
func (c *Coalescer) Submit(ctx context.Context, submission Submission) (Outcome, error) {
	r := request{submission, make(chan result, 1)}
	select {
	case c.waiting <- r:
	default:
		return Outcome{}, ErrBusy
	}
	select {
	case done := <-r.result:
		return done.outcome, done.err
	case <-ctx.Done():
		return Outcome{}, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	}
}

func (c *Coalescer) write(ctx context.Context) {
	for {
		group := c.gather(ctx)
		if group == nil {
			return
		}
		c.accept(ctx, group)
	}
}

// gather waits for a group's first ticket, and gives nil if ctx ends before.
func (c *Coalescer) gather(ctx context.Context) []request {
	c.gathering.Lock()
	defer c.gathering.Unlock()
	select {
	case first := <-c.waiting:
		if c.company {
			c.pause()
		}
		group := c.withWaiting(first)
		c.company = len(group) > 1
		return group
	case <-ctx.Done():
		return nil
	}
}

func (c *Coalescer) withWaiting(first request) []request {
	group := []request{first}
	for len(group) < maxGroup {
		select {
		case next := <-c.waiting:
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

// accept sees a group through to its end, even when the program is being stopped.
func (c *Coalescer) accept(ctx context.Context, group []request) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), acceptTimeout)
	defer cancel()
	submissions := make([]Submission, len(group))
	for i, r := range group {
		submissions[i] = r.submission
	}
	outcomes, err := c.acceptSafely(ctx, submissions)
	for i, r := range group {
		if err != nil {
			r.result <- result{err: err}
			continue
		}
		r.result <- result{outcome: outcomes[i]}
	}
}

// acceptSafely keeps a panic from ending the program with other requests in it.
func (c *Coalescer) acceptSafely(ctx context.Context, submissions []Submission) (outcomes []Outcome, err error) {
	defer func() {
		if recovered := recover(); recovered != nil {
			c.log.Error("panic while accepting tickets", "kind", fmt.Sprintf("%T", recovered), "stack", string(debug.Stack()))
			err = errors.New("panic while accepting tickets")
		}
	}()
	return c.acceptor.Accept(ctx, submissions)
}
