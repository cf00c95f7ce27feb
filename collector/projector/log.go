package projector

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/tiles"
	"github.com/tillproof/tillproof/hotstate"
)

// appendLog adds a block's tickets to the Merkle log and signs its new checkpoint, in the commit of the block's rows.
//
// The projector signs, and not the query server when it is asked: so the key is at one place, away from who answers the
// public, and what anybody changes in the database later has no signature.
func (p *Projector) appendLog(ctx context.Context, tx pgx.Tx, projection hotstate.Projection) error {
	operator, err := p.keys.LogOperator(p.origin())
	if err != nil {
		return err
	}
	before, err := hotstate.ReadLogCheckpoint(ctx, tx)
	if err != nil {
		return err
	}
	appender, err := tiles.NewAppender(before.Size, func(ids []tiles.ID) (map[tiles.ID][]byte, error) {
		return hotstate.ReadTiles(ctx, tx, ids)
	})
	if err != nil {
		return fmt.Errorf("go on with the log: %w", err)
	}
	if err := continues(before, appender, operator); err != nil {
		return err
	}
	leaves := make([]tlog.Hash, len(projection.Recorded))
	for i := range projection.Recorded {
		entry := &projection.Recorded[i]
		entry.Index = before.Size + int64(i)
		leaves[i] = tlog.RecordHash(ledger.LogEntry(projection.Channel, entry.Key, entry.Commitment))
	}
	changed := appender.Append(leaves)
	root, err := appender.Root()
	if err != nil {
		return fmt.Errorf("root of the log: %w", err)
	}
	signed := operator.Sign(checkpoint.Checkpoint{Origin: operator.Name(), Size: appender.Size(), Root: root})
	return hotstate.AppendLog(ctx, tx, projection.Block, projection.Recorded, changed,
		hotstate.LogCheckpoint{Channel: projection.Channel, Size: appender.Size(), Signed: signed})
}

// continues makes sure that the log in the database is the one we signed last, before more is built and signed on it.
func continues(before hotstate.LogCheckpoint, appender *tiles.Appender, operator *checkpoint.Signer) error {
	if before.Signed == "" {
		return nil
	}
	signed, _, err := checkpoint.Open(before.Signed, operator.Key)
	if err != nil {
		return &Contradiction{cause: err, reason: "the log's checkpoint in the database is not signed with our key; " +
			"restore log/operator.key and LOG_ORIGIN, or make the view again (tillproof-collector rebuild)"}
	}
	root, err := appender.Root()
	if err != nil {
		return fmt.Errorf("root of the log: %w", err)
	}
	if signed.Size != before.Size || signed.Root != root {
		return &Contradiction{cause: fmt.Errorf("the root at size %d is another", before.Size), reason: "the log in the database was " +
			"changed: it is not the one that was signed; make the view again (tillproof-collector rebuild)"}
	}
	return nil
}

func (p *Projector) origin() string {
	if p.Origin != "" {
		return p.Origin
	}
	return "tillproof/" + p.blocks.Channel()
}
