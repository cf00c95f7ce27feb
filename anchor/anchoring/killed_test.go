package anchoring_test

import (
	"context"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/tillproof/tillproof/anchor/chain"
)

// A mortalNode counts what it is asked. With the question of the given number it does what it is asked, and the process
// that asks ends: nothing that comes after is done, and nobody hears the answer.
type mortalNode struct {
	chain.Node
	asked, last int
	kill        context.CancelFunc
}

// step fails when the process has ended.
func (n *mortalNode) step() error {
	n.asked++
	if n.asked < n.last {
		return nil
	}
	n.kill()
	return errFault
}

func answered[T any](n *mortalNode, value T, err error) (T, error) {
	if dead := n.step(); dead != nil {
		var none T
		return none, dead
	}
	return value, err
}

func (n *mortalNode) ChainID(ctx context.Context) (*big.Int, error) {
	id, err := n.Node.ChainID(ctx)
	return answered(n, id, err)
}

func (n *mortalNode) HeaderByNumber(ctx context.Context, number *big.Int) (*types.Header, error) {
	header, err := n.Node.HeaderByNumber(ctx, number)
	return answered(n, header, err)
}

func (n *mortalNode) HeaderByHash(ctx context.Context, hash common.Hash) (*types.Header, error) {
	header, err := n.Node.HeaderByHash(ctx, hash)
	return answered(n, header, err)
}

func (n *mortalNode) NonceAt(ctx context.Context, account common.Address, block *big.Int) (uint64, error) {
	nonce, err := n.Node.NonceAt(ctx, account, block)
	return answered(n, nonce, err)
}

func (n *mortalNode) CodeAt(ctx context.Context, account common.Address, block *big.Int) ([]byte, error) {
	code, err := n.Node.CodeAt(ctx, account, block)
	return answered(n, code, err)
}

func (n *mortalNode) CallContract(ctx context.Context, call ethereum.CallMsg, block *big.Int) ([]byte, error) {
	result, err := n.Node.CallContract(ctx, call, block)
	return answered(n, result, err)
}

func (n *mortalNode) EstimateGas(ctx context.Context, call ethereum.CallMsg) (uint64, error) {
	gas, err := n.Node.EstimateGas(ctx, call)
	return answered(n, gas, err)
}

func (n *mortalNode) SuggestGasTipCap(ctx context.Context) (*big.Int, error) {
	tip, err := n.Node.SuggestGasTipCap(ctx)
	return answered(n, tip, err)
}

func (n *mortalNode) FilterLogs(ctx context.Context, query ethereum.FilterQuery) ([]types.Log, error) {
	logs, err := n.Node.FilterLogs(ctx, query)
	return answered(n, logs, err)
}

func (n *mortalNode) BlockByHash(ctx context.Context, hash common.Hash) (*types.Block, error) {
	block, err := n.Node.BlockByHash(ctx, hash)
	return answered(n, block, err)
}

func (n *mortalNode) BlockReceipts(ctx context.Context, block rpc.BlockNumberOrHash) ([]*types.Receipt, error) {
	receipts, err := n.Node.BlockReceipts(ctx, block)
	return answered(n, receipts, err)
}

func (n *mortalNode) TransactionByHash(ctx context.Context, hash common.Hash) (*types.Transaction, bool, error) {
	transaction, pending, err := n.Node.TransactionByHash(ctx, hash)
	transaction, err = answered(n, transaction, err)
	return transaction, pending, err
}

func (n *mortalNode) TransactionReceipt(ctx context.Context, hash common.Hash) (*types.Receipt, error) {
	receipt, err := n.Node.TransactionReceipt(ctx, hash)
	return answered(n, receipt, err)
}

func (n *mortalNode) SendTransaction(ctx context.Context, t *types.Transaction) error {
	_, err := answered(n, struct{}{}, n.Node.SendTransaction(ctx, t))
	return err
}

// rounds is enough of them for an anchor to be sent, taken, final and proven.
const rounds = 10

// The process is killed at each of its questions to the node, from the first look at a log that has grown to the evidence
// of the final anchor. What comes after it has one anchor more, with its evidence, and has paid once.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.settle()
	for last, survived := 1, false; !survived; last++ {
		f.log.size += 20
		spent := f.spent()
		survived = f.liveUntil(last, rounds)
		f.live()
		sizes, final := f.anchors()
		if len(sizes) != last || final != last || sizes[last-1] != int64(f.log.size) || f.spent() != spent+1 {
			t.Fatalf("killed at question %d: anchored at %v, %d of them final, for %d transactions", last, sizes, final, f.spent()-spent)
		}
		f.wantCosts()
		evidence, trust := f.evidence(int64(f.log.size) - 1)
		if _, err := evidence.Verify(trust); err != nil {
			t.Errorf("killed at question %d: %v", last, err)
		}
	}
}

// The same while there is no contract yet: one is made, and not two.
func TestKilledWhileTheContractIsMade(t *testing.T) {
	t.Parallel()
	for last, survived := 1, false; !survived; last++ {
		f := newFixture(t)
		f.log.size = 5
		survived = f.liveUntil(last, 1)
		f.live()
		f.wantAnchors(1, 5)
		if f.spent() != 2 {
			t.Errorf("killed at question %d: %d transactions were paid for, want the contract's and one anchor", last, f.spent())
		}
	}
}

// liveUntil does rounds up to the question of this number, and says whether all was done before.
func (f *fixture) liveUntil(last, rounds int) (survived bool) {
	ctx, kill := context.WithCancel(f.t.Context())
	defer kill()
	f.options.Node = &mortalNode{Node: f.chain.Node, last: last, kill: kill}
	f.restart()
	for range rounds {
		f.Round(ctx)
		if ctx.Err() != nil {
			return false
		}
		f.chain.Mine()
	}
	return true
}

// live is the process that comes after.
func (f *fixture) live() {
	f.t.Helper()
	f.options.Node = f.chain.Node
	f.restart()
	if err := f.rounds(rounds); err != nil {
		f.t.Fatal(err)
	}
}
