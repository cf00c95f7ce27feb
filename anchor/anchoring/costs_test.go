package anchoring_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/hotstate"
)

// wantCosts holds what is on record for each anchor against the chain's receipts, and gives the sum.
func (f *fixture) wantCosts() *big.Int {
	f.t.Helper()
	list, err := hotstate.ListAnchors(f.t.Context(), f.pool, nil, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	sum := new(big.Int)
	for _, a := range list {
		receipt, err := f.chain.Node.TransactionReceipt(f.t.Context(), common.BytesToHash(a.Transaction))
		if err != nil {
			f.t.Fatal(err)
		}
		paid := new(big.Int).Mul(receipt.EffectiveGasPrice, new(big.Int).SetUint64(receipt.GasUsed))
		if a.GasUsed == nil || a.Wei == nil || uint64(*a.GasUsed) != receipt.GasUsed || *a.Wei != paid.String() {
			f.t.Errorf("size %d: %v gas and %v wei on record, want %d and %s", a.Size, a.GasUsed, a.Wei, receipt.GasUsed, paid)
		}
		sum.Add(sum, paid)
	}
	return sum
}

// spentToday is what counts against the day's budget.
func (f *fixture) spentToday() *big.Int {
	f.t.Helper()
	on, err := chain.Open(f.t.Context(), f.chain.Node, f.pool, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	day, err := on.Day(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	account := chain.Account{Chain: on, Signer: chaintest.Retail}
	spent, err := account.Spent(f.t.Context(), day)
	if err != nil {
		f.t.Fatal(err)
	}
	return spent
}

func (f *fixture) wantSpent(want *big.Int) {
	f.t.Helper()
	if got := f.spentToday(); got.Cmp(want) != 0 {
		f.t.Errorf("%s wei are spent by the books, want %s", got, want)
	}
}

func TestCostsAreKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.chain.NextDay(t)
	f.settle()
	f.wantSpent(new(big.Int)) // the contract is no anchor
	for _, size := range []uint64{20, 40} {
		f.log.size = size
		f.settle()
	}
	both := f.wantCosts()
	f.wantSpent(both)
	f.chain.NextDay(t)
	f.wantSpent(new(big.Int))
	f.wantCosts()

	// The database is lost.
	for _, table := range []string{"book.anchor_transactions", "view.anchors", "view.anchor_scans", "view.anchor_costs"} {
		if _, err := f.pool.Exec(t.Context(), "delete from "+table); err != nil {
			t.Fatal(err)
		}
	}
	f.settle()
	f.wantAnchors(2, 20, 40)
	if again := f.wantCosts(); again.Cmp(both) != 0 {
		t.Errorf("found again, they cost %s, and %s before", again, both)
	}
}

func TestCostsFollowAReorganisation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.chain.NextDay(t)
	f.settle()
	before, err := f.chain.Node.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f.log.size = 5
	f.settle()
	f.wantSpent(f.wantCosts())
	f.chain.Reorganise(t, before.Hash(), 0)
	f.chain.Drop()
	f.chain.Blocks(6)
	f.Round(t.Context())
	f.wantSpent(new(big.Int)) // the chain has not taken it
	f.settle()
	f.wantSpent(f.wantCosts())
}

// Gas is paid for what the contract refuses, too.
func TestARefusedAnchorIsPaidFor(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.chain.NextDay(t)
	f.settle()
	f.log.size = 5
	f.node.loseSend = true
	f.Round(t.Context()) // signed and kept, not sent
	f.node.loseSend = false
	raw := f.kept()
	call := f.signed(statement.State{Size: 4, Root: rootOf(4)})
	theirs := f.chain.SendFrom(t, chaintest.Stranger, call.To, call.Data)
	ours := new(types.Transaction)
	if err := ours.UnmarshalBinary(raw); err != nil {
		t.Fatal(err)
	}
	if err := f.chain.Node.SendTransaction(t.Context(), ours); err != nil {
		t.Fatal(err)
	}
	f.chain.Mine()
	refused := f.chain.Receipt(t, ours.Hash())
	if refused.Status != types.ReceiptStatusFailed || theirs.Status != types.ReceiptStatusSuccessful {
		t.Fatalf("status %d of ours, %d of theirs", refused.Status, theirs.Status)
	}
	f.settle()
	f.wantAnchors(1, 4)
	f.wantCosts() // the other's as well
	f.wantSpent(new(big.Int).Mul(refused.EffectiveGasPrice, new(big.Int).SetUint64(refused.GasUsed)))
}

// A node that tells nothing of costs, or nonsense, keeps nobody from anchoring.
func TestCostsThatAreNotToBeHad(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		set  func(n *faultyNode, fault bool)
		want error
	}{
		"no receipts":                {func(n *faultyNode, fault bool) { n.forgotten = fault }, errFault},
		"a price beyond all numbers": {func(n *faultyNode, fault bool) { n.overpriced = fault }, chain.ErrCost},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.settle()
			test.set(f.node, true)
			for _, size := range []uint64{20, 40} {
				f.log.size = size
				f.rounds(8)
			}
			if err := f.Round(t.Context()); !errors.Is(err, test.want) {
				t.Errorf("what is wrong is not told: %v", err)
			}
			f.wantAnchors(2, 20, 40)
			test.set(f.node, false)
			f.settle()
			f.wantCosts()
		})
	}
}

// kept is the newest transaction that was signed.
func (f *fixture) kept() (raw []byte) {
	f.t.Helper()
	err := f.pool.QueryRow(f.t.Context(), "select raw from book.anchor_transactions order by nonce desc, sent_at desc limit 1").Scan(&raw)
	if err != nil {
		f.t.Fatal(err)
	}
	return raw
}

// signed is the call by which anybody brings the log's first state to the contract.
func (f *fixture) signed(next statement.State) chain.Call {
	f.t.Helper()
	ours, err := hotstate.ReadAnchorContract(f.t.Context(), f.pool, f.key())
	if err != nil {
		f.t.Fatal(err)
	}
	on, err := chain.Open(f.t.Context(), f.chain.Node, f.pool, 0)
	if err != nil {
		f.t.Fatal(err)
	}
	contract, err := on.Contract(f.t.Context(), common.BytesToAddress(ours.Address), chaintest.Signers)
	if err != nil {
		f.t.Fatal(err)
	}
	c := statement.Checkpoint{Place: contract.Place, Previous: statement.State{Root: emptyRoot}, Next: next}
	byRetail, err := chaintest.Retail.SignStatement(f.t.Context(), c)
	if err != nil {
		f.t.Fatal(err)
	}
	byBrands, err := chaintest.Brands.SignStatement(f.t.Context(), c)
	if err != nil {
		f.t.Fatal(err)
	}
	return contract.Anchoring(c, byRetail, byBrands)
}
