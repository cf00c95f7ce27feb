package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A SignInLimit is a counter of failed sign-ins, and how many of them a window may have.
type SignInLimit struct {
	Counter [32]byte // a keyed hash of what is counted
	Most    int
}

// CountSignIn counts an attempt to sign in before it is made, so that many at once do not all pass, and gives how long to
// wait if one of the counters is full. The caller then undoes the transaction: who has to wait is not counted further. It
// clears away some counters whose window is over. One that ends later than in two windows was set before the database's clock
// was set back; in one would be too early, since who began to count a moment later may have set the end a moment later.
//
// Counters are locked in the order of their names, so that two attempts never wait for each other.
func CountSignIn(ctx context.Context, tx pgx.Tx, limits []SignInLimit, window time.Duration) (wait time.Duration, err error) {
	rows, err := tx.Query(ctx, `
		with over as (
			select counter from book.sign_in_attempts where ends_at < now() - $2::interval limit 100 for update skip locked
		), cleared as (
			delete from book.sign_in_attempts a using over where a.counter = over.counter
		)
		insert into book.sign_in_attempts as a (counter, attempts, ends_at)
		select counter, 1, now() + $2 from unnest($1::bytea[]) as counter order by counter
		on conflict (counter) do update
		set attempts = case when a.ends_at not between now() and now() + 2 * $2::interval then 1 else a.attempts + 1 end,
		    ends_at = case when a.ends_at not between now() and now() + 2 * $2::interval then excluded.ends_at else a.ends_at end
		returning counter, attempts, ends_at - now()`, counters(limits), window)
	if err != nil {
		return 0, fmt.Errorf("count a sign-in: %w", err)
	}
	most := make(map[[32]byte]int, len(limits))
	for _, limit := range limits {
		most[limit.Counter] = limit.Most
	}
	var counter []byte
	var attempts int
	var left time.Duration
	_, err = pgx.ForEachRow(rows, []any{&counter, &attempts, &left}, func() error {
		if attempts > most[[32]byte(counter)] {
			wait = max(wait, left)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count a sign-in: %w", err)
	}
	return wait, nil
}

// ForgiveSignIn takes back an attempt that turned out right.
func ForgiveSignIn(ctx context.Context, db DB, limits []SignInLimit) error {
	_, err := db.Exec(ctx, `
		with counted as (
			select counter from book.sign_in_attempts where counter = any ($1) order by counter for update
		)
		update book.sign_in_attempts a set attempts = greatest(a.attempts - 1, 0) from counted where a.counter = counted.counter`,
		counters(limits))
	if err != nil {
		return fmt.Errorf("forgive a sign-in: %w", err)
	}
	return nil
}

func counters(limits []SignInLimit) [][]byte {
	names := make([][]byte, len(limits))
	for i := range limits {
		names[i] = limits[i].Counter[:]
	}
	return names
}
