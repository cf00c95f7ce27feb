package chaos

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tillproof/tillproof/hotstate"
)

// A Balance sets the clients' books against both copies of the ledger, the view, what members are shown, and the log.
type Balance struct {
	Acknowledged int
	Kinds        map[string]int // acknowledged tickets by type
	Resent       int
	Held         int // redemptions that a till was told are held
	Transferred  int
	Refused      int // redemptions and transfers, for want of points
	OnPeers      []int
	InView       int
	PointsBooked int64   // of all members
	PointsOn     []int64 // each peer
	PointsShown  int64   // by the query server
	LogSize      int64
	Anchored     int64
	Differences  []string // none: the promise was kept
}

// agreeWithin is how long one part may be behind another.
const agreeWithin = time.Minute

// balance compares, and where something differs, looks again until all had time to catch up.
func (s *system) balance(ctx context.Context, b *book, before []int) (*Balance, error) {
	for deadline := time.Now().Add(agreeWithin); ; {
		balance, err := s.compare(ctx, b, before)
		if err == nil && len(balance.Differences) == 0 || time.Now().After(deadline) {
			return balance, err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return nil, err
		}
	}
}

func (s *system) compare(ctx context.Context, b *book, before []int) (*Balance, error) {
	view, err := hotstate.ViewOfStore(ctx, s.pool, s.store)
	if err != nil {
		return nil, err
	}
	balance := &Balance{
		Acknowledged: len(b.acknowledged), Kinds: b.kinds, Resent: b.resent, Held: b.held, Transferred: b.transferred,
		Refused: b.refused, InView: len(view), Differences: slices.Clone(b.wrong),
	}
	balance.compareTickets(b, view)
	if err := s.compareRecords(ctx, balance, before); err != nil {
		return nil, err
	}
	if err := s.comparePoints(ctx, balance, reckon(b.sent(), b.moves)); err != nil {
		return nil, err
	}
	return balance, s.compareLog(ctx, balance)
}

func (b *Balance) differ(format string, args ...any) {
	b.Differences = append(b.Differences, fmt.Sprintf(format, args...))
}

// compareTickets looks for each ticket once. Whoever sent one has had minutes without kills to get its answer.
func (b *Balance) compareTickets(book *book, view []hotstate.ViewedTicket) {
	for id := range book.unanswered {
		b.differ("ticket %s never got an answer", id)
	}
	sent, seen := book.sent(), make(map[string]bool, len(view))
	for _, t := range view {
		made := sent[t.TransactionID]
		if made == nil {
			b.differ("ticket %s is in the view, and nobody sent it", t.TransactionID)
			continue
		}
		if seen[t.TransactionID] {
			b.differ("ticket %s is in the view twice", t.TransactionID)
		}
		seen[t.TransactionID] = true
		entries, points := int64(0), int64(0)
		if made.member != "" {
			entries, points = 1, earned(made.own())
		}
		if t.Points != points || t.LoyaltyID != made.member || t.Accruals != entries {
			b.differ("ticket %s earned %d points in %d entries, and should have earned %d in %d", t.TransactionID, t.Points, t.Accruals, points, entries)
		}
	}
	for id := range book.acknowledged {
		if !seen[id] {
			b.differ("ticket %s was acknowledged, and is not in the view", id)
		}
	}
}

// compareRecords counts what each peer has more than before: a ticket recorded twice would stand under another key.
func (s *system) compareRecords(ctx context.Context, b *Balance, before []int) error {
	now, err := s.recordsOnPeers(ctx)
	if err != nil {
		return err
	}
	for i, p := range s.peers {
		b.OnPeers = append(b.OnPeers, now[i]-before[i])
		if now[i]-before[i] != b.InView {
			b.differ("the %s has %d tickets, the view %d", p.name, now[i]-before[i], b.InView)
		}
	}
	return nil
}

// comparePoints asks each peer by itself, and the query server as each member.
func (s *system) comparePoints(ctx context.Context, b *Balance, booked map[string]int64) error {
	b.PointsOn = make([]int64, len(s.peers))
	for _, m := range s.members {
		want := booked[m.id]
		b.PointsBooked += want
		if m.keeps && want < 0 {
			b.differ("member %s, who brought nothing back, was let spend %d points more than there were", m.id, -want)
		}
		keys, err := s.keys.Member(m.id)
		if err != nil {
			return err
		}
		for i, p := range s.peers {
			points, err := p.balance(ctx, keys.Account)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			b.PointsOn[i] += points
			b.comparePointsOf(m, p.name, points, want)
		}
		points, err := s.shown(ctx, m)
		if err != nil {
			return err
		}
		b.PointsShown += points
		b.comparePointsOf(m, "query server", points, want)
	}
	return nil
}

func (b *Balance) comparePointsOf(m *member, where string, points, want int64) {
	if points != want {
		b.differ("member %s has %d points by the %s, and should have %d", m.id, points, where, want)
	}
}

// printedDifferences bounds the list; the first ones tell.
const printedDifferences = 20

// Print writes the balance.
func (b *Balance) Print(w io.Writer) {
	fmt.Fprintf(w, "\nclients    acknowledged %d (%d sales, %d returns, %d voids), requests sent again %d\n", b.Acknowledged,
		b.Kinds["Sale"], b.Kinds["Return"], b.Kinds["PostVoid"], b.Resent)
	fmt.Fprintf(w, "           redemptions held %d, transfers %d, refused for want of points %d\n", b.Held, b.Transferred, b.Refused)
	fmt.Fprintf(w, "ledger     tickets on the retail and the brands peer %d\n", b.OnPeers)
	fmt.Fprintf(w, "view       %d\n", b.InView)
	fmt.Fprintf(w, "points     %d by the clients' books, %d on the peers, %d shown to members\n", b.PointsBooked, b.PointsOn, b.PointsShown)
	fmt.Fprintf(w, "log        %d entries, signed by operator and witness; %d of them anchored on Ethereum\n", b.LogSize, b.Anchored)
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
