package chaintest

import (
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	"github.com/ethereum/go-ethereum/node"

	"github.com/tillproof/tillproof/anchor/chain"
)

// A Simulation is a chain in this process, on which blocks come when the test wants them.
type Simulation struct {
	Chain
	backend *simulated.Backend
}

// Simulate makes a chain on which Retail and Stranger are rich.
func Simulate(t testing.TB) *Simulation {
	t.Helper()
	rich := new(big.Int).Mul(Ether, big.NewInt(1000))
	backend := simulated.NewBackend(types.GenesisAlloc{Retail.Address(): {Balance: rich}, Stranger.Address(): {Balance: rich}}, mainNetworkRules)
	t.Cleanup(func() {
		if err := backend.Close(); err != nil {
			t.Errorf("close the simulated chain: %v", err)
		}
	})
	s := &Simulation{backend: backend}
	s.Chain = Chain{Node: backend.Client().(chain.Node), mine: func() { backend.Commit() }}
	return s
}

// mainNetworkRules leaves out the fork that is to come, which go-ethereum's development chains have already (Bogota). A
// geth of the test's own has it, so that both are tested.
func mainNetworkRules(_ *node.Config, config *ethconfig.Config) {
	rules := *config.Genesis.Config
	rules.BogotaTime = nil
	config.Genesis.Config = &rules
}

// Blocks makes so many.
func (s *Simulation) Blocks(n int) {
	for range n {
		s.backend.Commit()
	}
}

// NextDay makes a block an hour into the day after the newest block's, by whose clock the blocks go on from there.
func (s *Simulation) NextDay(t testing.TB) {
	t.Helper()
	head, err := s.Node.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(int64(head.Time), 0)
	if err := s.backend.AdjustTime(now.Truncate(24 * time.Hour).Add(25 * time.Hour).Sub(now)); err != nil {
		t.Fatal(err)
	}
}

// Reorganise goes back to a block and makes another branch on it, of so many blocks. Transactions of the branch that is
// left wait again, as they do in a real node.
func (s *Simulation) Reorganise(t testing.TB, parent common.Hash, blocks int) {
	t.Helper()
	if err := s.backend.Fork(parent); err != nil {
		t.Fatal(err)
	}
	for range blocks {
		s.backend.Commit()
	}
}

// Drop forgets the transactions that wait.
func (s *Simulation) Drop() { s.backend.Rollback() }

// Crowd has so many transactions of Stranger's wait for the next block.
func (s *Simulation) Crowd(t testing.TB, n int) {
	t.Helper()
	to := Brands.Address()
	for i := range n {
		s.submit(t, Stranger, &to, nil, big.NewInt(int64(i)), uint64(i))
	}
}
