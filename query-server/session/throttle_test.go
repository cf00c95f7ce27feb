package session

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var noon = time.Date(2024, 1, 15, 12, 0, 0, 0, time.UTC)

func newTestThrottle() (*throttle, *time.Time) {
	now := noon
	return newThrottle(func() time.Time { return now }), &now
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
		throttle, _ := newTestThrottle()
		for i := range test.allowed {
			if wait := throttle.take(test.attempt(i)); wait > 0 {
				t.Fatalf("%s: attempt %d has to wait %s", name, i+1, wait)
			}
		}
		if wait := throttle.take(test.attempt(test.allowed)); wait <= 0 || wait > window {
			t.Errorf("%s: attempt %d has to wait %s", name, test.allowed+1, wait)
		}
	}
}

func TestThrottleForgivesAndForgets(t *testing.T) {
	t.Parallel()
	throttle, now := newTestThrottle()
	for range 1000 { // signing in rightly, however often
		if wait := throttle.take("u", "a"); wait > 0 {
			t.Fatal("right passwords are counted")
		}
		throttle.forgive("u", "a")
	}
	if len(throttle.counters) != 0 {
		t.Errorf("%d counters stay", len(throttle.counters))
	}
	for range perUserAtAddress {
		throttle.take("u", "a")
	}
	if throttle.take("u", "a") == 0 {
		t.Error("nobody has to wait")
	}
	if throttle.take("u", "b") != 0 {
		t.Error("the user is locked out from elsewhere")
	}
	*now = now.Add(window)
	if throttle.take("u", "a") != 0 {
		t.Error("the wait does not end")
	}
}

// Many attempts at once must not all pass before the first is counted.
func TestThrottleAtOnce(t *testing.T) {
	t.Parallel()
	throttle, _ := newTestThrottle()
	var passed atomic.Int32
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() {
			if throttle.take("u", "a") == 0 {
				passed.Add(1)
			}
		})
	}
	wait.Wait()
	if passed.Load() != perUserAtAddress {
		t.Errorf("%d passed", passed.Load())
	}
}

func TestThrottleIsBounded(t *testing.T) {
	t.Parallel()
	throttle, _ := newTestThrottle()
	for i := range 2 * maxCounters {
		throttle.take(fmt.Sprint("user ", i), fmt.Sprint("address ", i))
	}
	if len(throttle.counters) > maxCounters+10 {
		t.Errorf("%d counters", len(throttle.counters))
	}
}
