package benchmark

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/tillproof/tillproof/anchor/chaintest"
	"github.com/tillproof/tillproof/anchor/contract"
	"github.com/tillproof/tillproof/anchor/statement"
)

// The gas of one anchor, and for each ticket under it, by the main network's rules (Osaka, on the simulated chain) and by
// those to come (Bogota, on geth's development chain), which make new storage dearer. The first anchor of a contract,
// which is not measured, costs more for the same reason.
func BenchmarkAnchor(b *testing.B) {
	for _, tickets := range []uint64{100, 1_000, 10_000} {
		b.Run(fmt.Sprintf("tickets=%d", tickets), func(b *testing.B) {
			onBoth(b, func(b *testing.B, c *chaintest.Chain) {
				a := deployAnchor(b, c)
				a.grow(b, tickets) // the first
				var gas uint64
				for b.Loop() {
					gas += a.grow(b, tickets)
				}
				report(b, gas, tickets)
			})
		})
	}
}

// The gas of one Ethereum transaction per sale, without any signature or proof.
func BenchmarkSalePerTransaction(b *testing.B) {
	onBoth(b, func(b *testing.B, c *chaintest.Chain) {
		binding := NewSalePerTransaction()
		to := send(b, c, nil, common.FromHex(SalePerTransactionMetaData.Bin)).ContractAddress
		var gas, n uint64
		for b.Loop() {
			n++
			gas += send(b, c, &to, binding.PackRecord(hash("key", n), hash("commitment", n))).GasUsed
		}
		report(b, gas, 1)
	})
}

func onBoth(b *testing.B, run func(b *testing.B, c *chaintest.Chain)) {
	b.Run("rules=osaka", func(b *testing.B) { run(b, &chaintest.Simulate(b).Chain) })
	b.Run("rules=bogota", func(b *testing.B) { run(b, chaintest.Geth(b)) })
}

// report says gas; how fast a test chain makes blocks tells nothing.
func report(b *testing.B, gas, ticketsEach uint64) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(gas)/float64(b.N), "gas/transaction")
	b.ReportMetric(float64(gas)/float64(b.N)/float64(ticketsEach), "gas/ticket")
}

func send(b *testing.B, c *chaintest.Chain, to *common.Address, data []byte) *types.Receipt {
	b.Helper()
	receipt := c.Send(b, to, data, nil)
	if receipt.Status != types.ReceiptStatusSuccessful {
		b.Fatalf("transaction %s was refused", receipt.TxHash)
	}
	return receipt
}

func hash(name string, n uint64) common.Hash {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte(name), n))
}

// An anchored log, in name only.
type anchored struct {
	chain *chaintest.Chain
	place statement.Place
	state statement.State
}

func deployAnchor(b *testing.B, c *chaintest.Chain) *anchored {
	b.Helper()
	code := append(common.FromHex(contract.LogAnchorMetaData.Bin),
		contract.NewLogAnchor().PackConstructor(chaintest.Retail.Address(), chaintest.Brands.Address(), common.Address{})...)
	at := send(b, c, nil, code).ContractAddress
	return &anchored{c, statement.Place{ChainID: chaintest.ChainID, Contract: at, Epoch: 1}, statement.State{Root: sha256.Sum256(nil)}}
}

// grow anchors so many more, and gives the gas.
func (a *anchored) grow(b *testing.B, by uint64) uint64 {
	b.Helper()
	next := statement.State{Size: a.state.Size + by, Root: hash("root", a.state.Size+by)}
	c := statement.Checkpoint{Place: a.place, Previous: a.state, Next: next}
	byRetail, err := chaintest.Retail.SignStatement(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	byBrands, err := chaintest.Brands.SignStatement(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	data := contract.NewLogAnchor().PackAnchor(a.state.Size, a.state.Root, next.Size, next.Root, compact(byRetail), compact(byBrands))
	a.state = next
	return send(b, a.chain, &a.place.Contract, data).GasUsed
}

func compact(s statement.Signature) contract.Signature {
	r, vs := s.Compact()
	return contract.Signature{R: r, Vs: vs}
}
