package projector

import (
	"time"

	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/block"
)

// accountChange is what a transaction did to heads, holds and transfers; any is false if it did nothing to them.
func accountChange(t *block.Transaction, w writes, byHold map[ledger.HoldID]*hotstate.ProjectedTicket) (change hotstate.AccountChange, any bool) {
	change = hotstate.AccountChange{TxIndex: t.Index, TxID: t.ID, RecordedAt: t.Time}
	for _, head := range w.heads {
		projected := hotstate.ProjectedHead{Account: head.account, Available: head.Available(), Held: head.Held()}
		for _, bucket := range head.Buckets {
			projected.Buckets = append(projected.Buckets, hotstate.ProjectedBucket{Month: uint32(bucket.Month), Points: bucket.Points})
		}
		change.Heads = append(change.Heads, projected)
	}
	for _, hold := range w.holds {
		projected := hotstate.ProjectedHold{
			ID: hold.id, Account: hold.Account, State: hold.State.String(), Points: hold.Points, Captured: hold.Captured,
			GivenBack: hold.GivenBack, ExpiresAt: time.Unix(hold.ExpiresAt, 0),
		}
		if ticket, known := byHold[hold.id]; known {
			projected.TicketKey = &ticket.Key
		}
		change.Holds = append(change.Holds, projected)
	}
	for _, transfer := range w.transfers {
		change.Transfers = append(change.Transfers,
			hotstate.ProjectedTransfer{ID: transfer.id, From: transfer.From, To: transfer.To, Points: transfer.Points})
	}
	for _, folded := range w.folded {
		change.Folded = append(change.Folded, hotstate.FoldedEntry{ID: folded.id, Account: folded.account, Points: folded.Points})
	}
	return change, len(w.heads)+len(w.holds)+len(w.transfers)+len(w.folded) > 0
}
