package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/anchor/contract"
	"github.com/tillproof/tillproof/hotstate"
)

// eventsAtOnce is how many blocks are asked for at once; public nodes refuse much more.
const eventsAtOnce = 2000

// Follow brings the table of anchors to what the chain says now, and gives the number of its newest block. Blocks that
// have depth others on top count as final, and are read once. What is above them is read each time and replaces what was
// found there before: a reorganisation needs no handling of its own. from is a block before which the contract was not
// there.
func (k *Contract) Follow(ctx context.Context, from, depth uint64) (newest uint64, err error) {
	head, err := k.chain.Node.HeaderByNumber(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("ask the Ethereum node for its newest block: %w", err)
	}
	newest = head.Number.Uint64()
	scanned, err := k.scanned(ctx, from)
	if err != nil {
		return newest, err
	}
	final := max(scanned, newest-min(depth, newest)) // a node that lags behind takes nothing back
	found, err := k.events(ctx, scanned+1, newest, final)
	if err != nil {
		return newest, err
	}
	at, err := k.chain.Node.HeaderByNumber(ctx, new(big.Int).SetUint64(min(final, newest)))
	if err != nil {
		return newest, fmt.Errorf("ask the Ethereum node for block %d: %w", final, err)
	}
	scan := hotstate.AnchorScan{Block: at.Number.Int64(), BlockHash: at.Hash().Bytes()}
	return newest, pgx.BeginTxFunc(ctx, k.chain.DB, pgx.TxOptions{}, func(tx pgx.Tx) error {
		return hotstate.ReplaceAnchors(ctx, tx, int64(k.ChainID), k.Contract[:], int64(scanned), found, scan)
	})
}

// scanned is the block up to which there is nothing more to read. If the chain has another block there than it had, the
// chain was reorganised deeper than was thought possible, or is another one: everything is read again.
func (k *Contract) scanned(ctx context.Context, from uint64) (uint64, error) {
	before := from - min(from, 1)
	scan, err := hotstate.ReadAnchorScan(ctx, k.chain.DB, int64(k.ChainID), k.Contract[:])
	if errors.Is(err, hotstate.ErrNotFound) {
		return before, nil
	}
	if err != nil {
		return 0, err
	}
	there, err := k.chain.Node.HeaderByNumber(ctx, big.NewInt(scan.Block))
	if errors.Is(err, ethereum.NotFound) {
		return 0, fmt.Errorf("the Ethereum node has no block %d, which was read before: it is still catching up, or lost its data", scan.Block)
	}
	if err != nil {
		return 0, fmt.Errorf("ask the Ethereum node for block %d: %w", scan.Block, err)
	}
	if there.Hash() != common.BytesToHash(scan.BlockHash) {
		return before, nil
	}
	return uint64(scan.Block), nil
}

func (k *Contract) events(ctx context.Context, from, to, final uint64) ([]hotstate.Anchor, error) {
	var found []hotstate.Anchor
	for ; from <= to; from += eventsAtOnce {
		abi := binding.GetABI()
		logs, err := k.chain.Node.FilterLogs(ctx, ethereum.FilterQuery{
			FromBlock: new(big.Int).SetUint64(from), ToBlock: new(big.Int).SetUint64(min(to, from+eventsAtOnce-1)),
			Addresses: []common.Address{k.Contract},
			Topics:    [][]common.Hash{{abi.Events[contract.LogAnchorAnchoredEventName].ID}},
		})
		if err != nil {
			return nil, fmt.Errorf("ask the Ethereum node for the contract's events: %w", err)
		}
		for i := range logs {
			a, err := k.anchor(ctx, &logs[i])
			if err != nil {
				return nil, err
			}
			a.Final = logs[i].BlockNumber <= final
			found = append(found, a)
		}
	}
	return found, nil
}

func (k *Contract) anchor(ctx context.Context, log *types.Log) (hotstate.Anchor, error) {
	event, err := binding.UnpackAnchoredEvent(log)
	if err != nil {
		return hotstate.Anchor{}, fmt.Errorf("read the contract's event in transaction %s: %w", log.TxHash, err)
	}
	header, err := k.chain.Node.HeaderByHash(ctx, log.BlockHash)
	if err != nil {
		return hotstate.Anchor{}, fmt.Errorf("ask the Ethereum node for block %s: %w", log.BlockHash, err)
	}
	a := hotstate.Anchor{
		Epoch: int64(k.Epoch), Size: int64(event.Size), Root: event.Root[:],
		PreviousSize: int64(event.PreviousSize), PreviousRoot: event.PreviousRoot[:],
		Transaction: log.TxHash[:], Block: int64(log.BlockNumber), BlockHash: log.BlockHash[:],
		At: time.Unix(int64(header.Time), 0).UTC(),
	}
	transaction, _, err := k.chain.Node.TransactionByHash(ctx, log.TxHash)
	if err != nil {
		return a, fmt.Errorf("ask the Ethereum node for transaction %s: %w", log.TxHash, err)
	}
	if to := transaction.To(); to != nil && *to == k.Contract {
		if _, byRetail, byBrands, ok := Anchored(transaction.Data()); ok {
			a.RetailSignature, a.BrandsSignature = byRetail[:], byBrands[:]
		}
	}
	return a, nil
}
