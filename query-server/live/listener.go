package live

import (
	"context"
	"fmt"

	"github.com/tillproof/tillproof/hotstate"
)

// A Listener hears of one actor's sales, until Events is closed: by Close, by the end of the feed, or since it was too
// slow. Whoever then asks again with the last block misses nothing.
type Listener struct {
	Events <-chan Event
	AsOf   hotstate.AsOf // events tell of what comes after

	events chan Event
	actor  hotstate.Actor
	user   string
	feed   *Feed
}

// Listen adds a listener. The actor is of a verified token.
func (f *Feed) Listen(ctx context.Context, user string, actor hotstate.Actor) (*Listener, error) {
	select {
	case <-f.ready:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the live feed: %w", ctx.Err())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.stopped:
		return nil, ErrStopped
	case len(f.listeners) >= maxListeners:
		return nil, ErrFull
	case f.users[user] >= maxPerUser:
		return nil, ErrTooMany
	}
	events := make(chan Event, buffered)
	l := &Listener{Events: events, AsOf: f.asOf, events: events, actor: actor, user: user, feed: f}
	f.listeners[l] = struct{}{}
	f.users[user]++
	return l, nil
}

// Close ends listening.
func (l *Listener) Close() {
	l.feed.mu.Lock()
	defer l.feed.mu.Unlock()
	l.feed.remove(l)
}

// remove is called with the lock held, as send is.
func (f *Feed) remove(l *Listener) {
	if _, there := f.listeners[l]; !there {
		return
	}
	delete(f.listeners, l)
	if f.users[l.user]--; f.users[l.user] == 0 {
		delete(f.users, l.user)
	}
	close(l.events)
}

// send never waits: a listener that does not keep up is let go, and catches up when it comes back.
func (f *Feed) send(l *Listener, e Event) {
	if _, there := f.listeners[l]; !there {
		return
	}
	select {
	case l.events <- e:
	default:
		f.remove(l)
	}
}
