package ingest

import (
	"context"
	"sync"

	"github.com/tillproof/tillproof/hotstate"
)

// knownStores are stores that are registered, with their retailers. Neither ever changes.
type knownStores struct{ retailers sync.Map } // store id → retailer id

func (k *knownStores) add(stores map[string]hotstate.Store) {
	for id, store := range stores {
		k.retailers.Store(id, store.RetailerID)
	}
}

func (k *knownStores) find(id string) (store hotstate.Store, known bool) {
	retailer, known := k.retailers.Load(id)
	if known {
		store = hotstate.Store{StoreID: id, RetailerID: retailer.(string)}
	}
	return store, known
}

// acceptAtOnce accepts what nothing is in the way of, which is nearly all there is, in a transaction of its own with one
// message. It tries tickets that come singly, with a key, since somebody waits for these. What it does not accept stays
// open, to be looked into.
func (g *group) acceptAtOnce(ctx context.Context, known *knownStores) error {
	places := g.plain(known)
	if len(places) == 0 {
		return nil
	}
	tickets := make([]hotstate.KeyedTicket, len(places))
	outcomes := make([]Outcome, len(places))
	for n, i := range places {
		row := &g.rows[i]
		outcomes[n] = answered(Accepted, row.TransactionID, row.PendingPoints, g.receivedAt)
		outcomes[n].kept = true
		tickets[n] = hotstate.KeyedTicket{NewTicket: *row, Key: *g.submissions[i].Key, Answer: outcomes[n].Answer.stored(g.bodyHash(i))}
	}
	accepted, err := hotstate.AcceptKeyed(ctx, g.conn, tickets, g.receivedAt)
	if err != nil {
		return err
	}
	done := make(map[int]Outcome, len(places))
	for n, i := range places {
		if accepted[n] {
			done[i] = outcomes[n]
		}
	}
	g.decide(func(i int) (Outcome, bool) {
		outcome, decided := done[i]
		return outcome, decided
	})
	return nil
}

// plain gives the submissions with a key whose stores are known and the caller's, and makes their rows. The first of two
// with the same key or till number is one of them.
func (g *group) plain(known *knownStores) (places []int) {
	keys, numbers := make(map[hotstate.IdempotencyKey]bool), make(map[string]bool)
	for i, submission := range g.submissions {
		store, found := known.find(submission.Ticket.StoreID)
		if !found || submission.Key == nil || checkStore(submission.Caller, store, true, store.StoreID) != nil {
			continue
		}
		g.rows[i] = g.newRow(submission, store.RetailerID)
		if number := string(g.rows[i].TicketKey); !keys[*submission.Key] && !numbers[number] {
			keys[*submission.Key], numbers[number] = true, true
			places = append(places, i)
		}
	}
	return places
}
