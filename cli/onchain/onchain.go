// Package onchain holds what a proof bundle says of Ethereum against a node: that the contract is the one that was pinned,
// to the byte of its code and with its signers, and that the block of the anchor is on the chain, deep enough to stay.
package onchain

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/domain/anchor"
	domain "github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/domain/proof"
)

// What a bundle is refused for.
var (
	ErrReorganised = errors.New("the block of the anchor is not on the chain: it was reorganised away, or never was on it; ask for the bundle again")
	ErrTooFresh    = errors.New("the block of the anchor may yet be reorganised away: verify again later")
	ErrEnded       = errors.New("it is anchored at another contract than the pinned one")
	ErrEpoch       = errors.New("the contract counts another epoch than what was signed")
	ErrNotHeld     = errors.New("the contract has not got what the anchor says")
)

// A Checker asks one node.
type Checker struct {
	chain      *chain.Chain
	pinned     anchor.Trust
	depth      uint64
	successors bool
}

// New makes a checker of a node, which must be on the pinned chain. depth is how many blocks must follow on the anchor's;
// successors says whether the log may have gone on at another contract than the pinned one.
func New(ctx context.Context, node chain.Node, pinned anchor.Trust, depth uint64, successors bool) (*Checker, error) {
	on, err := chain.Open(ctx, node, nil, pinned.ChainID)
	if err != nil {
		return nil, err
	}
	return &Checker{chain: on, pinned: pinned, depth: depth, successors: successors}, nil
}

// maxSuccessors bounds how far the log may have moved.
const maxSuccessors = 16

// Trust looks at the pinned contract and, if the bundle is anchored at one that follows on it, at those up to there. It
// gives what to trust of the contract of the bundle.
func (c *Checker) Trust(ctx context.Context, anchoredAt domain.Address) (anchor.Trust, []proof.Step, error) {
	trust := c.pinned
	at, err := c.contract(ctx, trust)
	if err != nil {
		return trust, nil, err
	}
	steps := []proof.Step{{
		Checked: fmt.Sprintf("What is at %s on chain %d is the contract to the byte, with the signers %s and %s", trust.Contract, trust.ChainID, trust.Retail, trust.Brands),
		Means:   "It takes roots only with both signatures, never a smaller log, and nobody can change it.",
	}}
	for hops := 0; trust.Contract != anchoredAt; hops++ {
		successor, err := at.Successor(ctx)
		if err != nil {
			return trust, nil, err
		}
		switch {
		case successor == (common.Address{}) || hops == maxSuccessors:
			return trust, nil, fmt.Errorf("%w: %s, and no succession leads there from %s", ErrEnded, anchoredAt, c.pinned.Contract)
		case !c.successors:
			return trust, nil, fmt.Errorf("%w: both organisations have moved the log from %s to %s; pin that, or allow it by --follow-successor",
				ErrEnded, trust.Contract, successor)
		}
		before := at
		if at, trust, err = c.successor(ctx, before, domain.Address(successor)); err != nil {
			return trust, nil, err
		}
		steps = append(steps, proof.Step{
			Checked: fmt.Sprintf("The contract %s names %s as its successor, with the signers %s and %s", before.Place.Contract, successor, trust.Retail, trust.Brands),
			Means:   "It names one only with both organisations' signatures, and the successor began at its last checkpoint.",
		})
	}
	return trust, steps, nil
}

func (c *Checker) contract(ctx context.Context, trust anchor.Trust) (*chain.Contract, error) {
	return c.chain.Contract(ctx, common.Address(trust.Contract),
		chain.Signers{Retail: common.Address(trust.Retail), Brands: common.Address(trust.Brands)})
}

// successor looks at the contract that another one names. Its signers may be others: that is what succession is for.
func (c *Checker) successor(ctx context.Context, before *chain.Contract, address domain.Address) (*chain.Contract, anchor.Trust, error) {
	signers, err := c.chain.SignersAt(ctx, common.Address(address))
	if err != nil {
		return nil, anchor.Trust{}, err
	}
	trust := anchor.Trust{ChainID: c.pinned.ChainID, Contract: address, Block: c.pinned.Block,
		Retail: domain.Address(signers.Retail), Brands: domain.Address(signers.Brands)}
	next, err := c.contract(ctx, trust)
	if err != nil {
		return nil, trust, err
	}
	if next.Predecessor() != before.Place.Contract || next.Epoch != before.Epoch+1 {
		return nil, trust, fmt.Errorf("%w: %s does not follow on %s", ErrEnded, address, before.Place.Contract)
	}
	return next, trust, nil
}

