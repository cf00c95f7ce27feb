package anchoring_test

import (
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/cosign"
	"github.com/tillproof/tillproof/anchor/logsource"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/hotstate"
)

func (f *fixture) wantAnchors(final int, sizes ...int64) {
	f.t.Helper()
	if got, finals := f.anchors(); !slices.Equal(got, sizes) || finals != final {
		f.t.Fatalf("anchored at %v, %d of them final; want %v, %d", got, finals, sizes, final)
	}
}

func TestDeploysThenAnchorsByNumberAndByTime(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.wantAnchors(0) // an empty log is not anchored

	f.log.size = 3 // the first tickets do not wait
	f.settle()
	f.wantAnchors(0, 3)

	f.log.size = 12 // nine more: too few
	f.settle()
	f.wantAnchors(1, 3)
	f.log.size = 13
	f.settle()
	f.wantAnchors(1, 3, 13)

	f.log.size = 14
	f.settle()
	f.wantAnchors(2, 3, 13)
	f.now = f.now.Add(2 * time.Hour)
	f.settle()
	f.wantAnchors(2, 3, 13, 14)
	if f.spent() != 4 {
		t.Errorf("%d transactions for a contract and three anchors", f.spent())
	}

	newest, _, err := hotstate.ProvenAnchor(t.Context(), f.pool, 12, 14)
	if err != nil || newest.Size != 13 || newest.PreviousSize != 3 || newest.Epoch != 1 || newest.ChainID != chaintest.ChainID {
		t.Fatalf("entry 12 is under %+v, %v", newest, err)
	}
	c := statement.Checkpoint{
		Place:    statement.Place{ChainID: chaintest.ChainID, Contract: common.BytesToAddress(newest.Contract), Epoch: 1},
		Previous: statement.State{Size: 3, Root: rootOf(3)}, Next: statement.State{Size: 13, Root: rootOf(13)},
	}
	if err := statement.Signature(newest.RetailSignature).Verify(c, chaintest.Retail.Address()); err != nil {
		t.Error("retail's signature on record:", err)
	}
	if err := statement.Signature(newest.BrandsSignature).Verify(c, chaintest.Brands.Address()); err != nil {
		t.Error("brands' signature on record:", err)
	}
}

// Whatever fails and wherever the process ends, the next one anchors once and pays once.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begin, end func(f *fixture)
	}{
		"the node is down": {
			func(f *fixture) { f.node.down = true },
			func(f *fixture) { f.node.down = false }},
		"a transaction is lost": {
			func(f *fixture) { f.node.loseSend = true },
			func(f *fixture) { f.node.loseSend = false }},
		"a transaction is taken, the answer lost": {
			func(f *fixture) { f.node.loseDone = true },
			func(f *fixture) { f.node.loseDone = false }},
		"the node forgets what waits": {
			func(f *fixture) { f.Round(t.Context()); f.chain.Drop(); f.Round(t.Context()); f.chain.Drop() },
			func(f *fixture) {}},
		"the witness does not answer": {
			func(f *fixture) { f.cosigner.refuses = cosign.ErrNotYet },
			func(f *fixture) { f.cosigner.refuses = nil }},
		"the witness refuses": {
			func(f *fixture) { f.cosigner.refuses = cosign.ErrRefused },
			func(f *fixture) { f.cosigner.refuses = nil }},
		"the log was rewritten": {
			func(f *fixture) { f.log.lies = errFault },
			func(f *fixture) { f.log.lies = nil }},
		"the base fee is above the ceiling": {
			func(f *fixture) { f.node.baseFee = big.NewInt(200e9) },
			func(f *fixture) { f.node.baseFee = nil }},
		"the account has no money": {
			func(f *fixture) { f.node.rejects = errors.New("insufficient funds for gas * price + value") },
			func(f *fixture) { f.node.rejects = nil }},
	} {
		for _, when := range []string{"before the contract", "with a contract"} {
			t.Run(name+", "+when, func(t *testing.T) {
				t.Parallel()
				f := newFixture(t)
				if when == "with a contract" {
					f.settle()
				}
				f.log.size = 5
				test.begin(f)
				f.rounds(2)
				f.restart()
				f.rounds(2)
				test.end(f)
				f.restart()
				f.rounds(1)
				f.settle()
				f.settle()
				f.wantAnchors(1, 5)
				if f.spent() != 2 {
					t.Errorf("%d transactions were paid for, want the contract's and one anchor", f.spent())
				}
			})
		}
	}
}

