package chaos

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

// A Balance sets the clients' books against the ledger and the view.
type Balance struct {
	Acknowledged int
	Unanswered   int // sent and never answered: may be recorded, and need not
	Resent       int
	OnPeers      onPeers // more than before
	InView       int
	PointsBooked int64
	PointsInView int64
	Differences  []string // none: the promise was kept
}

// agreeWithin is how long one peer may be behind the other.
const agreeWithin = time.Minute

// balance compares. What was sent and never answered counts for the clients if it was recorded.
func (s *system) balance(ctx context.Context, b *book, before onPeers) (*Balance, error) {
	view, err := hotstate.ViewOfStore(ctx, s.pool, s.store)
	if err != nil {
		return nil, err
	}
	balance := &Balance{Acknowledged: len(b.acknowledged), Unanswered: len(b.unanswered), Resent: b.resent,
		InView: len(view), Differences: slices.Clone(b.wrong)}
	booked := balance.compareTickets(b, view)
	if err := s.comparePoints(ctx, balance, booked); err != nil {
		return nil, err
	}
	return balance, s.comparePeers(ctx, balance, before)
}

func (b *Balance) differ(format string, args ...any) {
	b.Differences = append(b.Differences, fmt.Sprintf(format, args...))
}

// compareTickets looks for each acknowledged ticket once, and gives the points that every member must have.
func (b *Balance) compareTickets(book *book, view []hotstate.ViewedTicket) map[string]int64 {
	booked := make(map[string]int64)
	seen := make(map[string]bool, len(view))
	for _, t := range view {
		sold, acknowledged := book.acknowledged[t.TransactionID]
		if !acknowledged {
			var sent bool
			if sold, sent = book.unanswered[t.TransactionID]; !sent {
				b.differ("ticket %s is in the view, and nobody sent it", t.TransactionID)
				continue
			}
		}
		if seen[t.TransactionID] {
			b.differ("ticket %s is in the view twice", t.TransactionID)
		}
		seen[t.TransactionID] = true
		entries := int64(0)
		if sold.member != "" {
			entries = 1
			booked[sold.member] += sold.points
		}
		if t.Points != sold.points || t.LoyaltyID != sold.member || t.Entries != entries {
			b.differ("ticket %s has %d points in %d entries, and should have %d", t.TransactionID, t.Points, t.Entries, sold.points)
		}
	}
	for id := range book.acknowledged {
		if !seen[id] {
			b.differ("ticket %s was acknowledged, and is not in the view", id)
		}
	}
	return booked
}

func (s *system) comparePoints(ctx context.Context, b *Balance, booked map[string]int64) error {
	members := make([]string, 0, len(booked))
	for member := range booked {
		members = append(members, member)
	}
	credited, err := hotstate.PointsOfMembers(ctx, s.pool, members)
	if err != nil {
		return err
	}
	for _, member := range members {
		b.PointsBooked += booked[member]
		b.PointsInView += credited[member]
		if booked[member] != credited[member] {
			b.differ("member %s has %d points, and should have %d", member, credited[member], booked[member])
		}
	}
	return nil
}

// comparePeers counts what each peer has more than before: a ticket recorded twice would stand under another key.
func (s *system) comparePeers(ctx context.Context, b *Balance, before onPeers) error {
	deadline := time.Now().Add(agreeWithin)
	for {
		now, err := s.countOnPeers(ctx)
		if err == nil {
			b.OnPeers = onPeers{now.Retail - before.Retail, now.Brands - before.Brands}
			if b.OnPeers.Retail == b.InView && b.OnPeers.Brands == b.InView {
				return nil
			}
		}
		if time.Now().After(deadline) {
			b.differ("the retail peer has %d tickets, the brands peer %d, the view %d", b.OnPeers.Retail, b.OnPeers.Brands, b.InView)
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// printedDifferences bounds the list; the first ones tell.
const printedDifferences = 20

// Print writes the balance.
func (b *Balance) Print(w io.Writer) {
	fmt.Fprintf(w, "\nclients    acknowledged %d, without an answer %d, requests sent again %d\n", b.Acknowledged, b.Unanswered, b.Resent)
	fmt.Fprintf(w, "ledger     retail peer %d, brands peer %d\n", b.OnPeers.Retail, b.OnPeers.Brands)
	fmt.Fprintf(w, "view       %d\n", b.InView)
	fmt.Fprintf(w, "points     %d by the clients' books, %d in the view\n", b.PointsBooked, b.PointsInView)
	for _, difference := range b.Differences[:min(len(b.Differences), printedDifferences)] {
		fmt.Fprintln(w, "DIFFERENCE:", difference)
	}
	if more := len(b.Differences) - printedDifferences; more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	if len(b.Differences) == 0 {
		fmt.Fprintln(w, "The books agree.")
	}
}
