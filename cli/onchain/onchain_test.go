package onchain_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/contract"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/cli/onchain"
	"github.com/tillproof/tillproof/domain/anchor"
	"github.com/tillproof/tillproof/domain/ethereum"
	"github.com/tillproof/tillproof/domain/proof"
)

// A world is a simulated chain with a contract on it.
type world struct {
	*chaintest.Simulation
	t  *testing.T
	on *chain.Chain
	at *chain.Contract
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Simulation: chaintest.Simulate(t), t: t}
	var err error
	if w.on, err = chain.Open(t.Context(), w.Node, nil, chaintest.ChainID); err != nil {
		t.Fatal(err)
	}
	w.at = w.deploy(chaintest.Signers, common.Address{})
	return w
}

func (w *world) deploy(signers chain.Signers, predecessor common.Address) *chain.Contract {
	w.t.Helper()
	code := append(common.FromHex(contract.LogAnchorMetaData.Bin), contract.NewLogAnchor().PackConstructor(signers.Retail, signers.Brands, predecessor)...)
	deployed, err := w.on.Contract(w.t.Context(), w.send(nil, code).ContractAddress, signers)
	if err != nil {
		w.t.Fatal(err)
	}
	return deployed
}

func (w *world) send(to *common.Address, data []byte) *types.Receipt {
	w.t.Helper()
	receipt := w.Send(w.t, to, data, nil)
	if receipt.Status != types.ReceiptStatusSuccessful {
		w.t.Fatalf("transaction %s was refused", receipt.TxHash)
	}
	return receipt
}

