package ingest

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/originals"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/points"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// group is the submissions of one transaction on their way through its steps. A step decides on some of those still
// open; what is open after a step goes on to the next.
type group struct {
	conn        *pgx.Conn
	keyring     Keyring
	points      Foreteller
	submissions []Submission
	receivedAt  time.Time

	// What was there before.
	keys   []hotstate.IdempotencyKey
	taken  *hotstate.TakenKeys // nil: there are no keys
	stores map[string]hotstate.Store

	outcomes []Outcome
	open     []int                // indexes of the submissions not yet decided on
	rows     []hotstate.NewTicket // by index, once the store is known
}

func newGroup(conn *pgx.Conn, keyring Keyring, foretold Foreteller, submissions []Submission, now time.Time) *group {
	g := &group{
		conn:        conn,
		keyring:     keyring,
		points:      foretold,
		submissions: submissions,
		receivedAt:  now.UTC().Truncate(time.Millisecond),
		outcomes:    make([]Outcome, len(submissions)),
		open:        make([]int, len(submissions)),
		rows:        make([]hotstate.NewTicket, len(submissions)),
	}
	for i := range g.open {
		g.open[i] = i
	}
	return g
}

// accept decides on what is open, in one transaction of some messages.
func (g *group) accept(ctx context.Context) error {
	defer hotstate.Rollback(ctx, g.conn) // unless it was committed
	if err := g.begin(ctx); err != nil {
		return err
	}
	g.replay()
	g.checkStores()
	if err := g.insert(ctx); err != nil {
		return err
	}
	return g.commit(ctx)
}

// decide asks about every open submission; what gets an outcome is closed.
func (g *group) decide(judge func(i int) (Outcome, bool)) {
	still := g.open[:0]
	for _, i := range g.open {
		if outcome, decided := judge(i); decided {
			g.outcomes[i] = outcome
		} else {
			still = append(still, i)
		}
	}
	g.open = still
}

// begin begins the transaction, and learns in the same message what there is to know before anything is inserted.
func (g *group) begin(ctx context.Context) error {
	return hotstate.BeginWith(ctx, g.conn, func(batch *pgx.Batch) {
		g.takeKeys(batch)
		g.stores = hotstate.QueueStoresByID(batch, g.storeIDs())
	})
}

func (g *group) storeIDs() (ids []string) {
	for _, i := range g.open {
		if id := g.submissions[i].Ticket.StoreID; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// checkStores refuses stores that are not registered or not the caller's, and makes the rows of the others.
func (g *group) checkStores() {
	g.decide(func(i int) (Outcome, bool) {
		id := g.submissions[i].Ticket.StoreID
		store, registered := g.stores[id]
		if p := checkStore(g.submissions[i].Caller, store, registered, id); p != nil {
			return rejected(p), true
		}
		g.rows[i] = g.newRow(g.submissions[i], store.RetailerID)
		return Outcome{}, false
	})
}

// maxRounds bounds how often tickets are inserted anew after rejected ones made room for them. Two are usual.
const maxRounds = 3

// insert accepts what is new. What cannot be inserted has another ticket in the way: of the same content, then it is a
// duplicate; of other content, then it is a conflict; or a rejected one, which makes room.
func (g *group) insert(ctx context.Context) error {
	for round := 0; len(g.open) > 0; round++ {
		if round == maxRounds {
			return errMoved
		}
		if err := g.insertOpen(ctx); err != nil {
			return err
		}
		if err := g.compareOpen(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (g *group) insertOpen(ctx context.Context) error {
	inserted, err := hotstate.InsertTickets(ctx, g.conn, g.openRows(), g.receivedAt)
	if err != nil {
		return err
	}
	place := -1
	g.decide(func(i int) (Outcome, bool) {
		place++
		if !inserted[place] {
			return Outcome{}, false
		}
		return answered(Accepted, g.rows[i].TransactionID, g.rows[i].PendingPoints, g.receivedAt), true
	})
	return nil
}

func (g *group) compareOpen(ctx context.Context) error {
	if len(g.open) == 0 {
		return nil
	}
	found, err := hotstate.TicketsInTheWay(ctx, g.conn, g.openRows())
	if err != nil {
		return err
	}
	inTheWay := make(map[int][]hotstate.HeldTicket)
	for _, held := range found {
		i := g.open[held.Place]
		inTheWay[i] = append(inTheWay[i], held)
	}
	var rejectedIDs []int64
	g.decide(func(i int) (Outcome, bool) {
		outcome, decided := g.judge(i, inTheWay[i])
		if !decided {
			for _, held := range inTheWay[i] {
				rejectedIDs = append(rejectedIDs, held.ID)
			}
		}
		return outcome, decided
	})
	if len(rejectedIDs) == 0 {
		return nil
	}
	return hotstate.RetireRejected(ctx, g.conn, rejectedIDs)
}

// commit keeps the answers and commits, in one message.
func (g *group) commit(ctx context.Context) error {
	return hotstate.CommitWith(ctx, g.conn, g.storeAnswers)
}

func (g *group) openRows() []hotstate.NewTicket {
	rows := make([]hotstate.NewTicket, len(g.open))
	for place, i := range g.open {
		rows[place] = g.rows[i]
	}
	return rows
}

// judge compares a ticket with those in its way. Rejected ones decide nothing.
func (g *group) judge(i int, inTheWay []hotstate.HeldTicket) (Outcome, bool) {
	for _, held := range inTheWay {
		if held.Rejected {
			continue
		}
		if bytes.Equal(held.ContentMAC, g.contentMAC(i, held.Erased)) {
			return answered(Duplicate, held.TransactionID, held.PendingPoints, held.ReceivedAt), true
		}
		return rejected(conflict(held)), true
	}
	return Outcome{}, false
}

// contentMAC is what a submission is compared by: of a ticket whose member was forgotten the trade part is left.
func (g *group) contentMAC(i int, tradeAlone bool) []byte {
	if !tradeAlone {
		return g.rows[i].ContentMAC
	}
	return g.keyring.ContentMAC(commitment.Trade(g.submissions[i].Ticket).Canonical())
}

// newRow makes a submission's row. The seed is random and stays the same from here to the ledger, so that every attempt
// to record the ticket yields the same commitment.
func (g *group) newRow(submission Submission, retailerID string) hotstate.NewTicket {
	t, day := submission.Ticket, string(submission.Ticket.BusinessDayDate)
	key := g.keyring.TicketKey(retailerID, t.StoreID, t.WorkstationID, day, t.SequenceNumber)
	seed := make([]byte, 32)
	rand.Read(seed)
	row := hotstate.NewTicket{
		RetailerID:     retailerID,
		TransactionID:  t.TransactionID,
		StoreID:        t.StoreID,
		WorkstationID:  t.WorkstationID,
		BusinessDay:    day,
		SequenceNumber: t.SequenceNumber,
		TicketKey:      key[:],
		ContentMAC:     g.keyring.ContentMAC(submission.Canonical),
		LoyaltyID:      t.LoyaltyID,
		Seed:           seed,
		Body:           submission.Canonical,
		Undoes:         originals.Undone(t),
		Redeems:        len(commitment.Redemptions(t)) > 0,
	}
	if t.LoyaltyID != "" {
		row.PendingPoints = g.foretell(t)
	}
	return row
}

// foretell says how many points a member's ticket will earn.
func (g *group) foretell(t *ticket.Ticket) int64 {
	day := string(t.BusinessDayDate)
	if g.points == nil {
		return points.Default.Points(t.Totals.Grand, day)
	}
	return g.points.Foretell(t.Totals.Grand, t.CurrencyCode, day)
}