// Check holds a verified anchor against the chain as the node has it.
func (c *Checker) Check(ctx context.Context, a *proof.Anchored, trust anchor.Trust) ([]proof.Step, error) {
	behind, err := c.block(ctx, a)
	if err != nil {
		return nil, err
	}
	if err := c.receipt(ctx, a); err != nil {
		return nil, err
	}
	at, err := c.contract(ctx, trust)
	if err != nil {
		return nil, err
	}
	if at.Epoch != a.Epoch {
		return nil, fmt.Errorf("%w: %d, not %d", ErrEpoch, at.Epoch, a.Epoch)
	}
	held, err := at.State(ctx, nil)
	if err != nil {
		return nil, err
	}
	if held.Size < a.Next.Size || held.Size == a.Next.Size && held.Root != a.Next.Root {
		return nil, fmt.Errorf("%w: it holds size %d, root %s", ErrNotHeld, held.Size, held.Root)
	}
	steps := []proof.Step{
		{Checked: fmt.Sprintf("By the node, block %d is %s, and %d blocks follow on it", a.Number, a.Block, behind),
			Means: fmt.Sprintf("The anchor is on the chain since %s, and at least %d blocks deep it counts as final. Which chain is the right one is your node's word.",
				a.Time.Format("2006-01-02 15:04:05 MST"), c.depth)},
		{Checked: fmt.Sprintf("By the node, transaction %s succeeded in that block, and the contract, of epoch %d, now holds size %d", a.Transaction, at.Epoch, held.Size),
			Means: "The contract has taken this root, and the log has only grown since."},
	}
	successor, err := at.Successor(ctx)
	if err == nil && successor != (common.Address{}) {
		steps = append(steps, proof.Step{Checked: fmt.Sprintf("The contract has ended in favour of %s", successor),
			Means: "Both organisations have moved the log there. What was anchored before still holds; pin that contract for what comes."})
	}
	return steps, err
}

// block makes sure that the anchor's is on the chain, and says how many blocks follow on it.
func (c *Checker) block(ctx context.Context, a *proof.Anchored) (uint64, error) {
	newest, err := c.chain.Node.BlockNumber(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask the Ethereum node for its newest block: %w", err)
	}
	there, err := c.chain.Node.HeaderByNumber(ctx, new(big.Int).SetUint64(a.Number))
	if errors.Is(err, ethereum.NotFound) {
		return 0, fmt.Errorf("%w (the node has no block %d; its newest is %d)", ErrReorganised, a.Number, newest)
	}
	if err != nil {
		return 0, fmt.Errorf("ask the Ethereum node for block %d: %w", a.Number, err)
	}
	if there.Hash() != common.Hash(a.Block) {
		return 0, fmt.Errorf("%w (block %d is %s there, and %s here)", ErrReorganised, a.Number, there.Hash(), a.Block)
	}
	behind := newest - min(a.Number, newest)
	if behind < c.depth {
		return behind, fmt.Errorf("%w (%d blocks follow on it, and %d are asked for)", ErrTooFresh, behind, c.depth)
	}
	return behind, nil
}

// receipt asks the node for what the bundle has proven already: a node that says otherwise is not to be relied on.
func (c *Checker) receipt(ctx context.Context, a *proof.Anchored) error {
	receipt, err := c.chain.Node.TransactionReceipt(ctx, common.Hash(a.Transaction))
	if err != nil {
		return fmt.Errorf("ask the Ethereum node for transaction %s: %w", a.Transaction, err)
	}
	if receipt.BlockHash != common.Hash(a.Block) || receipt.Status != types.ReceiptStatusSuccessful {
		return fmt.Errorf("%w: by the node transaction %s is in block %s", ErrNotHeld, a.Transaction, receipt.BlockHash)
	}
	return nil
}
