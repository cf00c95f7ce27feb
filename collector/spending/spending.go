// Package spending carries out what touches an account's head on the ledger: holding points for a purchase, capturing and
// releasing them, transfers, and the sweep of what is over.
//
// Two transactions that change one head cannot both be valid, so orders of one member are carried out in turn: they stand in
// a table of the hot state, of which each collector takes the oldest order of a member that nobody works on. Orders of
// different members go at the same time. What else changes the account meanwhile (a ticket that captures a hold) shows as a
// conflict; the order is then endorsed anew.
//
// An order may be carried out any number of times: the ledger knows the ids of holds and transfers, and answers a repetition
// as it did the first time. So an unclear outcome needs no memory here: ask again.
package spending

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/fabric"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/hotstate"
)

// A Ledger has calls judged, and takes the transactions that come of it.
type Ledger interface {
	EndorseCall(ctx context.Context, function, argument string) (fabric.Endorsed, error)
	Submit(ctx context.Context, envelope []byte) (fabric.Commit, error)
}

// Keys give a member's pseudonym, and keyed hashes of what was asked for.
type Keys interface {
	Member(loyaltyID string) (keyring.Member, error)
	ContentMAC(content []byte) []byte
}

// Config bounds the work.
type Config struct {
	HoldFor  time.Duration // how long points are held for a till
	AtOnce   int           // orders at a time, of as many members
	Lease    time.Duration // after which an order of a dead collector is taken by another
	Retry    time.Duration // the first pause after a failure; it doubles up to 32 times
	Sweep    time.Duration // between looks for holds whose time is over
	Lateness time.Duration // how far the ledger's clock may be behind ours
}

// DefaultConfig suits one store chain on one machine.
var DefaultConfig = Config{
	HoldFor:  15 * time.Minute,
	AtOnce:   16,
	Lease:    time.Minute,
	Retry:    100 * time.Millisecond,
	Sweep:    5 * time.Second,
	Lateness: 5 * time.Second,
}

// idle is how often we look for orders that other collectors' tills gave.
const idle = 25 * time.Millisecond

// A Service takes orders and carries them out.
type Service struct {
	pool   *pgxpool.Pool
	ledger Ledger
	keys   Keys
	config Config
	metrics
}

// New makes a service.
func New(pool *pgxpool.Pool, ledger Ledger, keys Keys, config Config) *Service {
	return &Service{pool: pool, ledger: ledger, keys: keys, config: config, metrics: newMetrics()}
}

// Run carries out orders until the context ends.
func (s *Service) Run(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	workers.Go(func() { s.sweep(ctx) })
	places := make(chan struct{}, s.config.AtOnce)
	for ctx.Err() == nil {
		select {
		case places <- struct{}{}:
		case <-ctx.Done():
			return
		}
		order, err := hotstate.TakeOrder(ctx, s.pool, s.config.Lease)
		if err != nil {
			<-places
			if !errors.Is(err, hotstate.ErrNotFound) && ctx.Err() == nil {
				slog.ErrorContext(ctx, "spending: could not look for orders", "error", err)
				pause(ctx, time.Second)
			}
			pause(ctx, idle)
			continue
		}
		workers.Go(func() {
			defer func() { <-places }()
			s.work(ctx, order)
		})
	}
}

// work carries an order out, or sees to it that it is tried again.
func (s *Service) work(ctx context.Context, order hotstate.SpendingOrder) {
	within, cancel := context.WithTimeout(ctx, s.config.Lease*3/4) // whoever takes it over must find nobody at work
	err := s.carryOut(within, order)
	cancel()
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err == nil {
		s.orders.WithLabelValues(order.Action).Inc()
		err = hotstate.FinishOrder(after, s.pool, order.ID)
	} else {
		s.failures.Inc()
		wait := s.config.Retry << min(order.Attempts-1, 5)
		if ctx.Err() != nil {
			wait = 0
		} else {
			slog.ErrorContext(ctx, "spending: an order failed and will be tried again", "action", order.Action,
				"subject", order.Subject, "attempt", order.Attempts, "error", err)
		}
		err = hotstate.PostponeOrder(after, s.pool, order.ID, wait)
	}
	if err != nil {
		slog.WarnContext(ctx, "spending: could not let go of an order; its lease will run out", "order", order.ID, "error", err)
	}
}

// sweep orders the release of holds whose time is over.
func (s *Service) sweep(ctx context.Context) {
	const most = 100
	for pause(ctx, s.config.Sweep) {
		if _, err := hotstate.OrderSweeps(ctx, s.pool, s.config.Lateness, most); err != nil && ctx.Err() == nil {
			slog.ErrorContext(ctx, "spending: could not look for holds whose time is over", "error", err)
		}
	}
}

// pause waits, and is false if the context ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
