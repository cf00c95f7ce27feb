package projector

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/block"
)

// lookback is how long the peer may take to give a block that it must have.
const lookback = 10 * time.Second

// joinsOn makes sure, before anything is added to the view, that it was made from this very ledger: the block that it ends
// with must have the same transactions here. Else blocks of another network would be added to it, or none would ever come
// and the view would seem up to date.
func (p *Projector) joinsOn(ctx context.Context, conn *pgx.Conn, next uint64) error {
	if next == 0 {
		return nil
	}
	known, err := hotstate.TransactionsOfBlock(ctx, conn, next-1)
	if err != nil {
		return err
	}
	looking, cancel := context.WithTimeout(ctx, lookback)
	defer cancel()
	blocks, err := p.blocks.Blocks(looking, next-1)
	if err != nil {
		return err
	}
	b, open := <-blocks
	if !open {
		return fmt.Errorf("the peer has not got block %d yet, up to which the view was made", next-1)
	}
	transactions, err := block.Decode(b.GetBlock(), nil)
	if err != nil {
		return err
	}
	ids := make([]string, len(transactions))
	for i := range transactions {
		ids[i] = transactions[i].ID
	}
	if slices.Equal(ids, known) {
		return nil
	}
	return &Contradiction{
		cause: fmt.Errorf("block %d has the transactions %q, the view has %q", next-1, ids, known),
		reason: "the peer's ledger is not the one that the view was made from; name the right network (FABRIC_PEERS, " +
			"FABRIC_CHANNEL) or the right database, or make the view again (tillproof-collector rebuild)",
	}
}
