// Package chaos holds the promise of the collector against a system whose parts are killed: what was acknowledged is on
// the ledger and in the view, once, and gives every member the points it should, whatever dies and whenever.
//
// Clients trade without pause and keep books of their own: sales, returns with and without their sale, before it and beyond
// it, voids, redemptions in all their ends, transfers. Meanwhile one part after the other is ended as by a power cut and
// brought back. When all is quiet again, the clients' books are compared with each organisation's peer, with what members and
// stores are shown, and with the log that both organisations signed and Ethereum keeps.
package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tillproof/tillproof/network/stack"
)

// Config says what to do to which system. The system is up, and nobody else uses it.
type Config struct {
	Stack    stack.Configuration
	Cycles   int
	Seed     uint64 // of what is killed when
	Progress func(message string)
}

// victims are what is killed: every part there is.
var victims = stack.Daemons()

// The pace of a cycle: load, a kill, a while without the part, and its return.
const (
	loadFor      = 2500 * time.Millisecond // at the most, as the next one
	deadFor      = 3 * time.Second
	repairTries  = 5
	repairPause  = 3 * time.Second
	acknowledge  = 3 * time.Minute // for what is under way at the end
	stalledAfter = 3 * time.Minute // without any ticket recorded
	tills        = 4

	// anchoredWithin is some of the anchor service's rounds, of which one a minute brings a root to Ethereum.
	anchoredWithin = 4 * time.Minute
)

// Run puts the system through its cycles and gives the balance. An error says that no balance could be drawn.
func Run(ctx context.Context, c Config) (*Balance, error) {
	s, err := open(ctx, c.Stack)
	if err != nil {
		return nil, err
	}
	defer s.close()
	before, err := s.recordsOnPeers(ctx)
	if err != nil {
		return nil, err
	}

	book := newBook()
	selling, closeShop := context.WithCancel(ctx)
	uploading, giveUp := context.WithCancel(ctx)
	defer giveUp()
	var clients sync.WaitGroup
	for n := range tills {
		clients.Go(func() { s.runTill(selling, uploading, book, s.newTill(n, c.Seed)) })
	}
	clients.Go(func() { s.runFiles(selling, uploading, book, s.newTill(tills, c.Seed)) })
	clients.Go(func() { s.runTransfers(selling, uploading, book, s.newTill(tills+1, c.Seed)) })

	err = kill(ctx, c)
	closeShop()
	if err != nil {
		giveUp()
		clients.Wait()
		return nil, err
	}
	c.Progress("no more kills; the clients send what is still without an answer")
	deadline := time.AfterFunc(acknowledge, giveUp)
	defer deadline.Stop()
	clients.Wait()
	c.Progress("waiting for the ledger")
	if err := s.awaitQuiet(ctx); err != nil {
		return nil, err
	}
	c.Progress("waiting for the anchor")
	if err := s.awaitAnchor(ctx); err != nil {
		return nil, err
	}
	c.Progress("comparing")
	return s.balance(ctx, book, before)
}

// kill goes through the cycles. Each part has its turn, in an order that the seed decides.
func kill(ctx context.Context, c Config) error {
	dice := rand.New(rand.NewPCG(c.Seed, 0))
	var turn []int
	for cycle := range c.Cycles {
		if len(turn) == 0 {
			turn = dice.Perm(len(victims))
		}
		victim := victims[turn[0]]
		turn = turn[1:]
		if err := sleep(ctx, time.Duration(dice.Int64N(int64(loadFor)))); err != nil {
			return err
		}
		if err := stack.Kill(ctx, c.Stack, victim); err != nil {
			return err
		}
		away := time.Duration(dice.Int64N(int64(deadFor)))
		c.Progress(fmt.Sprintf("cycle %d of %d: %s is dead, for %.1f s", cycle+1, c.Cycles, victim, away.Seconds()))
		if err := sleep(ctx, away); err != nil {
			return err
		}
		if err := repair(ctx, c); err != nil {
			return fmt.Errorf("bring %s back: %w", victim, err)
		}
	}
	return nil
}

// repair tries some times: what a killed program leaves behind may take a moment to go.
func repair(ctx context.Context, c Config) error {
	var errs []error
	for range repairTries {
		err := stack.Repair(ctx, c.Stack)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
		if err := sleep(ctx, repairPause); err != nil {
			return err
		}
	}
	return errors.Join(errs...)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
