package recorder_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
)

// Whichever statement is lost, or done and reported as failed, and whichever call to the ledger at the same time: every
// ticket is on the ledger once and in the view once.
func TestAnyWriteMayFail(t *testing.T) {
	t.Parallel()
	for round := range 2 {
		seed := uint64(time.Now().UnixNano()) + uint64(round)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			l.Faults = diced(seed)
			const n = 30
			keys := shop.Accept(t, ledgertest.Sales(n)...)
			flaky := shop.Flaky(t, seed, 12)
			for range 2 {
				start(t, flaky, l, shop.Keys, quick)
			}
			ctx, cancel := context.WithCancel(context.Background())
			var projecting sync.WaitGroup
			less := shop.Flaky(t, seed+1, 120) // a block takes many statements, and all of them again
			projecting.Go(func() { projector.New(less, l, shop.Keys).Run(ctx) })
			t.Cleanup(func() { cancel(); projecting.Wait() })
			settled(t, shop)
			recordedOnce(t, l, keys)
			ledgertest.Eventually(t, "every ticket in the view", func() bool {
				return shop.Text(t, "select count(*) from book.tickets where state = 'recorded'") == fmt.Sprint(n)
			})
			for what, query := range map[string]string{
				"tickets of the view":      "select count(*) from view.tickets",
				"tickets of the roll-up":   "select sum(tickets) from view.sales_by_store_day",
				"entries of the log":       "select count(*) from view.log_entries",
				"size of the signed log":   "select size from view.log_checkpoint",
				"tickets once in the view": "select count(distinct transaction_id) from view.tickets",
			} {
				if got := shop.Text(t, query); got != fmt.Sprint(n) {
					t.Errorf("%s: %s, want %d", what, got, n)
				}
			}
		})
	}
}

// diced lets one call in ten fail in one way or another.
func diced(seed uint64) func(string, int) ledgertest.Fault {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(seed, 1))
	return func(call string, _ int) ledgertest.Fault {
		mu.Lock()
		defer mu.Unlock()
		if dice.IntN(10) > 0 {
			return ledgertest.None
		}
		faults := []ledgertest.Fault{ledgertest.Lost, ledgertest.DoneButFailed}
		if call == "submit" {
			faults = append(faults, ledgertest.Overtaken)
		}
		return faults[dice.IntN(len(faults))]
	}
}
