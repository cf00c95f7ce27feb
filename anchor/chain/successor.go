package chain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/tillproof/tillproof/hotstate"
)

// ErrNotSuccessor says that a contract does not follow on another.
var ErrNotSuccessor = errors.New("it does not follow on this contract")

// Next looks at a contract that is to follow on this one: with these signers, made for it, and where it stands.
func (k *Contract) Next(ctx context.Context, address common.Address, signers Signers) (*Contract, error) {
	next, err := k.chain.Contract(ctx, address, signers)
	if err != nil {
		return nil, err
	}
	if next.predecessor != k.Place.Contract || next.Epoch != k.Epoch+1 {
		return nil, fmt.Errorf("%w: %s on %s", ErrNotSuccessor, address, k.Place.Contract)
	}
	return next, nil
}

// standsAt looks at Next, and makes sure that it stands where this one does.
func (k *Contract) standsAt(ctx context.Context, address common.Address, signers Signers) (*Contract, error) {
	next, err := k.Next(ctx, address, signers)
	if err != nil {
		return nil, err
	}
	here, err := k.State(ctx, nil)
	if err != nil {
		return nil, err
	}
	there, err := next.State(ctx, nil)
	if err == nil && there != here {
		err = fmt.Errorf("%w: %s stands at size %d, and %s at %d", ErrNotSuccessor, address, there.Size, k.Place.Contract, here.Size)
	}
	return next, err
}

// recentNonces is how far back a successor is looked for that was made before, by a call that was cut short.
const recentNonces = 8

// MakeSuccessor makes the contract that is to follow, or finds the one that was made before.
func (a *Account) MakeSuccessor(ctx context.Context, of *Contract, signers Signers, pause time.Duration) (*Contract, error) {
	var made *Contract
	err := a.Deliver(ctx, Call{Data: creation(signers, of.Place.Contract)}, pause, func(ctx context.Context) (found bool, err error) {
		made, err = a.madeSuccessor(ctx, of, signers)
		return made != nil, err
	})
	return made, err
}

func (a *Account) madeSuccessor(ctx context.Context, of *Contract, signers Signers) (*Contract, error) {
	nonce, err := a.Chain.Node.NonceAt(ctx, a.Signer.Address(), nil)
	if err != nil {
		return nil, fmt.Errorf("ask the Ethereum node for the account's nonce: %w", err)
	}
	for back := uint64(1); back <= min(nonce, recentNonces); back++ {
		made, err := of.standsAt(ctx, crypto.CreateAddress(a.Signer.Address(), nonce-back), signers)
		if err == nil {
			return made, nil
		}
		if !errors.Is(err, ErrNoContract) && !errors.Is(err, ErrWrongContract) && !errors.Is(err, ErrNotSuccessor) {
			return nil, err
		}
	}
	return nil, nil
}

// Move remembers the successor in the place of the contract, up to whose last scan it had taken nothing.
func (c *Chain) Move(ctx context.Context, from, to *Contract) error {
	kept, err := hotstate.ReadAnchorContract(ctx, c.DB, c.key())
	if err != nil {
		return err
	}
	scan, err := hotstate.ReadAnchorScan(ctx, c.DB, int64(c.ID), from.Place.Contract[:])
	if err != nil && !errors.Is(err, hotstate.ErrNotFound) {
		return err
	}
	return hotstate.WriteAnchorContract(ctx, c.DB, c.key(), hotstate.AnchorContract{
		Address: to.Place.Contract[:], FromBlock: max(kept.FromBlock, scan.Block),
	})
}
