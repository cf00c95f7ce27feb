package projector_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/hotstate"
)

const blockTickets, ticketLines = 500, 10

// BenchmarkBlock projects blocks of 500 tickets of ten lines, every second one a member's: "open" decrypts, checks and
// decodes, "project" does that and commits the rows.
func BenchmarkBlock(b *testing.B) {
	for name, run := range map[string]func(*testing.B, *ledgertest.Shop, *projector.Projector, []*peer.BlockAndPrivateData){
		"open": open, "project": project,
	} {
		b.Run(name, func(b *testing.B) {
			shop, l := ledgertest.Open(b), ledgertest.New()
			record(b, shop, l, blockTickets, baskets(b.N*blockTickets)...)
			stream, err := l.Blocks(b.Context(), 0)
			if err != nil {
				b.Fatal(err)
			}
			blocks := make([]*peer.BlockAndPrivateData, l.Height())
			for i := range blocks {
				blocks[i] = <-stream
			}
			p := projector.New(shop.Collector, l, shop.OpenKeys(b))
			b.ResetTimer()
			run(b, shop, p, blocks)
			b.ReportMetric(float64(b.N*blockTickets)/b.Elapsed().Seconds(), "tickets/s")
		})
	}
}

func open(b *testing.B, _ *ledgertest.Shop, p *projector.Projector, blocks []*peer.BlockAndPrivateData) {
	for _, block := range blocks {
		if _, err := projector.Read(p, b.Context(), block); err != nil {
			b.Fatal(err)
		}
	}
}

func project(b *testing.B, shop *ledgertest.Shop, p *projector.Projector, blocks []*peer.BlockAndPrivateData) {
	pooled, err := shop.Collector.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer pooled.Release()
	if _, err := hotstate.NextBlock(b.Context(), pooled.Conn(), "tickets"); err != nil {
		b.Fatal(err)
	}
	for _, block := range blocks {
		if err := projector.Project(p, b.Context(), pooled.Conn(), block); err != nil {
			b.Fatal(err)
		}
	}
}

func baskets(count int) []ledgertest.Sale {
	random := rand.New(rand.NewPCG(1, 2))
	sales := make([]ledgertest.Sale, count)
	for i := range sales {
		sales[i].Day = fmt.Sprintf("2026-05-%02d", 1+random.IntN(3))
		if i%2 == 0 {
			sales[i].Member = fmt.Sprint("member-", random.IntN(200))
		}
		for line := range ticketLines {
			sales[i].Lines = append(sales[i].Lines,
				ledgertest.Line(int64(line+1), fmt.Sprint("item-", random.IntN(1000)), 1+random.Int64N(3), random.Int64N(2000)))
		}
	}
	return sales
}
