package chain

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/tillproof/tillproof/hotstate"
)

// ErrCost says that a receipt tells no cost that can be.
var ErrCost = errors.New("the receipt's gas or price is missing, or beyond what Ethereum has numbers for")

// weiBits is the size of Ethereum's own numbers.
const weiBits = 256

// bookedAtOnce bounds the work of a round after many anchors were read anew.
const bookedAtOnce = 20

// BookSent writes down what those of our own transactions that were to anchor have cost, also if the contract refused them.
func (a *Account) BookSent(ctx context.Context) error {
	next, err := a.Chain.Node.NonceAt(ctx, a.Signer.Address(), nil)
	if err != nil {
		return fmt.Errorf("ask the Ethereum node for the account's nonce: %w", err)
	}
	if err := hotstate.ForgetAnchorCosts(ctx, a.Chain.DB, int64(a.Chain.ID), a.address(), int64(next)); err != nil {
		return err
	}
	mined, err := hotstate.MinedAnchorTransactions(ctx, a.Chain.DB, a.Chain.key(), a.address(), int64(next))
	if err != nil {
		return err
	}
	for _, kept := range mined {
		sent := new(types.Transaction)
		if err := sent.UnmarshalBinary(kept.Raw); err != nil {
			return fmt.Errorf("read the kept transaction %x: %w", kept.Hash, err)
		}
		if _, _, _, anchors := Anchored(sent.Data()); !anchors {
			continue
		}
		// Of a nonce the chain has taken one, and of the others there is no receipt.
		if err := a.Chain.book(ctx, sent); err != nil && !errors.Is(err, ethereum.NotFound) {
			return err
		}
	}
	return nil
}

// BookAnchors writes down what the anchors cost whose transactions are not kept here: after the database was lost, or when
// another brought them.
func (k *Contract) BookAnchors(ctx context.Context) error {
	missing, err := hotstate.AnchorsWithoutCost(ctx, k.chain.DB, int64(k.ChainID), k.Place.Contract[:], bookedAtOnce)
	if err != nil {
		return err
	}
	var failed []error // one that a node has forgotten holds up no other
	for _, a := range missing {
		hash := common.BytesToHash(a.Transaction)
		transaction, _, err := k.chain.Node.TransactionByHash(ctx, hash)
		if err == nil {
			err = k.chain.book(ctx, transaction)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("find out what the anchor of size %d has cost: transaction %s: %w", a.Size, hash, err))
		}
	}
	return errors.Join(failed...)
}

// CheckBooked makes sure that the cost of no anchor since a day began is missing.
func (k *Contract) CheckBooked(ctx context.Context, day time.Time) error {
	missing, err := hotstate.AnchorsWithoutCost(ctx, k.chain.DB, int64(k.ChainID), k.Place.Contract[:], 1)
	if err == nil && len(missing) > 0 && !missing[0].At.Before(day) {
		err = fmt.Errorf("what the day's anchors have cost is not known yet: size %d", missing[0].Size)
	}
	return err
}

// book asks for a transaction's receipt. The error is ethereum.NotFound if there is none.
func (c *Chain) book(ctx context.Context, transaction *types.Transaction) error {
	receipt, err := c.Node.TransactionReceipt(ctx, transaction.Hash())
	if err != nil {
		return fmt.Errorf("ask the Ethereum node for the receipt of transaction %s: %w", transaction.Hash(), err)
	}
	header, err := c.Node.HeaderByHash(ctx, receipt.BlockHash)
	if err != nil {
		return fmt.Errorf("ask the Ethereum node for block %s: %w", receipt.BlockHash, err)
	}
	payer, err := types.Sender(types.LatestSignerForChainID(new(big.Int).SetUint64(c.ID)), transaction)
	if err != nil {
		return fmt.Errorf("find out who paid for transaction %s: %w", transaction.Hash(), err)
	}
	wei, err := cost(receipt)
	if err != nil {
		return fmt.Errorf("transaction %s: %w", transaction.Hash(), err)
	}
	return hotstate.WriteAnchorCost(ctx, c.DB, int64(c.ID), hotstate.AnchorCost{
		Payer: payer[:], Nonce: int64(transaction.Nonce()), Transaction: transaction.Hash().Bytes(),
		BlockHash: receipt.BlockHash[:], At: time.Unix(int64(header.Time), 0).UTC(), GasUsed: int64(receipt.GasUsed), Wei: wei,
	})
}

// cost is gas used times the price that was paid for it.
func cost(receipt *types.Receipt) (*big.Int, error) {
	if receipt.EffectiveGasPrice == nil || receipt.EffectiveGasPrice.Sign() < 0 || receipt.GasUsed > math.MaxInt64 {
		return nil, ErrCost
	}
	wei := new(big.Int).Mul(new(big.Int).SetUint64(receipt.GasUsed), receipt.EffectiveGasPrice)
	if wei.BitLen() > weiBits {
		return nil, ErrCost
	}
	return wei, nil
}

// Day is the day of the newest block, UTC. Costs are counted by the chain's clock, and not by ours, which may be wrong.
func (c *Chain) Day(ctx context.Context) (time.Time, error) {
	now, err := c.Now(ctx)
	return now.Truncate(24 * time.Hour), err
}

// Now is the time of the newest block.
func (c *Chain) Now(ctx context.Context) (time.Time, error) {
	head, err := c.Node.HeaderByNumber(ctx, nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the Ethereum node for its newest block: %w", err)
	}
	return time.Unix(int64(head.Time), 0).UTC(), nil
}

// Spent sums what the account has paid for anchors since a day began, as far as that is written down.
func (a *Account) Spent(ctx context.Context, day time.Time) (*big.Int, error) {
	return hotstate.AnchorCostsSince(ctx, a.Chain.DB, int64(a.Chain.ID), a.address(), day)
}
