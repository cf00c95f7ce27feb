package projector

import (
	"context"
	"fmt"

	"github.com/tillproof/tillproof/collector/originals"
	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// An undoing is a ticket of a block that undoes others.
type undoing struct {
	key      [32]byte
	retailer string
	entry    ledger.EntryID // its own
	of       []string       // transaction ids
	void     bool
}

// joinUndoes joins a block's undo entries to the tickets that undo. The name of such an entry is made from those of both
// tickets' own entries, and the ledger joins neither to its ticket: the person parts do, as long as there are any. An undo
// that waited for its original, and was settled by itself, shows without its ticket.
func (p *Projector) joinUndoes(ctx context.Context, undoings []undoing, projection *hotstate.Projection) error {
	unnamed := make(map[ledger.EntryID]*hotstate.ProjectedEntry)
	for i := range projection.Entries {
		if e := &projection.Entries[i]; e.Kind == ledger.Undone.String() && e.TicketKey == nil {
			unnamed[e.ID] = e
		}
	}
	if len(unnamed) == 0 || len(undoings) == 0 {
		return nil
	}
	known := &undone{projector: p, projection: projection, known: make(map[undoneID]hotstate.UndoneTicket)}
	for i := range undoings {
		u := &undoings[i]
		entries, err := known.entries(ctx, u.retailer, u.of, u.void)
		if err != nil {
			return fmt.Errorf("join undoes to their tickets: %w", err)
		}
		for _, entry := range entries {
			if row, there := unnamed[ledger.UndoID(u.entry, entry)]; there {
				row.TicketKey = &u.key
			}
		}
	}
	return nil
}

type undoneID struct{ retailer, transaction string }

// undone are the tickets that a block's tickets undo, from the block itself or from the view.
type undone struct {
	projector  *Projector
	projection *hotstate.Projection
	known      map[undoneID]hotstate.UndoneTicket
}

// entries gives the own entries of tickets; of a voided one also of those that it had undone itself.
func (o *undone) entries(ctx context.Context, retailer string, ids []string, void bool) (entries []ledger.EntryID, err error) {
	if err := o.find(ctx, retailer, ids); err != nil {
		return nil, err
	}
	for _, id := range ids {
		found, there := o.known[undoneID{retailer, id}]
		if !there {
			continue
		}
		if len(found.PersonSecret) == 32 {
			entries = append(entries, ledger.EntryID(commitment.EntryID([32]byte(found.PersonSecret))))
		}
		if !void {
			continue
		}
		trade, err := ticket.Decode(found.Trade)
		if err != nil {
			return nil, fmt.Errorf("read ticket %s: %w", id, err)
		}
		earlier, err := o.entries(ctx, retailer, originals.Undone(trade), false)
		if err != nil {
			return nil, err
		}
		entries = append(entries, earlier...)
	}
	return entries, nil
}

func (o *undone) find(ctx context.Context, retailer string, ids []string) error {
	if len(o.known) == 0 {
		for i := range o.projection.Tickets {
			t := &o.projection.Tickets[i]
			o.known[undoneID{t.RetailerID, t.TransactionID}] = hotstate.UndoneTicket{
				TransactionID: t.TransactionID, Trade: t.Trade, PersonSecret: t.Opening.PersonSecret}
		}
	}
	var missing []string
	for _, id := range ids {
		if _, there := o.known[undoneID{retailer, id}]; !there {
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	rows, err := hotstate.UndoneTickets(ctx, o.projector.pool, retailer, missing)
	for _, row := range rows {
		o.known[undoneID{retailer, row.TransactionID}] = row
	}
	return err
}
