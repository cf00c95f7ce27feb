package contract_test

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/contract"
	"github.com/tillproof/tillproof/anchor/key"
	"github.com/tillproof/tillproof/anchor/statement"
)

var (
	binding = contract.NewLogAnchor()
	empty   = statement.State{Root: sha256.Sum256(nil)}
	seven   = statement.State{Size: 7, Root: common.Hash{7}}
	nine    = statement.State{Size: 9, Root: common.Hash{9}}
)

// onBoth runs a test on the simulated chain and on a real geth.
func onBoth(t *testing.T, test func(t *testing.T, c *chaintest.Chain)) {
	t.Parallel()
	t.Run("simulated", func(t *testing.T) { t.Parallel(); test(t, &chaintest.Simulate(t).Chain) })
	t.Run("geth", func(t *testing.T) { t.Parallel(); test(t, chaintest.Geth(t)) })
}

// A deployed contract, with the chain it is on.
type deployed struct {
	t     *testing.T
	chain *chaintest.Chain
	place statement.Place
}

func deploy(t *testing.T, c *chaintest.Chain, predecessor common.Address, epoch uint64) deployed {
	t.Helper()
	code := append(common.FromHex(contract.LogAnchorMetaData.Bin),
		binding.PackConstructor(chaintest.Retail.Address(), chaintest.Brands.Address(), predecessor)...)
	receipt := c.Send(t, nil, code, nil)
	if receipt.Status != types.ReceiptStatusSuccessful {
		t.Fatal("the contract cannot be made")
	}
	return deployed{t, c, statement.Place{ChainID: chaintest.ChainID, Contract: receipt.ContractAddress, Epoch: epoch}}
}

func (d deployed) checkpoint(previous, next statement.State) statement.Checkpoint {
	return statement.Checkpoint{Place: d.place, Previous: previous, Next: next}
}

