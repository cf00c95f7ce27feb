package chain

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/hotstate"
)

// A BlockReceiptsReader gives all receipts of a block.
type BlockReceiptsReader interface {
	BlockReceipts(ctx context.Context, block rpc.BlockNumberOrHash) ([]*types.Receipt, error)
}

// provenAtOnce bounds the work of a round after many anchors were read anew.
const provenAtOnce = 20

// ProveAnchors makes the evidence of anchors that have become final, by which they can be verified without a node. What is
// kept is verified first as anybody will.
func (k *Contract) ProveAnchors(ctx context.Context) error {
	missing, err := hotstate.AnchorsWithoutEvidence(ctx, k.chain.DB, int64(k.ChainID), k.Place.Contract[:], provenAtOnce)
	if err != nil {
		return err
	}
	var failed []error // one that a node has forgotten holds up no other
	for _, a := range missing {
		if err := k.proveAnchor(ctx, a); err != nil {
			failed = append(failed, fmt.Errorf("make the evidence of the anchor of size %d: %w", a.Size, err))
		}
	}
	return errors.Join(failed...)
}

func (k *Contract) proveAnchor(ctx context.Context, a hotstate.Anchor) error {
	evidence, err := k.prove(ctx, a)
	if err != nil {
		return err
	}
	return hotstate.WriteAnchorEvidence(ctx, k.chain.DB, a, hotstate.AnchorEvidence{
		Header: evidence.Header, TransactionIndex: int64(evidence.Index), Event: evidence.Event,
		TransactionProof: evidence.TransactionProof, ReceiptProof: evidence.ReceiptProof,
	})
}

func (k *Contract) prove(ctx context.Context, a hotstate.Anchor) (*anchor.Evidence, error) {
	hash := common.BytesToHash(a.BlockHash)
	block, err := k.chain.Node.BlockByHash(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("ask the Ethereum node for block %s: %w", hash, err)
	}
	receipts, err := k.chain.Node.BlockReceipts(ctx, rpc.BlockNumberOrHashWithHash(hash, false))
	if err != nil {
		return nil, fmt.Errorf("ask the Ethereum node for the receipts of block %s: %w", hash, err)
	}
	index := 0
	for index < len(receipts) && receipts[index].TxHash != common.BytesToHash(a.Transaction) {
		index++
	}
	if index == len(receipts) {
		return nil, fmt.Errorf("the Ethereum node has no transaction %x in block %s", a.Transaction, hash)
	}
	header, err := rlp.EncodeToBytes(block.Header())
	if err != nil {
		return nil, fmt.Errorf("encode the header of block %s: %w", hash, err)
	}
	e := &anchor.Evidence{
		Statement: k.statement(a), ByRetail: ethereum.Signature(a.RetailSignature), ByBrands: ethereum.Signature(a.BrandsSignature),
		Header: header, Block: ethereum.Hash(hash), Number: block.NumberU64(),
		Transaction: ethereum.Hash(a.Transaction), Index: uint64(index),
	}
	if e.TransactionProof, _, err = proveItem(block.Transactions(), index); err != nil {
		return nil, err
	}
	var receipt []byte
	if e.ReceiptProof, receipt, err = proveItem(types.Receipts(receipts), index); err != nil {
		return nil, err
	}
	if e.Event, err = e.Statement.EventOf(receipt); err != nil {
		return nil, err
	}
	_, err = e.Verify(anchor.Trust{ChainID: k.ChainID, Contract: ethereum.Address(k.Place.Contract),
		Retail: ethereum.Address(k.signers.Retail), Brands: ethereum.Address(k.signers.Brands)})
	return e, err
}

func (k *Contract) statement(a hotstate.Anchor) anchor.Checkpoint {
	return statement.Checkpoint{
		Place:    statement.Place{ChainID: k.ChainID, Contract: k.Place.Contract, Epoch: uint64(a.Epoch)},
		Previous: statement.State{Size: uint64(a.PreviousSize), Root: common.BytesToHash(a.PreviousRoot)},
		Next:     statement.State{Size: uint64(a.Size), Root: common.BytesToHash(a.Root)},
	}.Plain()
}

// proveItem builds one of a block's tries. It gives the nodes from the root to an item, and the item.
func proveItem(list types.DerivableList, index int) (nodes, []byte, error) {
	t := trie.NewEmpty(nil) // it has no nodes but those in memory
	var wanted []byte
	for i := range list.Len() {
		var encoded bytes.Buffer
		list.EncodeIndex(i, &encoded)
		item := encoded.Bytes()
		if i == index {
			wanted = item
		}
		if err := t.Update(rlp.AppendUint64(nil, uint64(i)), item); err != nil {
			return nil, nil, fmt.Errorf("build a block's trie: %w", err)
		}
	}
	var found nodes
	if err := t.Prove(rlp.AppendUint64(nil, uint64(index)), &found); err != nil {
		return nil, nil, fmt.Errorf("prove an item of a block's trie: %w", err)
	}
	return found, wanted, nil
}

// nodes collects those of a proof, which come from the root on.
type nodes [][]byte

// Put takes a node.
func (n *nodes) Put(_, node []byte) error {
	*n = append(*n, node)
	return nil
}

// Delete is never asked for by a proof.
func (n *nodes) Delete([]byte) error { return nil }
