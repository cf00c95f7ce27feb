package hotstate_test

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// A ticket that was accepted by a clock that is wrong does not wait for its batch to fill until that time has come.
func TestTicketsDatedByAWrongClockAreClaimed(t *testing.T) {
	t.Parallel()
	size := hotstate.BatchSize{Tickets: 9, Bytes: 100, Wait: 30 * time.Second}
	for name, test := range map[string]struct {
		received string
		claimed  bool
	}{
		"an hour ahead": {"now() + interval '1 hour'", true}, "a year ahead": {"now() + interval '1 year'", true},
		"an hour behind": {"now() - interval '1 hour'", true}, "right": {"now()", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := hotstatetest.New(t)
			acceptBytes(t, db, 1, 1)
			exec(t, db, "update book.tickets set received_at = "+test.received)
			if _, tickets, err := claim(t, db, size); (err == nil) != test.claimed || len(tickets) != 0 && len(tickets) != 2 {
				t.Errorf("claimed %d tickets, %v", len(tickets), err)
			}
			exec(t, db, "update book.tickets set undoes = array[gen_random_uuid()]")
			err := pgx.BeginFunc(t.Context(), db.Collector, func(tx pgx.Tx) error {
				_, _, err := hotstate.ClaimLinked(t.Context(), tx, hotstate.BatchSize{Tickets: 9, Bytes: 100}, time.Hour)
				return err
			})
			if test.claimed == (err == nil) { // what was claimed before is not claimed again, all else is
				t.Errorf("of those that undo: %v", err)
			}
		})
	}
}

// The database's clock is set back: what a program that died meanwhile had leased does not wait for as long.
func TestLeasesOfAClockThatWasSetBackAreOver(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	acceptBytes(t, db, 1)
	if _, _, err := claim(t, db, hotstate.BatchSize{Tickets: 1, Bytes: 100}); err != nil {
		t.Fatal(err)
	}
	if err := hotstate.AddOrder(t.Context(), db.Collector, "ann", hotstate.OrderHold, "00000000-0000-4000-8000-000000000000"); err != nil {
		t.Fatal(err)
	}
	if _, err := hotstate.BeginErasure(t.Context(), db.Collector, "index of bea", "bea"); err != nil {
		t.Fatal(err)
	}
	take := map[string]func() error{
		"batches":         func() error { _, err := hotstate.TakeOverBatch(t.Context(), db.Collector, time.Minute); return err },
		"spending_orders": func() error { _, err := hotstate.TakeOrder(t.Context(), db.Collector, time.Minute); return err },
		"erasures":        func() error { _, err := hotstate.TakeErasure(t.Context(), db.Collector, time.Minute); return err },
	}
	for table, take := range take {
		exec(t, db, "update book."+table+" set lease_until = now() + interval '1 minute'")
		if err := take(); !errors.Is(err, hotstate.ErrNotFound) {
			t.Errorf("%s: under a lease: %v", table, err)
		}
		exec(t, db, "update book."+table+" set lease_until = now() + interval '17 minutes'")
		if err := take(); err != nil {
			t.Errorf("%s: under a lease of a clock that was set back: %v", table, err)
		}
	}
}

// Nor does who failed to sign in.
func TestSignInsOfAClockThatWasSetBackAreFree(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	limits := []hotstate.SignInLimit{{Counter: sha256.Sum256([]byte("ann")), Most: 2}}
	count := func() (wait time.Duration) {
		t.Helper()
		err := hotstate.WithSessions(t.Context(), db.Query, func(tx pgx.Tx) (err error) {
			wait, err = hotstate.CountSignIn(t.Context(), tx, limits, time.Minute)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return wait
	}
	for range 2 {
		if wait := count(); wait != 0 {
			t.Fatalf("waits %s at once", wait)
		}
	}
	if count() == 0 {
		t.Fatal("the third does not wait")
	}
	exec(t, db, "update book.sign_in_attempts set ends_at = ends_at + interval '1 hour'")
	if wait := count(); wait != 0 {
		t.Errorf("waits %s after the clock was set back", wait)
	}
}

// Nor does an undo whose original has come.
func TestUndoesOfAClockThatWasSetBackAreLookedAt(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	acceptBytes(t, db, 1, 1)
	exec(t, db, `update book.tickets set state = 'recorded'`)
	exec(t, db, `insert into book.waiting_undoes (ticket_key, retailer_id, original)
		select r.ticket_key, r.retailer_id, o.transaction_id from book.tickets r join book.tickets o on o.id <> r.id order by r.id limit 1`)
	for next, want := range map[string]int{"1 hour": 0, "3 hours": 1} {
		exec(t, db, "update book.waiting_undoes set next_at = now() + interval '"+next+"'")
		taken, err := hotstate.TakeWaitingUndoes(t.Context(), db.Collector, 10, time.Minute)
		if err != nil || len(taken) != want {
			t.Errorf("to be looked at in %s: %d taken, %v; want %d", next, len(taken), err, want)
		}
	}
}