func sign(t *testing.T, by *key.Keystore, s statement.Statement) contract.Signature {
	t.Helper()
	signature, err := by.SignStatement(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	r, vs := signature.Compact()
	return contract.Signature{R: r, Vs: vs}
}

// both signs for both organisations.
func both(t *testing.T, s statement.Statement) (byRetail, byBrands contract.Signature) {
	t.Helper()
	return sign(t, chaintest.Retail, s), sign(t, chaintest.Brands, s)
}

// pack makes the call that says what, with signatures under what was signed.
func pack(t *testing.T, what, signed statement.Checkpoint) []byte {
	t.Helper()
	byRetail, byBrands := both(t, signed)
	return binding.PackAnchor(what.Previous.Size, what.Previous.Root, what.Next.Size, what.Next.Root, byRetail, byBrands)
}

// send reports whether the contract took the call.
func (d deployed) send(data []byte) (*types.Receipt, bool) {
	d.t.Helper()
	receipt := d.chain.Send(d.t, &d.place.Contract, data, nil)
	return receipt, receipt.Status == types.ReceiptStatusSuccessful
}

// refusal is the contract's own error.
func (d deployed) refusal(data []byte) any {
	d.t.Helper()
	_, err := d.chain.Node.CallContract(d.t.Context(), ethereum.CallMsg{From: chaintest.Retail.Address(), To: &d.place.Contract, Data: data}, nil)
	var refused rpc.DataError
	if !errors.As(err, &refused) {
		d.t.Fatalf("the call ends with %v, want a refusal", err)
	}
	text, _ := refused.ErrorData().(string)
	reason, err := binding.UnpackError(common.FromHex(text))
	if err != nil {
		d.t.Fatalf("refused with %v, want an error of the contract", refused)
	}
	return reason
}

func (d deployed) state() statement.State {
	d.t.Helper()
	read := func(data []byte) []byte {
		answer, err := d.chain.Node.CallContract(d.t.Context(), ethereum.CallMsg{To: &d.place.Contract, Data: data}, nil)
		if err != nil {
			d.t.Fatal(err)
		}
		return answer
	}
	size, err := binding.UnpackSize(read(binding.PackSize()))
	if err != nil {
		d.t.Fatal(err)
	}
	root, err := binding.UnpackRoot(read(binding.PackRoot()))
	if err != nil {
		d.t.Fatal(err)
	}
	return statement.State{Size: size, Root: root}
}

func TestTakesWhatBothSigned(t *testing.T) {
	onBoth(t, func(t *testing.T, c *chaintest.Chain) {
		d := deploy(t, c, common.Address{}, 1)
		if got := d.state(); got != empty {
			t.Fatalf("it begins with %v, want the empty log", got)
		}
		for previous, next := range map[statement.State]statement.State{empty: seven} {
			receipt, ok := d.send(pack(t, d.checkpoint(previous, next), d.checkpoint(previous, next)))
			if !ok || d.state() != next {
				t.Fatalf("a checkpoint that both signed was refused: %v", receipt)
			}
			event, err := binding.UnpackAnchoredEvent(receipt.Logs[0])
			if err != nil || event.Size != 7 || event.Root != seven.Root || event.PreviousSize != 0 || event.PreviousRoot != empty.Root {
				t.Errorf("the event says %+v, %v", event, err)
			}
		}
		if _, ok := d.send(pack(t, d.checkpoint(seven, nine), d.checkpoint(seven, nine))); !ok || d.state() != nine {
			t.Error("the next checkpoint was refused")
		}
		abi := binding.GetABI()
		found, err := c.Node.FilterLogs(t.Context(), ethereum.FilterQuery{Addresses: []common.Address{d.place.Contract},
			Topics: [][]common.Hash{{abi.Events["Anchored"].ID}, nil, {nine.Root}}})
		if err != nil || len(found) != 1 {
			t.Errorf("a search for a root finds %d events, %v", len(found), err)
		}
	})
}

func TestRefuses(t *testing.T) {
	onBoth(t, func(t *testing.T, c *chaintest.Chain) {
		d := deploy(t, c, common.Address{}, 1)
		good := d.checkpoint(empty, seven)
		first := pack(t, good, good)
		if _, ok := d.send(first); !ok {
			t.Fatal("the first checkpoint was refused")
		}

		next := d.checkpoint(seven, nine)
		otherChain, otherContract, otherEpoch, otherRoot, otherPrevious := next, next, next, next, next
		otherChain.ChainID = 1
		otherContract.Contract = common.Address{1}
		otherEpoch.Epoch = 2
		otherRoot.Next.Root = common.Hash{1}
		otherPrevious.Previous.Root = common.Hash{1}
		smaller := d.checkpoint(seven, statement.State{Size: 6, Root: nine.Root})
		same := d.checkpoint(seven, statement.State{Size: 7, Root: nine.Root})
		byRetail, byBrands := both(t, next)
		byStranger := sign(t, chaintest.Stranger, next)
		anchor := func(byRetail, byBrands contract.Signature) []byte {
			return binding.PackAnchor(7, seven.Root, 9, nine.Root, byRetail, byBrands)
		}
		notRetail := &contract.LogAnchorNotSignedBy{Signer: chaintest.Retail.Address()}
		notBrands := &contract.LogAnchorNotSignedBy{Signer: chaintest.Brands.Address()}
		notNext := &contract.LogAnchorNotNext{Size: 7, Root: seven.Root}

		for name, test := range map[string]struct {
			data []byte
			want any
		}{
			"signed for another chain":         {pack(t, next, otherChain), notRetail},
			"signed for another contract":      {pack(t, next, otherContract), notRetail},
			"signed for another epoch":         {pack(t, next, otherEpoch), notRetail},
			"signed for another root":          {pack(t, next, otherRoot), notRetail},
			"signed by a stranger for retail":  {anchor(byStranger, byBrands), notRetail},
			"signed by a stranger for brands":  {anchor(byRetail, byStranger), notBrands},
			"signed by retail twice":           {anchor(byRetail, byRetail), notBrands},
			"signatures the wrong way round":   {anchor(byBrands, byRetail), notRetail},
			"no signatures":                    {anchor(contract.Signature{}, contract.Signature{}), notRetail},
			"sent again":                       {first, notNext},
			"another previous root":            {pack(t, otherPrevious, otherPrevious), notNext},
			"not the newest checkpoint before": {pack(t, d.checkpoint(empty, nine), d.checkpoint(empty, nine)), notNext},
			"a smaller log":                    {pack(t, smaller, smaller), &contract.LogAnchorNotGrown{Size: 7}},
			"the same size":                    {pack(t, same, same), &contract.LogAnchorNotGrown{Size: 7}},
		} {
			if got := d.refusal(test.data); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s: refused with %T %+v, want %T %+v", name, got, got, test.want, test.want)
			}
			if _, ok := d.send(test.data); ok || d.state() != seven {
				t.Fatalf("%s: taken", name)
			}
		}
		if _, ok := d.send(anchor(byRetail, byBrands)); !ok || d.state() != nine {
			t.Error("after refusals, a good checkpoint is refused as well")
		}
	})
}

