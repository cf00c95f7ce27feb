package session

import (
	"sync"
	"time"
)

// How many passwords may be wrong in a window. A user's own limit is per address, so that nobody can lock somebody out
// from elsewhere; the one over all addresses only slows a search that comes from many.
const (
	window           = 15 * time.Minute
	perUserAtAddress = 10
	perUser          = 100
	perAddress       = 100
	maxCounters      = 100_000
)

// A throttle counts failed sign-ins in windows of a fixed length.
type throttle struct {
	now func() time.Time

	mu       sync.Mutex
	counters map[string]counter
}

type counter struct {
	count int
	ends  time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, counters: map[string]counter{}}
}

type limit struct {
	key string
	max int
}

func limits(username, address string) []limit {
	return []limit{
		{"both\x00" + username + "\x00" + address, perUserAtAddress},
		{"user\x00" + username, perUser},
		{"address\x00" + address, perAddress},
	}
}

// take counts an attempt before it is made, so that many at once do not all pass. It gives how long to wait, or zero.
func (t *throttle) take(username, address string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, l := range limits(username, address) {
		if c := t.counters[l.key]; c.count >= l.max && now.Before(c.ends) {
			return c.ends.Sub(now)
		}
	}
	if len(t.counters) > maxCounters {
		t.sweep(now)
	}
	for _, l := range limits(username, address) {
		c := t.counters[l.key]
		if !now.Before(c.ends) {
			c = counter{ends: now.Add(window)}
		}
		c.count++
		t.counters[l.key] = c
	}
	return 0
}

// forgive takes back the attempt that turned out right.
func (t *throttle) forgive(username, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range limits(username, address) {
		c := t.counters[l.key]
		if c.count--; c.count <= 0 {
			delete(t.counters, l.key)
			continue
		}
		t.counters[l.key] = c
	}
}

// sweep forgets what is over. Should so many be going on at once, it forgets them all: memory is bounded first.
func (t *throttle) sweep(now time.Time) {
	for key, c := range t.counters {
		if !now.Before(c.ends) {
			delete(t.counters, key)
		}
	}
	if len(t.counters) > maxCounters {
		clear(t.counters)
	}
}
