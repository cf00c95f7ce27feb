package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/domain/commitment"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/hotstate"
)

// OpenDatabase opens the hot state, as a login that may read all of it: the owner's, or tillproof_collector.
func OpenDatabase(ctx context.Context, url string) (*pgxpool.Pool, error) {
	return hotstate.Open(ctx, url)
}

// compareDatabase holds each ticket of the view against the commitment that the ledger has.
func (a *Auditor) compareDatabase(ctx context.Context) error {
	if a.Database == nil {
		return nil
	}
	commitments := make(map[ledger.TicketKey][32]byte, a.report.Signed.Size)
	for _, recorded := range a.recorded[:min(a.report.Signed.Size, int64(len(a.recorded)))] {
		commitments[recorded.Key] = recorded.Commitment
	}
	err := hotstate.ReadOpenings(ctx, a.Database, func(opening hotstate.Opening) error {
		if opening.Index >= a.report.Signed.Size {
			return nil // recorded meanwhile
		}
		if len(opening.Key) != 32 {
			a.report.find("the database has a ticket under %x, which is no ticket key", opening.Key)
			return nil
		}
		key := ledger.TicketKey(opening.Key)
		want, recorded := commitments[key]
		if !recorded {
			a.report.find("the database has ticket %s, which was never recorded, or twice", key)
			return nil
		}
		delete(commitments, key)
		root, err := restore(opening)
		if err != nil || root != want {
			a.report.find("the database has ticket %s otherwise than it was recorded", key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, recorded := range a.recorded { // in the order of the log
		if _, missing := commitments[recorded.Key]; missing {
			a.report.find("the database has not got ticket %s, which was recorded", recorded.Key)
		}
	}
	return nil
}

// restore computes the commitment of a ticket as the database has it.
func restore(opening hotstate.Opening) ([32]byte, error) {
	trade, err := ticket.Decode(opening.Trade)
	if err != nil {
		return [32]byte{}, err
	}
	fixed, person := hashes(opening.FixedLeaves), hashes(opening.PersonLeaves)
	if len(fixed) != 8 || len(opening.TradeSecret) != 32 {
		return [32]byte{}, fmt.Errorf("what opens the ticket is cut short")
	}
	tree, err := commitment.Restore(trade, opening.RetailerID, [32]byte(opening.TradeSecret),
		commitment.Kept{Fixed: [8][32]byte(fixed), Person: person})
	if err != nil {
		return [32]byte{}, err
	}
	return tree.Root(), nil
}

func hashes(joined []byte) [][32]byte {
	var apart [][32]byte
	for ; len(joined) >= 32; joined = joined[32:] {
		apart = append(apart, [32]byte(joined))
	}
	return apart
}
