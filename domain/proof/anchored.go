package proof

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/checkpoint"
	"github.com/tillproof/tillproof/domain/ethereum"
)

// Anchored is what the bundle proves of Ethereum.
type Anchored struct {
	anchor.Checkpoint
	Block       ethereum.Hash
	Number      uint64
	Time        time.Time // of the block
	Transaction ethereum.Hash
}

// verifyAnchor checks the evidence on Ethereum, and that it speaks of the log that the checkpoint speaks of.
func (v *Verified) verifyAnchor(a *Anchor, trust Trust) error {
	switch {
	case a == nil:
		v.Steps = append(v.Steps, Step{"The bundle has no anchor on Ethereum",
			"It was not anchored when the bundle was made, or not yet for good: ask for the bundle again later. Until then the log's signatures stand alone."})
		return nil
	case trust.WithoutEthereum:
		v.Steps = append(v.Steps, Step{"The bundle's anchor on Ethereum was not looked at", "Nothing that it says is proven. The log's signatures stand alone."})
		return nil
	case trust.Ethereum == nil:
		return ErrUnchecked
	}
	header, err := a.Verify(*trust.Ethereum)
	if err != nil {
		return err
	}
	if err := a.Check(v.Log, v.Index); err != nil {
		return err
	}
	v.Anchored = &Anchored{Checkpoint: a.Statement, Block: a.Block, Number: a.Number, Time: header.Time, Transaction: a.Transaction}
	v.Steps = append(v.Steps, v.Anchored.steps(*trust.Ethereum)...)
	return nil
}

// Check makes sure that anchor and checkpoint are of one log, of which the anchor has the entry.
func (a *Anchor) Check(log checkpoint.Checkpoint, index int64) error {
	const most = 1 << 53 // of any number in a bundle
	if a.Statement.Next.Size >= most || index >= int64(a.Statement.Next.Size) {
		return errors.New("the anchor is of a size at which the log had not got this entry")
	}
	older, newer := tlog.Tree{N: int64(a.Statement.Next.Size), Hash: a.Statement.Next.Root}, tlog.Tree{N: log.Size, Hash: log.Root}
	if older.N > newer.N {
		older, newer = newer, older
	}
	if older.N == newer.N {
		if older.Hash != newer.Hash || len(a.Consistency) > 0 {
			return errors.New("the anchored root is not the checkpoint's, of the same size")
		}
		return nil
	}
	if len(a.Consistency) > maxConsistency {
		return errors.New("the consistency proof is longer than any log's")
	}
	if err := tlog.CheckTree(a.Consistency, newer.N, newer.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("the anchored log of %d entries and the checkpoint's of %d are not one log", a.Statement.Next.Size, log.Size)
	}
	return nil
}

// maxConsistency bounds a consistency proof: twice a path and a hash.
const maxConsistency = 2*maxPath + 1

func (a *Anchored) steps(trust anchor.Trust) []Step {
	steps := []Step{
		{fmt.Sprintf("%s and %s have signed root %x of size %d for contract %s on chain %d, epoch %d",
			trust.Retail, trust.Brands, a.Next.Root, a.Next.Size, a.Contract, a.ChainID, a.Epoch),
			"Both organisations stand by this state of the log. It is the same log as the checkpoint's, and has the ticket in the same place."},
		{fmt.Sprintf("Transaction %s in block %d, %s, brought it to the contract, which took it", a.Transaction, a.Number, a.Block),
			fmt.Sprintf("If that block is on the chain, the ticket was recorded before %s, and neither organisation can take it back.", a.Time.Format(time.RFC3339))},
	}
	if trust.Block == (ethereum.Hash{}) {
		return append(steps, Step{"Whether that block is on the chain was not checked",
			"Hold its number and hash against an Ethereum node or explorer that you trust, or give the block's hash to this verifier."})
	}
	return append(steps, Step{"That block is the one that you trust", "You know it to be on the chain."})
}
