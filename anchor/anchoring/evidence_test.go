package anchoring_test

import (
	"errors"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/hotstate"
)

// evidence is what is kept of the anchor that covers an entry, as a verifier gets it.
func (f *fixture) evidence(index int64) (anchor.Evidence, anchor.Trust) {
	f.t.Helper()
	const wholeLog = 1 << 40
	a, kept, err := hotstate.ProvenAnchor(f.t.Context(), f.pool, index, wholeLog)
	if err != nil {
		f.t.Fatal(err)
	}
	contract := ethereum.Address(a.Contract)
	return anchor.Evidence{
			Statement: anchor.Checkpoint{Place: anchor.Place{ChainID: uint64(a.ChainID), Contract: contract, Epoch: uint64(a.Epoch)},
				Previous: anchor.State{Size: uint64(a.PreviousSize), Root: [32]byte(a.PreviousRoot)},
				Next:     anchor.State{Size: uint64(a.Size), Root: [32]byte(a.Root)}},
			ByRetail: ethereum.Signature(a.RetailSignature), ByBrands: ethereum.Signature(a.BrandsSignature),
			Header: kept.Header, Block: ethereum.Hash(a.BlockHash), Number: uint64(a.Block),
			Transaction: ethereum.Hash(a.Transaction), Index: uint64(kept.TransactionIndex), Event: kept.Event,
			TransactionProof: kept.TransactionProof, ReceiptProof: kept.ReceiptProof,
		}, anchor.Trust{ChainID: chaintest.ChainID, Contract: contract, Block: ethereum.Hash(a.BlockHash),
			Retail: ethereum.Address(chaintest.Retail.Address()), Brands: ethereum.Address(chaintest.Brands.Address())}
}

// Once an anchor is final there is evidence of it that needs no node; before that there is none that could become void.
func TestEvidenceOfFinalAnchors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 5
	f.settle()
	f.wantAnchors(0, 5)
	if _, _, err := hotstate.ProvenAnchor(t.Context(), f.pool, 0, 5); err == nil {
		t.Fatal("there is evidence of an anchor that may yet be reorganised away")
	}
	f.settle()
	f.wantAnchors(1, 5)
	evidence, trust := f.evidence(4)
	if _, err := evidence.Verify(trust); err != nil {
		t.Fatal(err)
	}
	if _, _, err := hotstate.ProvenAnchor(t.Context(), f.pool, 5, 10); err == nil {
		t.Error("an entry that was not anchored has evidence")
	}
	if _, _, err := hotstate.ProvenAnchor(t.Context(), f.pool, 0, 4); err == nil {
		t.Error("a log that is being made again is proven by an anchor of more entries than it has")
	}
}

// The evidence holds also in a block of other people's transactions, which makes tries of some depth.
func TestEvidenceInAFullBlock(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 5
	const others = 140
	f.chain.Crowd(t, others)
	f.settle()
	f.settle()
	evidence, trust := f.evidence(0)
	if _, err := evidence.Verify(trust); err != nil {
		t.Fatal(err)
	}
	if len(evidence.ReceiptProof) < 3 || len(evidence.TransactionProof) < 3 {
		t.Errorf("the tries have %d and %d levels: the block was not full", len(evidence.TransactionProof), len(evidence.ReceiptProof))
	}
	for _, nodes := range [][][]byte{evidence.TransactionProof, evidence.ReceiptProof} {
		for _, node := range nodes {
			for _, at := range []int{0, len(node) / 2, len(node) - 1} {
				node[at] ^= 1
				if _, err := evidence.Verify(trust); err == nil {
					t.Errorf("byte %d of a node may change", at)
				}
				node[at] ^= 1
			}
		}
	}
}

// The anchor is made anew in another block: so is its evidence.
func TestEvidenceFollowsAReorganisation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	before, err := f.chain.Node.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.log.size = 5
	f.settle()
	f.settle()
	old, _ := f.evidence(0)
	f.chain.Reorganise(t, before.Hash(), 0)
	f.chain.Drop()
	f.chain.Blocks(12)
	f.Round(t.Context())
	if _, _, err := hotstate.ProvenAnchor(t.Context(), f.pool, 0, 5); err == nil {
		t.Error("there is evidence in a block that is no more")
	}
	f.settle()
	f.settle()
	now, trust := f.evidence(0)
	if _, err := now.Verify(trust); err != nil {
		t.Fatal(err)
	}
	if now.Block == old.Block || common.Hash(now.Block) == before.Hash() {
		t.Error("the evidence is still of the block that was left")
	}
}

// A node that has forgotten an old block's receipts keeps the service neither from anchoring nor from newer evidence.
func TestEvidenceThatCannotBeMade(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.node.forgotten = true
	for _, size := range []uint64{20, 40} {
		f.log.size = size
		f.rounds(8)
	}
	f.wantAnchors(2, 20, 40)
	if err := f.Round(t.Context()); !errors.Is(err, errFault) {
		t.Errorf("that there is no evidence is not told: %v", err)
	}
	f.node.forgotten = false
	f.settle()
	f.evidence(0)
	f.evidence(39)
}
