package succession_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/anchoring"
	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/anchor/succession"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// A fixture is the anchor service with its own chain, which the tests move to another contract.
type fixture struct {
	t       *testing.T
	options anchoring.Options
	on      *chain.Chain
	account *chain.Account
	size    uint64
}

func newFixture(t *testing.T, c *chaintest.Chain) *fixture {
	t.Helper()
	pool := hotstatetest.New(t).As(t, "tillproof_anchor")
	f := &fixture{t: t}
	f.options = anchoring.Options{
		Node: c.Node, DB: pool, Lock: free{}, Log: f, Signer: chaintest.Retail, Cosigner: other{chaintest.Brands}, Signers: chaintest.Signers,
		Account: chain.Account{Signer: chaintest.Retail, Ceiling: big.NewInt(100e9), ReplaceAfter: time.Minute, Now: time.Now},
		Deploy:  true, Tickets: 1, Interval: time.Hour, RoundTimeout: time.Minute, Now: time.Now,
		Observer: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	var err error
	if f.on, err = chain.Open(t.Context(), c.Node, pool, chaintest.ChainID); err != nil {
		t.Fatal(err)
	}
	account := f.options.Account
	account.Chain = f.on
	f.account = &account
	return f
}

type free struct{}

func (free) Hold(context.Context) error { return nil }

// other signs whatever it is asked to: the log is not what is tested here.
type other struct{ *key.Keystore }

func (o other) Cosign(ctx context.Context, c statement.Checkpoint, _ statement.Signature) (statement.Signature, error) {
	return o.SignStatement(ctx, c)
}

func (f *fixture) Checkpoint(context.Context) (statement.State, error) {
	return statement.State{Size: f.size, Root: sha256.Sum256([]byte{byte(f.size)})}, nil
}

func (f *fixture) CheckGrowth(context.Context, statement.State, statement.State) error { return nil }

// anchor lets the service, begun anew, anchor a size, and gives the epoch in which it did.
func (f *fixture) anchor(size uint64) int64 {
	f.t.Helper()
	f.size = size
	service := anchoring.New(f.options)
	var err error
	for range 200 {
		err = service.Round(f.t.Context()) // until it is there, errors are waiting
		list, listErr := hotstate.ListAnchors(f.t.Context(), f.options.DB, nil, 1)
		if listErr != nil {
			f.t.Fatal(listErr)
		}
		if len(list) > 0 && list[0].Size == int64(size) {
			return list[0].Epoch
		}
		time.Sleep(20 * time.Millisecond)
	}
	f.t.Fatalf("size %d was never anchored: %v", size, err)
	return 0
}

func (f *fixture) contract() *chain.Contract {
	f.t.Helper()
	at, _, err := f.on.Remembered(f.t.Context(), f.options.Signers)
	if err != nil {
		f.t.Fatal(err)
	}
	return at
}

const pause = 20 * time.Millisecond

func (f *fixture) propose(at *chain.Contract, next chain.Signers) succession.Proposal {
	f.t.Helper()
	p, err := succession.Propose(f.t.Context(), f.account, at, next, f.options.Signer, pause)
	if err != nil {
		f.t.Fatal(err)
	}
	text, err := json.Marshal(p) // it travels as a file
	if err != nil {
		f.t.Fatal(err)
	}
	var received succession.Proposal
	if err := json.Unmarshal(text, &received); err != nil {
		f.t.Fatal(err)
	}
	return received
}

func geth(t *testing.T) *fixture {
	f := newFixture(t, chaintest.Geth(t))
	f.anchor(5)
	return f
}

// A key is replaced: both move the log to a contract that new accounts sign for, and the service goes on there.
func TestKeysAreReplaced(t *testing.T) {
	t.Parallel()
	f := geth(t)
	at := f.contract()
	next := chain.Signers{Retail: chaintest.Stranger.Address(), Brands: chaintest.Brands.Address()}
	proposal := f.propose(at, next)
	if again := f.propose(at, next); again.Successor != proposal.Successor {
		t.Error("proposed again, another contract was made")
	}
	if err := proposal.Carry(t.Context(), f.account, at, pause); !errors.Is(err, succession.ErrNotAgreed) {
		t.Errorf("signed by one: %v", err)
	}
	agreed, err := proposal.Agree(t.Context(), at, chaintest.Signers, next, chaintest.Brands)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time nothing is left to do
		if err := agreed.Carry(t.Context(), f.account, at, pause); err != nil {
			t.Fatal(err)
		}
	}
	err = anchoring.New(f.options).Round(t.Context())
	if !errors.Is(err, chain.ErrWrongContract) {
		t.Errorf("with the old keys: %v", err)
	}
	f.options.Signer, f.options.Signers = chaintest.Stranger, next
	if epoch := f.anchor(9); epoch != 2 {
		t.Errorf("size 9 was anchored in epoch %d", epoch)
	}
}

