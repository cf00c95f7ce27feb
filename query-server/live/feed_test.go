package live

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"testing"

	"github.com/tillproof/tillproof/hotstate"
)

func knownFeed() *Feed {
	f := NewFeed(nil, slog.New(slog.DiscardHandler), nil, hotstate.SmallestCells{})
	f.moveTo(hotstate.AsOf{Block: 7})
	return f
}

// A listener that takes nothing must not hold up the others, nor gather memory.
func TestASlowListenerIsLetGo(t *testing.T) {
	t.Parallel()
	f := knownFeed()
	slow, err := f.Listen(context.Background(), "slow", hotstate.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	quick, err := f.Listen(context.Background(), "quick", hotstate.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	for range maxBehind + 10 {
		f.beat()
		if e, more := quick.Next(t.Context()); !more || e.Block != 7 || !e.Final {
			t.Fatalf("got %+v", e)
		}
	}
	if taken := takeAll(slow); taken != maxBehind || f.Count() != 1 {
		t.Errorf("the slow one had %d events, and %d listen", taken, f.Count())
	}
	slow.Close() // once more
	quick.Close()
	if f.Count() != 0 || len(f.users) != 0 {
		t.Errorf("%d listeners and %v stay", f.Count(), f.users)
	}
}

func takeAll(l *Listener) (taken int) {
	for {
		if _, more := l.Next(context.Background()); !more {
			return taken
		}
		taken++
	}
}

// Large events are few: what waits is bounded in bytes, for one listener and for all.
func TestWhatWaitsForListenersIsBounded(t *testing.T) {
	t.Parallel()
	f := knownFeed()
	large := Event{Kind: "sales", Data: make([]byte, maxBehindBytes/2)}
	slow, err := f.Listen(t.Context(), "slow", hotstate.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		f.send(slow, large)
	}
	if taken := takeAll(slow); taken != 2 || f.held != 0 {
		t.Errorf("the slow one had %d events, and %d bytes are held", taken, f.held)
	}
	for range 2 * maxHeldBytes / maxBehindBytes {
		l, err := f.Listen(t.Context(), rand.Text(), hotstate.Actor{})
		if err != nil {
			t.Fatal(err)
		}
		f.send(l, Event{Kind: "sales", Data: make([]byte, maxBehindBytes)})
	}
	if f.held > maxHeldBytes || f.Count() != maxHeldBytes/maxBehindBytes {
		t.Errorf("%d listen, for whom %d bytes are held", f.Count(), f.held)
	}
	huge, err := f.Listen(t.Context(), "huge", hotstate.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	for l := range f.listeners {
		if l != huge {
			l.Next(t.Context())
		}
	}
	f.send(huge, Event{Kind: "sales", Data: make([]byte, 2*maxBehindBytes)})
	if _, more := huge.Next(t.Context()); !more || f.held != 0 {
		t.Errorf("one large event was not let through, or %d bytes are held for nobody", f.held)
	}
}

func TestOneUserHasSomeListenersOnly(t *testing.T) {
	t.Parallel()
	f := knownFeed()
	for range maxPerUser {
		if _, err := f.Listen(context.Background(), "u", hotstate.Actor{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Listen(context.Background(), "u", hotstate.Actor{}); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := f.Listen(context.Background(), "v", hotstate.Actor{}); err != nil {
		t.Errorf("another user: %v", err)
	}
}

// Each actor is found exactly the cells that it may see.
func TestCellIndex(t *testing.T) {
	t.Parallel()
	cells := []hotstate.SalesCell{
		{ManufacturerID: "m1", RetailerID: "r1", ItemID: "A", StoreID: "s1"},
		{ManufacturerID: "m2", RetailerID: "r1", ItemID: "B", StoreID: "s2"},
		{ManufacturerID: "", RetailerID: "r2", ItemID: "C", StoreID: "s3"},
	}
	index := newCellIndex(cells)
	for _, test := range []struct {
		actor hotstate.Actor
		want  string
	}{
		{hotstate.Actor{Role: "manufacturer", ManufacturerID: "m1"}, "A"},
		{hotstate.Actor{Role: "manufacturer"}, ""}, // not what nobody owns
		{hotstate.Actor{Role: "store", StoreIDs: []string{"s2", "s3"}}, "BC"},
		{hotstate.Actor{Role: "store", RetailerID: "r1"}, "AB"},
		{hotstate.Actor{Role: "store", RetailerID: "r1", StoreIDs: []string{"s3"}}, "AB"},
		{hotstate.Actor{Role: "store"}, ""},
		{hotstate.Actor{Role: "customer", LoyaltyID: "a"}, ""},
		{hotstate.Actor{Role: "auditor"}, "ABC"},
	} {
		got := ""
		for _, c := range index.of(test.actor) {
			got += c.ItemID
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.actor, got, test.want)
		}
	}
}
