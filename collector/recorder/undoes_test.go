package recorder_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
)

// follow runs a projector, which is who says that an original is recorded.
func follow(t *testing.T, shop *ledgertest.Shop, l *ledgertest.Ledger) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); projector.New(shop.Collector, l, shop.Keys).Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
}

func purchase(id string) ledgertest.Sale {
	return ledgertest.Sale{ID: id, Member: "ann", Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 2, 500)}}
}

func returnOf(id string) ledgertest.Sale {
	return ledgertest.Sale{Lines: []ticket.LineItem{ledgertest.Returned(1, "milk", 1, 250, id)}}
}

func voidOf(id string) ledgertest.Sale {
	return ledgertest.Sale{Member: "ann", VoidOf: id, Lines: []ticket.LineItem{ledgertest.Line(1, "milk", -2, -500)}}
}

// What undoes another ticket goes to the ledger after it, with its opening, though both were accepted at once.
func TestUndoesFollowTheirOriginals(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	returned, voided := uuid.NewString(), uuid.NewString()
	keys := shop.Accept(t, purchase(returned), purchase(voided), returnOf(returned), voidOf(voided))
	start(t, shop.Collector, l, shop.Keys, quick)
	follow(t, shop, l)
	settled(t, shop)
	recordedOnce(t, l, keys)
	var order []ledger.TicketKey
	for _, batch := range l.Batches() {
		order = append(order, batch...)
	}
	for _, pair := range [][2]int{{0, 2}, {1, 3}} {
		if slices.Index(order, keys[pair[0]]) > slices.Index(order, keys[pair[1]]) {
			t.Errorf("ticket %d went before ticket %d, which it undoes", pair[1], pair[0])
		}
	}
	if flagged := shop.Text(t, "select count(*) from book.tickets where flags <> ''"); flagged != "0" {
		t.Errorf("%s tickets are flagged: their originals were not with them", flagged)
	}
}

// A return that comes before its sale is recorded, and settled once when the sale has come.
func TestEarlyReturnIsSettled(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]func(string, int) ledgertest.Fault{
		"without a fault":       nil,
		"endorsement lost":      once("settle", 1, ledgertest.Lost),
		"submitted, but failed": once("submit", 3, ledgertest.DoneButFailed),
		"overtaken":             once("submit", 3, ledgertest.Overtaken),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			l.Faults = faults
			start(t, shop.Collector, l, shop.Keys, quick)
			follow(t, shop, l)
			sale := uuid.NewString()
			early := shop.Accept(t, returnOf(sale))[0]
			ledgertest.Eventually(t, "the return is recorded", func() bool {
				return shop.Text(t, "select count(*) from book.tickets where state = 'recorded' and flags = 'w'") == "1"
			})
			if len(l.Settled()) > 0 {
				t.Fatal("settled without its sale")
			}
			shop.Accept(t, purchase(sale))
			ledgertest.Eventually(t, "the sale is recorded", func() bool {
				return shop.Text(t, "select count(*) from book.tickets where state = 'recorded'") == "2"
			})
			if faults != nil && name != "overtaken" { // then the next look is when the lease is over
				ledgertest.Eventually(t, "a first attempt", func() bool { return shop.Text(t, "select max(attempts) from book.waiting_undoes") == "1" })
				shop.Exec(t, "update book.waiting_undoes set next_at = now()")
			}
			ledgertest.Eventually(t, "the undo is done", func() bool { return shop.Text(t, "select count(*) from book.waiting_undoes") == "0" })
			if !slices.Contains(l.Settled(), early) {
				t.Error("the undo waits no more, and was not settled")
			}
		})
	}
}

// Linked tickets go in batches of their own, and plain ones do not wait for them.
func TestLinkedTicketsAreBatchedApart(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	sales := ledgertest.Sales(10)
	for range 7 {
		sales = append(sales, returnOf(uuid.NewString()))
	}
	keys := shop.Accept(t, sales...)
	config := quick
	config.Linked = 3
	start(t, shop.Collector, l, shop.Keys, config)
	settled(t, shop)
	recordedOnce(t, l, keys)
	for _, batch := range l.Batches() {
		linked := 0
		for _, key := range batch {
			if slices.Index(keys, key) >= 10 {
				linked++
			}
		}
		if linked > 3 || linked > 0 && linked != len(batch) {
			t.Errorf("a batch of %d has %d linked tickets", len(batch), linked)
		}
	}
}