func TestAReorganisationIsFollowed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	before, err := f.chain.Node.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.log.size = 5
	f.settle()
	f.wantAnchors(0, 5)

	f.chain.Reorganise(t, before.Hash(), 0)
	f.chain.Drop()
	f.chain.Blocks(6) // another branch, longer, without our transaction
	if err := f.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.wantAnchors(0)
	f.restart()
	f.settle()
	f.wantAnchors(0, 5)
	f.settle()
	f.wantAnchors(1, 5)
	if f.cosigner.asked != 1 {
		t.Errorf("the witness was asked %d times: what was signed once should have been sent again", f.cosigner.asked)
	}
}

func TestAReorganisationBelowWhatCountedAsFinal(t *testing.T) {
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
	f.wantAnchors(1, 5)
	f.chain.Reorganise(t, before.Hash(), 0)
	f.chain.Drop()
	f.chain.Blocks(12)
	f.Round(t.Context())
	f.wantAnchors(0)
	f.settle()
	f.settle()
	f.wantAnchors(1, 5)
}

// While the log is made again it is smaller than what the contract holds. It is not anchored, nobody is asked to sign it,
// and the service goes on once it is there again.
func TestWhileTheLogIsMadeAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 12
	f.settle()
	f.settle()
	f.wantAnchors(1, 12)
	spent, asked := f.spent(), f.cosigner.asked
	for _, size := range []uint64{0, 3, 11} {
		f.log.size = size
		f.restart()
		if err := f.rounds(1); !errors.Is(err, logsource.ErrNotGrown) {
			t.Errorf("at size %d of 12: %v", size, err)
		}
	}
	f.log.size = 12
	f.settle()
	if f.spent() != spent || f.cosigner.asked != asked {
		t.Errorf("%d transactions and %d signatures more, for a log that had not grown", f.spent()-spent, f.cosigner.asked-asked)
	}
	f.log.size = 30
	f.settle()
	f.settle()
	f.wantAnchors(2, 12, 30)
}

func TestAStuckTransactionIsReplaced(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 5
	f.node.loseSend = true // it is signed, and nobody takes it
	f.Round(t.Context())
	f.node.loseSend = false
	f.now = f.now.Add(2 * time.Minute)
	f.node.sent = nil
	if err := f.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := f.node.sent[0]
	f.now = f.now.Add(2 * time.Minute)
	if err := f.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := f.node.sent[1]
	if first.Nonce() != second.Nonce() || string(first.Data()) != string(second.Data()) {
		t.Error("the replacement is another transaction")
	}
	tenth := func(n *big.Int) *big.Int {
		return new(big.Int).Div(new(big.Int).Mul(n, big.NewInt(11)), big.NewInt(10))
	}
	if second.GasFeeCap().Cmp(tenth(first.GasFeeCap())) < 0 || second.GasTipCap().Cmp(tenth(first.GasTipCap())) < 0 {
		t.Errorf("the replacement offers %v and %v after %v and %v: nodes ask for a tenth more",
			second.GasFeeCap(), second.GasTipCap(), first.GasFeeCap(), first.GasTipCap())
	}
	f.chain.Mine()
	f.settle()
	f.wantAnchors(1, 5)
}

// Our clock is set back while a transaction waits: it is replaced all the same, and what is replaced is the newest.
func TestAStuckTransactionOfAClockThatWasSetBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 5
	f.now = f.now.Add(24 * time.Hour)
	f.Round(t.Context())
	f.now = f.now.Add(-24 * time.Hour)
	for range 3 {
		f.restart()
		if err := f.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(2 * time.Minute)
	}
	last := f.node.sent[len(f.node.sent)-4:]
	for i := range 3 {
		if last[i+1].Nonce() != last[i].Nonce() || last[i+1].GasFeeCap().Cmp(last[i].GasFeeCap()) <= 0 {
			t.Errorf("%v wei offered after %v", last[i+1].GasFeeCap(), last[i].GasFeeCap())
		}
	}
	f.chain.Mine()
	f.settle()
	f.wantAnchors(1, 5)
}