// sign has both sign.
func (w *world) sign(s statement.Statement, retail, brands *key.Keystore) (byRetail, byBrands statement.Signature) {
	w.t.Helper()
	var err error
	if byRetail, err = retail.SignStatement(w.t.Context(), s); err == nil {
		byBrands, err = brands.SignStatement(w.t.Context(), s)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return byRetail, byBrands
}

// anchor brings a size to the contract, and gives what a bundle would prove of it.
func (w *world) anchor(at *chain.Contract, size uint64, retail, brands *key.Keystore) *proof.Anchored {
	w.t.Helper()
	held, err := at.State(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	c := statement.Checkpoint{Place: at.Place, Previous: held, Next: statement.State{Size: size, Root: sha256.Sum256([]byte{byte(size)})}}
	byRetail, byBrands := w.sign(c, retail, brands)
	call := at.Anchoring(c, byRetail, byBrands)
	receipt := w.send(call.To, call.Data)
	return &proof.Anchored{Checkpoint: c.Plain(), Block: ethereum.Hash(receipt.BlockHash), Number: receipt.BlockNumber.Uint64(),
		Time: time.Unix(0, 0), Transaction: ethereum.Hash(receipt.TxHash)}
}

func (w *world) succeed(next *chain.Contract) {
	w.t.Helper()
	held, err := w.at.State(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	s := statement.Succession{Place: w.at.Place, At: held, Successor: next.Place.Contract}
	byRetail, byBrands := w.sign(s, chaintest.Retail, chaintest.Brands)
	call := w.at.Succession(s, byRetail, byBrands)
	w.send(call.To, call.Data)
}

func (w *world) pinned() anchor.Trust {
	return anchor.Trust{ChainID: chaintest.ChainID, Contract: ethereum.Address(w.at.Place.Contract),
		Retail: ethereum.Address(chaintest.Retail.Address()), Brands: ethereum.Address(chaintest.Brands.Address())}
}

// check is all that is asked of the node.
func (w *world) check(a *proof.Anchored, pinned anchor.Trust, successors bool) ([]proof.Step, error) {
	w.t.Helper()
	const depth = 3
	checker, err := onchain.New(w.t.Context(), w.Node, pinned, depth, successors)
	if err != nil {
		return nil, err
	}
	trust, steps, err := checker.Trust(w.t.Context(), a.Contract)
	if err != nil {
		return nil, err
	}
	more, err := checker.Check(w.t.Context(), a, trust)
	return append(steps, more...), err
}

func TestAnAnchorOnTheChain(t *testing.T) {
	w := newWorld(t)
	a := w.anchor(w.at, 5, chaintest.Retail, chaintest.Brands)
	if _, err := w.check(a, w.pinned(), false); !errors.Is(err, onchain.ErrTooFresh) {
		t.Errorf("in the newest block: %v", err)
	}
	w.Blocks(3)
	steps, err := w.check(a, w.pinned(), false)
	if err != nil || len(steps) != 3 || !strings.Contains(steps[1].Checked, "3 blocks follow") {
		t.Fatalf("%v, %v", steps, err)
	}
	w.anchor(w.at, 9, chaintest.Retail, chaintest.Brands)
	if steps, err = w.check(a, w.pinned(), false); err != nil || !strings.Contains(steps[2].Checked, "now holds size 9") {
		t.Errorf("after the next one: %v, %v", steps, err)
	}
}

func TestWhatIsNotOnTheChainIsRefused(t *testing.T) {
	w := newWorld(t)
	before, err := w.Node.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	a := w.anchor(w.at, 5, chaintest.Retail, chaintest.Brands)
	w.Blocks(3)
	foreign := w.send(nil, common.FromHex("0x600a600c600039600a6000f3602a60005260206000f3")).ContractAddress // answers 42 to everything
	for name, test := range map[string]struct {
		pin   func(trust *anchor.Trust)
		claim func(a *proof.Anchored)
		want  error
	}{
		"another chain":        {pin: func(p *anchor.Trust) { p.ChainID = 1 }, want: chain.ErrWrongChain},
		"no contract":          {pin: func(p *anchor.Trust) { p.Contract = ethereum.Address{1} }, want: chain.ErrNoContract},
		"something else there": {pin: func(p *anchor.Trust) { p.Contract = ethereum.Address(foreign) }, want: chain.ErrWrongContract},
		"a replaced signer":    {pin: func(p *anchor.Trust) { p.Brands = ethereum.Address{1} }, want: chain.ErrWrongContract},
		"an old key":           {pin: func(p *anchor.Trust) { p.Retail = p.Brands }, want: chain.ErrWrongContract},
		"another contract":     {claim: func(a *proof.Anchored) { a.Contract = ethereum.Address(foreign) }, want: onchain.ErrEnded},
		"another epoch":        {claim: func(a *proof.Anchored) { a.Epoch++ }, want: onchain.ErrEpoch},
		"a larger size":        {claim: func(a *proof.Anchored) { a.Next.Size++ }, want: onchain.ErrNotHeld},
		"another root":         {claim: func(a *proof.Anchored) { a.Next.Root[0]++ }, want: onchain.ErrNotHeld},
		"another block":        {claim: func(a *proof.Anchored) { a.Block[0]++ }, want: onchain.ErrReorganised},
		"a block to come":      {claim: func(a *proof.Anchored) { a.Number += 1000 }, want: onchain.ErrReorganised},
		"a block before":       {claim: func(a *proof.Anchored) { a.Block, a.Number = ethereum.Hash(before.Hash()), before.Number.Uint64() }, want: onchain.ErrNotHeld},
	} {
		pinned, claimed := w.pinned(), *a
		if test.pin != nil {
			test.pin(&pinned)
			claimed.Contract = pinned.Contract
		}
		if test.claim != nil {
			test.claim(&claimed)
		}
		if _, err := w.check(&claimed, pinned, true); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	w.Reorganise(t, before.Hash(), 0)
	w.Drop()
	w.Blocks(12)
	if _, err := w.check(a, w.pinned(), false); !errors.Is(err, onchain.ErrReorganised) {
		t.Errorf("after a reorganisation: %v", err)
	}
}

// Both sign for a successor with new keys. It is followed only if that is allowed, and only from the contract that is pinned.
func TestSuccessors(t *testing.T) {
	w := newWorld(t)
	before := w.anchor(w.at, 5, chaintest.Retail, chaintest.Brands)
	signers := chain.Signers{Retail: chaintest.Stranger.Address(), Brands: chaintest.Brands.Address()}
	next := w.deploy(signers, w.at.Place.Contract)
	a := w.anchor(next, 8, chaintest.Stranger, chaintest.Brands)
	w.Blocks(3)
	if _, err := w.check(a, w.pinned(), true); !errors.Is(err, onchain.ErrEnded) {
		t.Errorf("a contract that claims to be the successor, and that nobody has signed for: %v", err)
	}

	// That one has grown, so that nobody can sign for it any more; here is another.
	next = w.deploy(signers, w.at.Place.Contract)
	w.succeed(next)
	a = w.anchor(next, 8, chaintest.Stranger, chaintest.Brands)
	w.Blocks(3)
	if _, err := w.check(a, w.pinned(), false); !errors.Is(err, onchain.ErrEnded) || !strings.Contains(err.Error(), "--follow-successor") {
		t.Errorf("without leave: %v", err)
	}
	steps, err := w.check(a, w.pinned(), true)
	if err != nil || !strings.Contains(steps[1].Checked, "as its successor") {
		t.Errorf("with leave: %v, %v", steps, err)
	}
	if steps, err := w.check(before, w.pinned(), false); err != nil || !strings.Contains(steps[len(steps)-1].Checked, "has ended in favour") {
		t.Errorf("anchored before the move: %v, %v", steps, err)
	}
	pinned := w.pinned()
	pinned.Contract, pinned.Retail = ethereum.Address(next.Place.Contract), ethereum.Address(signers.Retail)
	if _, err := w.check(a, pinned, false); err != nil {
		t.Errorf("pinned itself: %v", err)
	}
	pinned.Retail = w.pinned().Retail
	if _, err := w.check(a, pinned, true); !errors.Is(err, chain.ErrWrongContract) {
		t.Errorf("pinned with the key from before: %v", err)
	}
}
