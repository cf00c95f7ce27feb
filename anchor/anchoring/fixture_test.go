package anchoring_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/anchor/anchoring"
	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/cosign"
	"github.com/tillproof/tillproof/anchor/logsource"
	"github.com/tillproof/tillproof/anchor/statement"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// A fixture is a service on a simulated chain, whose blocks and clock the test moves.
type fixture struct {
	*anchoring.Service
	t        *testing.T
	chain    *chaintest.Simulation
	node     *faultyNode
	log      *fakeLog
	cosigner *fakeCosigner
	pool     *pgxpool.Pool
	options  anchoring.Options
	now      time.Time
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	db := hotstatetest.New(t)
	f := &fixture{
		t: t, chain: chaintest.Simulate(t), log: &fakeLog{}, cosigner: &fakeCosigner{},
		pool: db.As(t, "tillproof_anchor"), now: time.Now(),
	}
	f.node = &faultyNode{Node: f.chain.Node}
	f.options = anchoring.Options{
		Node: f.node, DB: f.pool, Lock: free{},
		Log: f.log, Signer: chaintest.Retail, Cosigner: f.cosigner, Signers: chaintest.Signers,
		Account: chain.Account{Signer: chaintest.Retail, Ceiling: big.NewInt(100e9), ReplaceAfter: time.Minute,
			Now: func() time.Time { return f.now }},
		ChainID: chaintest.ChainID, Deploy: true, Tickets: 10, Interval: time.Hour, FinalBlocks: 3, RoundTimeout: time.Minute,
		Now: func() time.Time { return f.now }, Observer: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	f.restart()
	return f
}

// restart is another process on the same database.
func (f *fixture) restart() { f.Service = anchoring.New(f.options) }

// rounds does rounds, each followed by a block, and gives the last round's error.
func (f *fixture) rounds(n int) (err error) {
	for range n {
		err = f.Round(f.t.Context())
		f.chain.Mine()
	}
	return err
}

// settle does rounds until all is quiet.
func (f *fixture) settle() {
	f.t.Helper()
	if err := f.rounds(4); err != nil {
		f.t.Fatal(err)
	}
}

// anchors gives the sizes on record, the oldest first, and how many of them are final.
func (f *fixture) anchors() (sizes []int64, final int) {
	f.t.Helper()
	list, err := hotstate.ListAnchors(f.t.Context(), f.pool, nil, 1000)
	if err != nil {
		f.t.Fatal(err)
	}
	for i := len(list) - 1; i >= 0; i-- {
		sizes = append(sizes, list[i].Size)
		if list[i].Final {
			final++
		}
	}
	return sizes, final
}

// spent is how many transactions of ours the chain has taken.
func (f *fixture) spent() uint64 {
	f.t.Helper()
	n, err := f.chain.Node.NonceAt(f.t.Context(), chaintest.Retail.Address(), nil)
	if err != nil {
		f.t.Fatal(err)
	}
	return n
}

type free struct{}

func (free) Hold(context.Context) error { return nil }

// A fakeLog grows when told to.
type fakeLog struct {
	size uint64
	lies error
}

func (l *fakeLog) Checkpoint(context.Context) (statement.State, error) {
	return statement.State{Size: l.size, Root: rootOf(l.size)}, nil
}

func (l *fakeLog) CheckGrowth(_ context.Context, older, newer statement.State) error {
	if newer.Size < older.Size {
		return errors.Join(l.lies, logsource.ErrNotGrown)
	}
	return l.lies
}

func rootOf(size uint64) common.Hash { return common.BigToHash(new(big.Int).SetUint64(size + 1000)) }

// A fakeCosigner signs, unless it has a reason not to.
type fakeCosigner struct {
	refuses error
	asked   int
}

func (c *fakeCosigner) Cosign(ctx context.Context, s statement.Checkpoint, byRetail statement.Signature) (statement.Signature, error) {
	c.asked++
	if c.refuses != nil {
		return statement.Signature{}, c.refuses
	}
	if err := byRetail.Verify(s, chaintest.Retail.Address()); err != nil {
		return statement.Signature{}, errors.Join(cosign.ErrRefused, err)
	}
	return chaintest.Brands.SignStatement(ctx, s)
}

var errFault = errors.New("injected fault")

// A faultyNode fails where the test says: before anything is done, or with all done and the answer lost.
type faultyNode struct {
	chain.Node
	down, loseSend, loseDone bool
	forgotten                bool  // receipts
	overpriced               bool  // receipts tell of prices that cannot be
	rejects                  error // for the next transaction
	sent                     []*types.Transaction
	baseFee                  *big.Int // pretended
}

func (n *faultyNode) ChainID(ctx context.Context) (*big.Int, error) {
	if n.down {
		return nil, errFault
	}
	return n.Node.ChainID(ctx)
}

func (n *faultyNode) HeaderByNumber(ctx context.Context, number *big.Int) (*types.Header, error) {
	header, err := n.Node.HeaderByNumber(ctx, number)
	if err == nil && number == nil && n.baseFee != nil {
		header = types.CopyHeader(header)
		header.BaseFee = n.baseFee
	}
	return header, err
}

func (n *faultyNode) BlockReceipts(ctx context.Context, block rpc.BlockNumberOrHash) ([]*types.Receipt, error) {
	if n.forgotten {
		return nil, errFault
	}
	return n.Node.BlockReceipts(ctx, block)
}

func (n *faultyNode) TransactionReceipt(ctx context.Context, hash common.Hash) (*types.Receipt, error) {
	if n.forgotten {
		return nil, errFault
	}
	receipt, err := n.Node.TransactionReceipt(ctx, hash)
	if err == nil && n.overpriced {
		receipt.EffectiveGasPrice = new(big.Int).Lsh(common.Big1, 255)
	}
	return receipt, err
}

func (n *faultyNode) SendTransaction(ctx context.Context, t *types.Transaction) error {
	if n.loseSend {
		return errFault
	}
	if n.rejects != nil {
		return n.rejects
	}
	n.sent = append(n.sent, t)
	if err := n.Node.SendTransaction(ctx, t); err != nil {
		return err
	}
	if n.loseDone {
		return errFault
	}
	return nil
}

// key is the chain in the database.
func (f *fixture) key() hotstate.EthereumChain {
	f.t.Helper()
	genesis, err := f.chain.Node.HeaderByNumber(f.t.Context(), common.Big0)
	if err != nil {
		f.t.Fatal(err)
	}
	return hotstate.EthereumChain{ID: chaintest.ChainID, Genesis: genesis.Hash().Bytes()}
}

var emptyRoot = common.Hash(sha256.Sum256(nil))
