package chain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/tillproof/tillproof/anchor/contract"
	"github.com/tillproof/tillproof/anchor/statement"
)

// Signers are the accounts by which the organisations sign.
type Signers struct{ Retail, Brands common.Address }

// Errors on which callers act.
var (
	ErrNoContract    = errors.New("there is no contract at this address")
	ErrWrongContract = errors.New("what is at this address is not our contract")
	ErrRefused       = errors.New("the contract refuses")
)

// binding packs calls and unpacks answers; it holds no state.
var binding = contract.NewLogAnchor()

// A Contract is a LogAnchor on the chain.
type Contract struct {
	chain *Chain
	statement.Place
	signers     Signers
	predecessor common.Address
}

// Contract looks at what is at the address, and takes it only if it is a LogAnchor to the byte, with these signers.
func (c *Chain) Contract(ctx context.Context, address common.Address, signers Signers) (*Contract, error) {
	code, err := c.Node.CodeAt(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("read the contract's code: %w", err)
	}
	if len(code) == 0 {
		return nil, fmt.Errorf("%w: %s on chain %d", ErrNoContract, address, c.ID)
	}
	found := &Contract{chain: c, Place: statement.Place{ChainID: c.ID, Contract: address}, signers: signers}
	if err := found.read(ctx); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrWrongContract, address, err)
	}
	// A call without a receiver runs the constructor and answers with the code it would leave behind.
	wanted, err := c.Node.CallContract(ctx, ethereum.CallMsg{Data: creation(signers, found.predecessor)}, nil)
	if reverted := rpc.DataError(nil); errors.As(err, &reverted) {
		return nil, fmt.Errorf("%w: %s names %s as its predecessor, which is none", ErrWrongContract, address, found.predecessor)
	}
	if err != nil {
		return nil, fmt.Errorf("compute the contract's code: %w", err)
	}
	if !bytes.Equal(code, wanted) {
		return nil, fmt.Errorf("%w: %s has other code or other signers than %s and %s", ErrWrongContract, address, signers.Retail, signers.Brands)
	}
	return found, nil
}

// creation is the data of a transaction that makes the contract.
func creation(signers Signers, predecessor common.Address) []byte {
	code := common.FromHex(contract.LogAnchorMetaData.Bin)
	return append(code, binding.PackConstructor(signers.Retail, signers.Brands, predecessor)...)
}

func (k *Contract) read(ctx context.Context) (err error) {
	if k.Epoch, err = call(ctx, k, nil, binding.PackEpoch(), binding.UnpackEpoch); err != nil {
		return err
	}
	k.predecessor, err = call(ctx, k, nil, binding.PackPredecessor(), binding.UnpackPredecessor)
	return err
}

// SignersAt asks what is at an address who signs for it. Who believes the answer looks at the contract with it.
func (c *Chain) SignersAt(ctx context.Context, address common.Address) (s Signers, err error) {
	k := &Contract{chain: c, Place: statement.Place{ChainID: c.ID, Contract: address}}
	if s.Retail, err = call(ctx, k, nil, binding.PackRetail(), binding.UnpackRetail); err != nil {
		return s, err
	}
	s.Brands, err = call(ctx, k, nil, binding.PackBrands(), binding.UnpackBrands)
	return s, err
}

// Now is the time of the chain's newest block.
func (k *Contract) Now(ctx context.Context) (time.Time, error) { return k.chain.Now(ctx) }

// Predecessor is the contract before this one, or zero.
func (k *Contract) Predecessor() common.Address { return k.predecessor }

// State is what the contract holds, as of the block, or of the newest if it is nil.
func (k *Contract) State(ctx context.Context, block *big.Int) (s statement.State, err error) {
	if s.Size, err = call(ctx, k, block, binding.PackSize(), binding.UnpackSize); err != nil {
		return s, err
	}
	s.Root, err = call(ctx, k, block, binding.PackRoot(), binding.UnpackRoot)
	return s, err
}

