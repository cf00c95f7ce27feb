package projector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/block"
)

// read makes a block's projection.
func (p *Projector) read(ctx context.Context, b *peer.BlockAndPrivateData) (hotstate.Projection, error) {
	projection := hotstate.Projection{Channel: p.blocks.Channel(), Block: b.GetBlock().GetHeader().GetNumber(), Members: make(map[[16]byte]string)}
	transactions, err := block.Decode(b.GetBlock(), b.GetPrivateDataMap())
	if err != nil {
		return projection, err
	}
	var undoings []undoing
	for i := range transactions {
		t := &transactions[i]
		projection.Transactions = append(projection.Transactions,
			hotstate.ProjectedTransaction{Index: t.Index, ID: t.ID, Code: t.Code, At: t.Time})
		if !t.Valid {
			continue
		}
		if t.Time.After(projection.Time) {
			projection.Time = t.Time
		}
		if err := p.readTransaction(ctx, t, &projection, &undoings); err != nil {
			return projection, fmt.Errorf("block %d: transaction %s: %w", projection.Block, t.ID, err)
		}
	}
	return projection, p.joinUndoes(ctx, undoings, &projection)
}

// readTransaction adds a valid transaction's tickets and points to the projection, and what its tickets undo to undoings.
func (p *Projector) readTransaction(ctx context.Context, t *block.Transaction, into *hotstate.Projection, undoings *[]undoing) error {
	w, err := readWrites(t, p.blocks.Chaincode())
	if err != nil {
		return err
	}
	into.NewRules = into.NewRules || w.rules
	bodies, err := p.findBodies(ctx, w)
	if err != nil {
		return err
	}
	for _, recorded := range w.records { // the log has those as well that cannot be read
		into.Recorded = append(into.Recorded, hotstate.LogEntry{Key: recorded.key, Commitment: recorded.Commitment})
	}
	by := newTicketsBy(len(w.records))
	tickets := make([]hotstate.ProjectedTicket, 0, len(w.records))
	for i, opened := range p.openAll(w.records, bodies) {
		key := w.records[i].key.String()
		if errors.Is(opened.err, errNoKey) {
			return fmt.Errorf("open ticket %s: %w", key, opened.err)
		}
		if opened.err != nil {
			// The ledger has it and the view cannot show it. It stays in book as accepted, where reconciliation finds it
			// missing; the others go on.
			slog.ErrorContext(ctx, "projector: a recorded ticket cannot be read", "ticketKey", key, "error", opened.err)
			continue
		}
		opened.TxIndex, opened.TxID, opened.RecordedAt = t.Index, t.ID, t.Time
		tickets = append(tickets, opened.ProjectedTicket)
		by.add(&opened.openedTicket, &tickets[len(tickets)-1])
		if opened.entry != nil && len(opened.undoes) > 0 {
			*undoings = append(*undoings, undoing{opened.Key, opened.RetailerID, *opened.entry, opened.undoes, opened.voids})
		}
		if opened.LoyaltyID != nil {
			into.Members[opened.account] = *opened.LoyaltyID
		}
	}
	for _, entry := range w.entries {
		into.Entries = append(into.Entries, project(t, entry, by.entry[entry.id]))
	}
	if change, any := accountChange(t, w, by.hold); any {
		into.Accounts = append(into.Accounts, change)
	}
	into.Tickets = append(into.Tickets, tickets...)
	return nil
}

// ticketsBy finds a transaction's tickets by what they did to points.
type ticketsBy struct {
	entry map[ledger.EntryID]*hotstate.ProjectedTicket
	hold  map[ledger.HoldID]*hotstate.ProjectedTicket
}

func newTicketsBy(tickets int) ticketsBy {
	return ticketsBy{
		entry: make(map[ledger.EntryID]*hotstate.ProjectedTicket, tickets),
		hold:  make(map[ledger.HoldID]*hotstate.ProjectedTicket),
	}
}

// maxParts bounds the parts of a hold that one ticket gives back: a hold is spent from buckets, of which an account seldom
// has more than months in some years. Parts beyond it show without their ticket.
const maxParts = 64

// add notes which entries a ticket may have led to. Their ids follow from its own.
func (by *ticketsBy) add(opened *openedTicket, row *hotstate.ProjectedTicket) {
	if opened.entry == nil {
		return
	}
	by.entry[*opened.entry] = row
	for _, hold := range opened.holds {
		by.hold[hold] = row
		by.entry[ledger.OverdrawnID(*opened.entry, hold)] = row
		for part := range maxParts {
			by.entry[ledger.GiveBackID(*opened.entry, hold, part)] = row
		}
	}
}

// project makes the row of a points entry, and joins it to its ticket where the keys still tell which one that is.
func project(t *block.Transaction, e entryWrite, of *hotstate.ProjectedTicket) hotstate.ProjectedEntry {
	row := hotstate.ProjectedEntry{
		ID: e.id, Account: e.account, Kind: e.Kind.String(), Points: e.Points, EligibleAmount: e.Eligible,
		CurrencyCode: e.Currency, RuleVersion: e.RuleVersion, BusinessDay: e.BusinessDay, ExpiryMonth: uint32(e.ExpiryMonth),
		Conversion: e.Conversion, Source: e.Source,
		TxIndex: t.Index, TxID: t.ID, RecordedAt: t.Time,
	}
	if of != nil {
		row.TicketKey = &of.Key
		if e.Kind == ledger.Accrual {
			row.LoyaltyID, of.Points = of.LoyaltyID, e.Points
		}
	}
	return row
}
