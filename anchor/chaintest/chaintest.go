// Package chaintest gives tests an Ethereum chain: go-ethereum's simulated one, which can be reorganised, or a real geth.
package chaintest

import (
	"context"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"

	"github.com/tillproof/tillproof/anchor/chain"
	"github.com/tillproof/tillproof/anchor/key"
)

// ChainID is that of both kinds.
const ChainID = 1337

// Ether is 10^18 wei.
var Ether = big.NewInt(1e18)

// Accounts that sign; Retail also has money, and on a simulated chain so has Stranger.
var (
	Retail   = account("retail")
	Brands   = account("brands")
	Stranger = account("stranger")
)

// Signers are the contract's.
var Signers = chain.Signers{Retail: Retail.Address(), Brands: Brands.Address()}

// account has the same key in each run.
func account(name string) *key.Keystore {
	secret, err := crypto.ToECDSA(crypto.Keccak256([]byte("tillproof test account " + name)))
	if err != nil {
		panic(err)
	}
	return key.Of(secret)
}

// A Chain is a test's own.
type Chain struct {
	Node    chain.Node
	URL     string // of a geth
	mine    func()
	restart func(t testing.TB)
}

// Restart stops a geth as an operator would, and starts it again.
func (c *Chain) Restart(t testing.TB) { c.restart(t) }

// Mine makes a block of the transactions that wait, if the chain does not do so by itself.
func (c *Chain) Mine() { c.mine() }

// Send has a transaction of Retail's taken into a block, whether it succeeds or not.
func (c *Chain) Send(t testing.TB, to *common.Address, data []byte, value *big.Int) *types.Receipt {
	t.Helper()
	return c.send(t, Retail, to, data, value)
}

// SendFrom is Send by another account that has money.
func (c *Chain) SendFrom(t testing.TB, from *key.Keystore, to *common.Address, data []byte) *types.Receipt {
	t.Helper()
	return c.send(t, from, to, data, nil)
}

func (c *Chain) send(t testing.TB, from *key.Keystore, to *common.Address, data []byte, value *big.Int) *types.Receipt {
	t.Helper()
	ctx := t.Context()
	nonce, err := c.Node.NonceAt(ctx, from.Address(), nil)
	if err != nil {
		t.Fatal(err)
	}
	hash := c.submit(t, from, to, data, value, nonce)
	c.mine()
	return c.Receipt(t, hash)
}

// submit leaves a transaction with the node.
func (c *Chain) submit(t testing.TB, from *key.Keystore, to *common.Address, data []byte, value *big.Int, nonce uint64) common.Hash {
	t.Helper()
	gas := uint64(3_000_000)
	if data == nil {
		gas = params.TxGas
	}
	id := big.NewInt(ChainID)
	signed, err := from.SignTransaction(t.Context(), types.NewTx(&types.DynamicFeeTx{
		ChainID: id, Nonce: nonce, To: to, Data: data, Value: value,
		Gas: gas, GasFeeCap: big.NewInt(100e9), GasTipCap: big.NewInt(1e9),
	}), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Node.SendTransaction(t.Context(), signed); err != nil {
		t.Fatal(err)
	}
	return signed.Hash()
}

// Receipt waits for the transaction.
func (c *Chain) Receipt(t testing.TB, hash common.Hash) *types.Receipt {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		receipt, err := c.Node.TransactionReceipt(ctx, hash)
		if err == nil {
			return receipt
		}
		select {
		case <-ctx.Done():
			t.Fatalf("transaction %s was never taken: %v", hash, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