func TestSuccessor(t *testing.T) {
	onBoth(t, func(t *testing.T, c *chaintest.Chain) {
		old := deploy(t, c, common.Address{}, 1)
		if _, ok := old.send(pack(t, old.checkpoint(empty, seven), old.checkpoint(empty, seven))); !ok {
			t.Fatal("refused")
		}
		early := deploy(t, c, old.place.Contract, 2)
		if _, ok := old.send(pack(t, old.checkpoint(seven, nine), old.checkpoint(seven, nine))); !ok {
			t.Fatal("refused")
		}
		next := deploy(t, c, old.place.Contract, 2)
		if next.state() != nine {
			t.Fatalf("the successor begins with %v, want what its predecessor holds", next.state())
		}
		unrelated := deploy(t, c, common.Address{}, 1)

		succession := func(to deployed) statement.Succession {
			return statement.Succession{Place: old.place, At: nine, Successor: to.place.Contract}
		}
		succeed := func(to deployed, signed statement.Succession) []byte {
			byRetail, byBrands := both(t, signed)
			return binding.PackSucceed(to.place.Contract, byRetail, byBrands)
		}
		byRetail := sign(t, chaintest.Retail, succession(next))
		for name, test := range map[string]struct {
			data []byte
			want any
		}{
			"one that began earlier": {succeed(early, succession(early)), &contract.LogAnchorBadSuccessor{}},
			"one made for no other":  {succeed(unrelated, succession(unrelated)), &contract.LogAnchorBadSuccessor{}},
			"signed for another":     {succeed(next, succession(early)), &contract.LogAnchorNotSignedBy{Signer: chaintest.Retail.Address()}},
			"signed by retail alone": {binding.PackSucceed(next.place.Contract, byRetail, byRetail), &contract.LogAnchorNotSignedBy{Signer: chaintest.Brands.Address()}},
			"a checkpoint's signature": {func() []byte {
				r, b := both(t, old.checkpoint(nine, statement.State{Size: 10}))
				return binding.PackSucceed(next.place.Contract, r, b)
			}(), &contract.LogAnchorNotSignedBy{Signer: chaintest.Retail.Address()}},
		} {
			if got := old.refusal(test.data); !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s: refused with %T %+v, want %T", name, got, got, test.want)
			}
		}
		receipt, ok := old.send(succeed(next, succession(next)))
		if !ok {
			t.Fatal("a successor that both signed for was refused")
		}
		if event, err := binding.UnpackSucceededEvent(receipt.Logs[0]); err != nil || event.Successor != next.place.Contract {
			t.Errorf("the event says %+v, %v", event, err)
		}
		ten := statement.State{Size: 10, Root: common.Hash{10}}
		ended := &contract.LogAnchorEnded{Successor: next.place.Contract}
		if got := old.refusal(pack(t, old.checkpoint(nine, ten), old.checkpoint(nine, ten))); !reflect.DeepEqual(got, ended) {
			t.Errorf("the ended contract: %T %+v", got, got)
		}
		if got := old.refusal(succeed(next, succession(next))); !reflect.DeepEqual(got, ended) {
			t.Errorf("a second successor: %T %+v", got, got)
		}
		if _, ok := next.send(pack(t, next.checkpoint(nine, ten), next.checkpoint(nine, ten))); !ok || next.state() != ten {
			t.Error("the log does not go on at the successor")
		}
	})
}

func TestSignersMustDiffer(t *testing.T) {
	c := &chaintest.Simulate(t).Chain
	one, none := chaintest.Retail.Address(), common.Address{}
	for name, signers := range map[string][2]common.Address{"one for both": {one, one}, "no retail": {none, one}, "no brands": {one, none}} {
		code := append(common.FromHex(contract.LogAnchorMetaData.Bin), binding.PackConstructor(signers[0], signers[1], none)...)
		if receipt := c.Send(t, nil, code, nil); receipt.Status == types.ReceiptStatusSuccessful {
			t.Errorf("%s: the contract was made", name)
		}
	}
}