// Whatever our clock says, an anchor comes when the chain's says so, and not before.
func TestAnchorsByTheChainsClock(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]time.Duration{"an hour ahead": time.Hour, "a year ahead": 365 * 24 * time.Hour, "a year behind": -365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.now = f.now.Add(wrong)
			f.log.size = 3
			f.settle()
			f.settle()
			f.log.size = 4
			f.settle()
			f.wantAnchors(1, 3)
			f.restart()
			f.settle()
			f.wantAnchors(1, 3)
			f.chain.NextDay(t)
			f.restart()
			f.settle()
			f.wantAnchors(1, 3, 4)
		})
	}
}

func TestTheCeilingHolds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 5
	f.options.Account.Ceiling = big.NewInt(4e9)
	f.restart()
	var err error
	for range 20 { // never mined, always stuck
		err = f.Round(t.Context())
		f.now = f.now.Add(2 * time.Minute)
	}
	if !errors.Is(err, chain.ErrTooDear) {
		t.Errorf("at the ceiling: %v, want %v", err, chain.ErrTooDear)
	}
	for _, sent := range f.node.sent {
		if sent.GasFeeCap().Cmp(big.NewInt(4e9)) > 0 && sent.To() != nil {
			t.Errorf("%v wei offered, above the ceiling", sent.GasFeeCap())
		}
	}
	f.chain.Mine()
	f.settle()
	f.wantAnchors(1, 5)
}

// Whoever has both signatures may bring them; the service then has nothing left to do.
func TestSomebodyElseAnchors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	f.log.size = 5
	f.node.loseSend = true
	f.Round(t.Context()) // signed and kept, not sent
	f.node.loseSend = false

	call := f.signed(statement.State{Size: 4, Root: rootOf(4)})
	f.chain.SendFrom(t, chaintest.Stranger, call.To, call.Data)

	f.settle()
	f.wantAnchors(1, 4) // one more ticket is too few
	f.log.size = 20
	f.settle()
	f.settle()
	f.wantAnchors(2, 4, 20)
	if f.spent() != 2 { // the contract and the second anchor; what was signed for the first is void
		t.Errorf("%d transactions", f.spent())
	}
}

func TestTheWrongPlace(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.log.size = 5
	f.settle()
	code := common.FromHex("0x600a600c600039600a6000f3602a60005260206000f3") // answers 42 to everything
	foreign := f.chain.Send(t, nil, code, nil).ContractAddress
	for name, test := range map[string]struct {
		change func(o *fixture)
		want   error
	}{
		"another chain":     {func(f *fixture) { f.options.ChainID = 1 }, chain.ErrWrongChain},
		"no contract":       {func(f *fixture) { f.options.Contract = common.Address{1} }, chain.ErrNoContract},
		"another contract":  {func(f *fixture) { f.options.Contract = foreign }, chain.ErrWrongContract},
		"another signer":    {func(f *fixture) { f.options.Signers.Brands = chaintest.Stranger.Address() }, chain.ErrWrongContract},
		"signers exchanged": {func(f *fixture) { s := &f.options.Signers; s.Retail, s.Brands = s.Brands, s.Retail }, chain.ErrWrongContract},
	} {
		before, spent := f.options, f.spent()
		test.change(f)
		f.restart()
		f.log.size += 100
		if err := f.Round(t.Context()); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		f.chain.Mine()
		if f.spent() != spent {
			t.Errorf("%s: it cost a transaction", name)
		}
		f.options = before
	}
}

func TestNothingIsMadeWithoutLeave(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.options.Deploy = false
	f.restart()
	err := f.rounds(2)
	if !errors.Is(err, chain.ErrNotDeployed) || !strings.Contains(err.Error(), "DEPLOY=yes") {
		t.Errorf("without a contract: %v, want one that says what to do", err)
	}
	if f.spent() != 0 {
		t.Error("a contract was made")
	}
}

// The database is lost, or another one is used: the contract that is named is taken up where it stands.
func TestTheContractIsFoundAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.log.size = 5
	f.settle()
	f.settle()
	ours, err := hotstate.ReadAnchorContract(t.Context(), f.pool, f.key())
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"book.anchor_contracts", "book.anchor_transactions", "view.anchors", "view.anchor_scans"} {
		if _, err := f.pool.Exec(t.Context(), "delete from "+table); err != nil {
			t.Fatal(err)
		}
	}
	f.options.Contract, f.options.Deploy = common.BytesToAddress(ours.Address), false
	f.restart()
	f.settle()
	f.wantAnchors(1, 5)
	f.log.size = 25
	f.settle()
	f.wantAnchors(1, 5, 25)
}
