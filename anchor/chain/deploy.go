package chain

import (
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/tillproof/tillproof/hotstate"
)

// ErrNotDeployed says that there is no contract of ours on this chain yet.
var ErrNotDeployed = errors.New("there is no contract of ours on this chain yet")

// Remembered gives the contract that Deploy made on this chain, or ErrNotDeployed. from is a block before which it was
// not there.
func (c *Chain) Remembered(ctx context.Context, signers Signers) (found *Contract, from uint64, err error) {
	kept, err := hotstate.ReadAnchorContract(ctx, c.DB, c.key())
	if errors.Is(err, hotstate.ErrNotFound) {
		return nil, 0, fmt.Errorf("%w, chain %d: set CONTRACT_ADDRESS, or DEPLOY=yes to make one", ErrNotDeployed, c.ID)
	}
	if err != nil {
		return nil, 0, err
	}
	found, err = c.Contract(ctx, common.BytesToAddress(kept.Address), signers)
	if errors.Is(err, ErrNoContract) {
		err = fmt.Errorf("%w, chain %d: the transaction that makes it is on its way", ErrNotDeployed, c.ID)
	}
	return found, uint64(kept.FromBlock), err
}

// Deploy sends the transaction that makes the contract, once more if that was done before. The address, which follows
// from account and nonce, is remembered first: whatever fails from then on, it is found there.
func (a *Account) Deploy(ctx context.Context, signers Signers) error {
	slot, err := a.Slot(ctx)
	if err != nil {
		return err
	}
	address := crypto.CreateAddress(a.Signer.Address(), slot.Nonce)
	kept, err := hotstate.ReadAnchorContract(ctx, a.Chain.DB, a.Chain.key())
	known := err == nil && common.BytesToAddress(kept.Address) == address
	if err != nil && !errors.Is(err, hotstate.ErrNotFound) {
		return err
	}
	if known && slot.Sent != nil && slot.Sent.To() == nil {
		_, err := a.Again(ctx, slot)
		return err
	}
	if !known {
		if err := a.remember(ctx, address); err != nil {
			return err
		}
	}
	_, err = a.Send(ctx, slot, Call{Data: creation(signers, common.Address{})})
	return err
}

func (a *Account) remember(ctx context.Context, address common.Address) error {
	block, err := a.Chain.Node.BlockNumber(ctx)
	if err != nil {
		return fmt.Errorf("ask the Ethereum node for its newest block: %w", err)
	}
	return hotstate.WriteAnchorContract(ctx, a.Chain.DB, a.Chain.key(), hotstate.AnchorContract{
		Address: address[:], FromBlock: int64(block),
	})
}