// The signers stay the same: a service that knows nothing of the move follows it.
func TestTheServiceFollows(t *testing.T) {
	t.Parallel()
	f := geth(t)
	at := f.contract()
	proposal := f.propose(at, chaintest.Signers)
	agreed, err := proposal.Agree(t.Context(), at, chaintest.Signers, chaintest.Signers, chaintest.Brands)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := hotstate.ReadAnchorContract(t.Context(), f.options.DB, hotstate.EthereumChain{ID: chaintest.ChainID, Genesis: f.on.Genesis[:]})
	if err != nil {
		t.Fatal(err)
	}
	if err := agreed.Carry(t.Context(), f.account, at, pause); err != nil {
		t.Fatal(err)
	}
	// As if the move had been made elsewhere, with another database.
	if err := hotstate.WriteAnchorContract(t.Context(), f.options.DB, hotstate.EthereumChain{ID: chaintest.ChainID, Genesis: f.on.Genesis[:]}, kept); err != nil {
		t.Fatal(err)
	}
	if epoch := f.anchor(9); epoch != 2 {
		t.Errorf("size 9 was anchored in epoch %d", epoch)
	}
	if f.contract().Place.Contract != proposal.Successor {
		t.Error("the service has not remembered where the log is now")
	}
	f.options.Contract, f.options.FromBlock = at.Place.Contract, 0
	if epoch := f.anchor(11); epoch != 2 {
		t.Errorf("with the old contract configured, size 11 was anchored in epoch %d", epoch)
	}
}

// The other organisation signs for nothing but what both have agreed on.
func TestWhatIsNotAgreedTo(t *testing.T) {
	t.Parallel()
	f := geth(t)
	at := f.contract()
	next := chain.Signers{Retail: chaintest.Stranger.Address(), Brands: chaintest.Brands.Address()}
	good := f.propose(at, next)
	for name, test := range map[string]struct {
		change func(p *succession.Proposal)
		now    chain.Signers
		next   chain.Signers
		want   error
	}{
		"other signers than agreed":    {func(p *succession.Proposal) { p.Retail = common.Address{1} }, chaintest.Signers, next, succession.ErrOtherSigners},
		"other signers in the code":    {func(p *succession.Proposal) { p.Retail = common.Address{1} }, chaintest.Signers, chain.Signers{Retail: common.Address{1}, Brands: next.Brands}, chain.ErrWrongContract},
		"another contract's successor": {func(p *succession.Proposal) { p.Successor = at.Place.Contract }, chaintest.Signers, next, chain.ErrWrongContract},
		"no contract":                  {func(p *succession.Proposal) { p.Successor = common.Address{1} }, chaintest.Signers, next, chain.ErrNoContract},
		"another size":                 {func(p *succession.Proposal) { p.Size++ }, chaintest.Signers, next, succession.ErrMoved},
		"another root":                 {func(p *succession.Proposal) { p.Root[0]++ }, chaintest.Signers, next, succession.ErrMoved},
		"another epoch":                {func(p *succession.Proposal) { p.Epoch++ }, chaintest.Signers, next, succession.ErrMoved},
		"not signed by the retailer":   {func(p *succession.Proposal) {}, next, next, statement.ErrNotSigned},
	} {
		p := good
		test.change(&p)
		if _, err := p.Agree(t.Context(), at, test.now, test.next, chaintest.Brands); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	agreed, err := good.Agree(t.Context(), at, chaintest.Signers, next, chaintest.Brands)
	if err != nil {
		t.Fatal(err)
	}
	f.anchor(7) // the service was not stopped
	if err := agreed.Carry(t.Context(), f.account, at, pause); !errors.Is(err, succession.ErrMoved) {
		t.Errorf("the contract has taken another checkpoint: %v", err)
	}
	if epoch := f.anchor(9); epoch != 1 {
		t.Errorf("the log has moved to epoch %d", epoch)
	}
}
