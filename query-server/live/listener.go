package live

import (
	"context"
	"fmt"

	"github.com/tillproof/tillproof/hotstate"
)

// A Listener hears of one actor's sales, until Close, the end of the feed, or since it was too slow. Whoever then asks
// again with the last block misses nothing.
type Listener struct {
	AsOf hotstate.AsOf // events tell of what comes after

	events chan Event
	bytes  int64 // that wait in events; the feed's lock guards it
	actor  hotstate.Actor
	user   string
	feed   *Feed
}

// Next waits for the next event. There is none any more when the listener was let go, or when ctx has ended.
func (l *Listener) Next(ctx context.Context) (e Event, more bool) {
	select {
	case e, more = <-l.events:
	case <-ctx.Done():
		return Event{}, false
	}
	if more {
		l.feed.took(l, e)
	}
	return e, more
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
	l := &Listener{AsOf: f.asOf, events: make(chan Event, maxBehind), actor: actor, user: user, feed: f}
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
	f.held -= l.bytes
	l.bytes = 0
}

// send never waits: a listener that does not keep up is let go, and catches up when it comes back. What waits for
// listeners is bounded in bytes, since events are as large as what was sold.
func (f *Feed) send(l *Listener, e Event) {
	if _, there := f.listeners[l]; !there {
		return
	}
	size := int64(len(e.Data))
	if l.bytes > 0 && l.bytes+size > maxBehindBytes || f.held+size > maxHeldBytes {
		f.remove(l)
		return
	}
	select {
	case l.events <- e:
		l.bytes, f.held = l.bytes+size, f.held+size
	default:
		f.remove(l)
	}
}

// took counts an event that does not wait any more. Of a listener that was let go nothing is counted.
func (f *Feed) took(l *Listener, e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.listeners[l]; there {
		l.bytes, f.held = l.bytes-int64(len(e.Data)), f.held-int64(len(e.Data))
	}
}