// Successor is the contract that follows this one, or zero.
func (k *Contract) Successor(ctx context.Context) (common.Address, error) {
	return call(ctx, k, nil, binding.PackSuccessor(), binding.UnpackSuccessor)
}

// call asks the contract as of a block, or of the newest if it is nil.
func call[T any](ctx context.Context, k *Contract, block *big.Int, data []byte, unpack func([]byte) (T, error)) (T, error) {
	answer, err := k.chain.Node.CallContract(ctx, ethereum.CallMsg{To: &k.Contract, Data: data}, block)
	if err == nil {
		var value T
		if value, err = unpack(answer); err == nil {
			return value, nil
		}
	}
	var none T
	return none, fmt.Errorf("ask the contract: %w", explain(err))
}

// Anchoring is the call that brings a checkpoint with both signatures to the contract.
func (k *Contract) Anchoring(c statement.Checkpoint, byRetail, byBrands statement.Signature) Call {
	return Call{To: &k.Contract, Data: binding.PackAnchor(c.Previous.Size, c.Previous.Root, c.Next.Size, c.Next.Root,
		compact(byRetail), compact(byBrands))}
}

// Succession is the call that ends the contract in favour of another.
func (k *Contract) Succession(s statement.Succession, byRetail, byBrands statement.Signature) Call {
	return Call{To: &k.Contract, Data: binding.PackSucceed(s.Successor, compact(byRetail), compact(byBrands))}
}

func compact(s statement.Signature) contract.Signature {
	r, vs := s.Compact()
	return contract.Signature{R: r, Vs: vs}
}

// Anchored reads a call that Anchoring has made; ok is false for any other.
func Anchored(data []byte) (c statement.Checkpoint, byRetail, byBrands statement.Signature, ok bool) {
	abi := binding.GetABI()
	method := abi.Methods["anchor"]
	if !bytes.HasPrefix(data, method.ID) {
		return c, byRetail, byBrands, false
	}
	var call struct {
		PreviousSize       uint64
		PreviousRoot       [32]byte
		Size               uint64   `abi:"size_"`
		Root               [32]byte `abi:"root_"`
		ByRetail, ByBrands contract.Signature
	}
	values, err := method.Inputs.Unpack(data[len(method.ID):])
	if err != nil || method.Inputs.Copy(&call, values) != nil {
		return c, byRetail, byBrands, false
	}
	c.Previous = statement.State{Size: call.PreviousSize, Root: call.PreviousRoot}
	c.Next = statement.State{Size: call.Size, Root: call.Root}
	return c, statement.FromCompact(call.ByRetail.R, call.ByRetail.Vs), statement.FromCompact(call.ByBrands.R, call.ByBrands.Vs), true
}

// explain turns the data of a refusal into words.
func explain(err error) error {
	var refused rpc.DataError
	if !errors.As(err, &refused) {
		return err
	}
	text, ok := refused.ErrorData().(string)
	if !ok {
		return err
	}
	reason, unpackErr := binding.UnpackError(common.FromHex(text))
	if unpackErr != nil {
		return err
	}
	return fmt.Errorf("%w: %s", ErrRefused, sentence(reason))
}

func sentence(reason any) string {
	switch r := reason.(type) {
	case *contract.LogAnchorNotNext:
		return fmt.Sprintf("the statement does not follow on size %d, root %x, which it holds", r.Size, r.Root)
	case *contract.LogAnchorNotGrown:
		return fmt.Sprintf("the size is not larger than %d", r.Size)
	case *contract.LogAnchorNotSignedBy:
		return fmt.Sprintf("a signature is not by %s for this statement, contract and chain", r.Signer)
	case *contract.LogAnchorEnded:
		return fmt.Sprintf("the log goes on at %s", r.Successor)
	case *contract.LogAnchorBadSuccessor:
		return "the successor does not begin where this contract stands"
	case *contract.LogAnchorBadSigners:
		return "the signers must be two different accounts"
	}
	return fmt.Sprintf("%T", reason)
}
