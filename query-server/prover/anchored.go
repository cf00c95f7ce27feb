package prover

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/domain/proof"
	"github.com/tillproof/tillproof/hotstate"
)

// addAnchor adds the evidence that Ethereum holds a root of the log, and that it is the checkpoint's log. Where there is
// none yet, the bundle says so. logSize is what the log has now, which is less than was anchored while it is made again.
func addAnchor(ctx context.Context, tx pgx.Tx, bundle *proof.Bundle, at checkpoint.Checkpoint, logSize int64, hashes tlog.HashReader) error {
	found, kept, err := hotstate.ProvenAnchor(ctx, tx, bundle.Index, logSize)
	if errors.Is(err, hotstate.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a := &proof.Anchor{Evidence: evidence(found, kept)}
	if found.Size != at.Size {
		a.Consistency, err = tlog.ProveTree(max(found.Size, at.Size), min(found.Size, at.Size), hashes)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrChanged, err)
		}
	}
	bundle.Anchor = a
	if _, err := a.CheckBlock(); err != nil {
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	if err := a.Check(at, bundle.Index); err != nil {
		return fmt.Errorf("%w: the log that Ethereum holds: %w", ErrChanged, err)
	}
	return nil
}

func evidence(a hotstate.Anchor, kept hotstate.AnchorEvidence) anchor.Evidence {
	return anchor.Evidence{
		Statement: anchor.Checkpoint{
			Place:    anchor.Place{ChainID: uint64(a.ChainID), Contract: ethereum.Address(a.Contract), Epoch: uint64(a.Epoch)},
			Previous: anchor.State{Size: uint64(a.PreviousSize), Root: [32]byte(a.PreviousRoot)},
			Next:     anchor.State{Size: uint64(a.Size), Root: [32]byte(a.Root)},
		},
		ByRetail: ethereum.Signature(a.RetailSignature), ByBrands: ethereum.Signature(a.BrandsSignature),
		Header: kept.Header, Block: ethereum.Hash(a.BlockHash), Number: uint64(a.Block),
		Transaction: ethereum.Hash(a.Transaction), Index: uint64(kept.TransactionIndex), Event: kept.Event,
		TransactionProof: kept.TransactionProof, ReceiptProof: kept.ReceiptProof,
	}
}
