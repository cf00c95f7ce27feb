package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
	"github.com/tillproof/tillproof/query-server/token"
)

// newTestService gives a server's service. Several on one database and one folder of keys are servers of one installation.
func newTestService(t *testing.T, db *hotstatetest.Database, folder string) *Service {
	t.Helper()
	keys, err := token.OpenKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewService(db.Query, token.Issuer{Name: "tillproof", Keys: keys, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s.verify = func(string, string) (bool, error) { return false, nil } // what is counted here is not how long a hash takes
	return s
}

// try reports whether an attempt is let through, to fail by its password.
func try(t *testing.T, s *Service, username, address string) bool {
	t.Helper()
	_, err := s.SignIn(context.Background(), username, "wrong", address)
	var throttled *ThrottledError
	if errors.As(err, &throttled) {
		if throttled.Wait <= 0 || throttled.Wait > window {
			t.Errorf("one has to wait %s", throttled.Wait)
		}
		return false
	}
	if !errors.Is(err, ErrCredentials) {
		t.Fatal(err)
	}
	return true
}

func TestThrottleLimits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		attempt func(i int) (username, address string)
		allowed int
	}{
		"one user from one address":    {func(int) (string, string) { return "u", "a" }, perUserAtAddress},
		"one user from many addresses": {func(i int) (string, string) { return "u", fmt.Sprint(i) }, perUser},
		"many users from one address":  {func(i int) (string, string) { return fmt.Sprint(i), "a" }, perAddress},
	} {
		db, folder := hotstatetest.New(t), t.TempDir()
		servers := []*Service{newTestService(t, db, folder), newTestService(t, db, folder)}
		for i := range test.allowed {
			username, address := test.attempt(i)
			if !try(t, servers[i%2], username, address) {
				t.Fatalf("%s: attempt %d has to wait", name, i+1)
			}
		}
		username, address := test.attempt(test.allowed)
		for i, s := range servers {
			if try(t, s, username, address) {
				t.Errorf("%s: attempt %d at server %d passes", name, test.allowed+1, i+1)
			}
		}
		if _, err := db.Owner.Exec(t.Context(), `update book.sign_in_attempts set ends_at = now()`); err != nil {
			t.Fatal(err)
		}
		if !try(t, servers[0], username, address) {
			t.Errorf("%s: the wait does not end", name)
		}
	}
}

func TestWaitingLocksOutNobodyElse(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	s := newTestService(t, db, t.TempDir())
	for range 3 * perUserAtAddress { // of which most are refused, and count no further
		try(t, s, "u", "a")
	}
	if !try(t, s, "u", "b") {
		t.Error("the user is locked out from elsewhere")
	}
	if !try(t, s, "v", "a") {
		t.Error("another user at the address is locked out")
	}
	var kept int
	err := db.Owner.QueryRow(t.Context(), `select attempts from book.sign_in_attempts where counter = $1`,
		s.throttle.limits("u", "a")[2].Counter[:]).Scan(&kept)
	if err != nil || kept != perUserAtAddress+1 {
		t.Errorf("of the address %d attempts count, %v", kept, err)
	}
}

// Many attempts at once must not all pass before the first is counted, and none may wait for another for ever.
func TestThrottleAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestService(t, hotstatetest.New(t), t.TempDir())
	var passed atomic.Int32
	var wait sync.WaitGroup
	for range 60 {
		wait.Go(func() {
			if try(t, s, "u", "a") {
				passed.Add(1)
			}
		})
	}
	wait.Wait()
	if passed.Load() != perUserAtAddress {
		t.Errorf("%d passed", passed.Load())
	}
}

// Counters whose window is over go, and nothing in the database says whom they counted.
func TestCountersAreCleared(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	s := newTestService(t, db, t.TempDir())
	for i := range 20 {
		try(t, s, fmt.Sprint("user ", i), "192.0.2.7")
	}
	if _, err := db.Owner.Exec(t.Context(), `update book.sign_in_attempts set ends_at = now() - interval '1 hour'`); err != nil {
		t.Fatal(err)
	}
	try(t, s, "another", "192.0.2.8")
	var left int
	if err := db.Owner.QueryRow(t.Context(), `select count(*) from book.sign_in_attempts`).Scan(&left); err != nil || left != 3 {
		t.Errorf("%d counters are left, %v", left, err)
	}
}
