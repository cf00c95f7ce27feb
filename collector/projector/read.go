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
	projection := hotstate.Projection{Channel: p.blocks.Channel(), Block: b.GetBlock().GetHeader().GetNumber()}
	transactions, err := block.Decode(b.GetBlock(), b.GetPrivateDataMap())
	if err != nil {
		return projection, err
	}
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
		if err := p.readTransaction(ctx, t, &projection); err != nil {
			return projection, fmt.Errorf("block %d: transaction %s: %w", projection.Block, t.ID, err)
		}
	}
	return projection, nil
}

// readTransaction adds a valid transaction's tickets and points to the projection.
func (p *Projector) readTransaction(ctx context.Context, t *block.Transaction, into *hotstate.Projection) error {
	w, err := readWrites(t, p.blocks.Chaincode())
	if err != nil {
		return err
	}
	for _, recorded := range w.records {
		if _, found := w.bodies[recorded.key]; !found {
			return fmt.Errorf("the peer has not got the body of ticket %s yet", recorded.key)
		}
	}
	for _, recorded := range w.records { // the log has those as well that cannot be read
		into.Recorded = append(into.Recorded, hotstate.LogEntry{Key: recorded.key, Commitment: recorded.Commitment})
	}
	byEntry := make(map[ledger.EntryID]*hotstate.ProjectedTicket, len(w.records))
	tickets := make([]hotstate.ProjectedTicket, 0, len(w.records))
	for i, opened := range p.openAll(w.records, w.bodies) {
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
		if opened.entry != nil {
			byEntry[*opened.entry] = &tickets[len(tickets)-1]
		}
	}
	for _, entry := range w.entries {
		into.Entries = append(into.Entries, project(t, entry, byEntry[entry.id]))
	}
	into.Tickets = append(into.Tickets, tickets...)
	return nil
}

// project makes the row of a points entry, and joins it to its ticket where the keys still tell which one that is.
func project(t *block.Transaction, e entryWrite, of *hotstate.ProjectedTicket) hotstate.ProjectedEntry {
	row := hotstate.ProjectedEntry{
		ID: e.id, Account: e.account, Kind: e.Kind.String(), Points: e.Points, EligibleAmount: e.Eligible,
		CurrencyCode: e.Currency, RuleVersion: e.RuleVersion, BusinessDay: e.BusinessDay,
		TxIndex: t.Index, TxID: t.ID, RecordedAt: t.Time,
	}
	if of != nil {
		row.LoyaltyID, row.TicketKey = of.LoyaltyID, &of.Key
		of.Points = e.Points
	}
	return row
}
