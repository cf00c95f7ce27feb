package projector_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/domain/ticket"
	"github.com/tillproof/tillproof/network/block"
	"github.com/tillproof/tillproof/network/block/blocktest"
)

func TestProject(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	keys := record(t, shop, l, 2,
		ledgertest.Sale{Member: "ann", Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 2, 500), ledgertest.Line(2, "bread", 1, 300)}},
		ledgertest.Sale{Lines: []ticket.LineItem{ledgertest.Line(1, "milk", 1, 250)}},
		ledgertest.Sale{Member: "ann", Lines: []ticket.LineItem{ledgertest.Line(1, "milk", -1, -250)}})
	start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)

	want(t, shop, "800 ann 8", "select grand_total || ' ' || loyalty_id || ' ' || points from view.tickets where ticket_key = $1", keys[0][:])
	want(t, shop, `{"loyaltyId":"ann","operatorId":"op-7","tenderReferences":["auth-1"]}`,
		"select convert_from(person, 'UTF8') from view.tickets where ticket_key = $1", keys[0][:])
	want(t, shop, `{"operatorId":"op-7","tenderReferences":["auth-1"]}`,
		"select convert_from(person, 'UTF8') from view.tickets where ticket_key = $1", keys[1][:])
	want(t, shop, "4", "select count(*) from view.lines")
	want(t, shop, "3 1 750 250 3 3",
		`select trim_scale(units_sold) || ' ' || trim_scale(units_returned) || ' ' || amount_sold || ' ' || amount_returned || ' ' || lines || ' ' || tickets
		 from view.sales_by_day where item_id = 'milk'`)
	want(t, shop, "8,-2", "select string_agg(e.points::text, ',' order by e.points desc) from view.points_entries e join view.tickets using (ticket_key)")
	want(t, shop, "6", "select available from view.points_balances where loyalty_id = 'ann'")
	want(t, shop, "3", `select count(*) from book.tickets b join view.tickets v using (ticket_key, block, tx_id)
		where state = 'recorded' and body is null and seed is null`)
}

// What the ledger called invalid is kept as such and shows nothing; an envelope that came twice counts once.
func TestInvalidAndDuplicateTransactions(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	l.Twice = true
	l.Faults = func(call string, nth int) ledgertest.Fault {
		switch {
		case call == "submit" && nth == 1:
			return ledgertest.Overtaken
		case call == "submit" && nth == 2:
			return ledgertest.DoneButFailed
		}
		return ledgertest.None
	}
	record(t, shop, l, 20, ledgertest.Sales(20)...)
	start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	want(t, shop, "VALID,MVCC_READ_CONFLICT,DUPLICATE_TXID,VALID,DUPLICATE_TXID,DUPLICATE_TXID",
		"select string_agg(validation_code, ',' order by block, tx_index) from view.transactions")
	want(t, shop, "2", "select count(distinct tx_id) from view.transactions where tx_id <> ''")
	want(t, shop, "20", "select count(*) from view.tickets")
	want(t, shop, "20", "select sum(tickets) from view.sales_by_store_day")
}

// All writes of our chaincode count, wherever its namespace stands; none of another's do.
func TestNamespaces(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	l.Forge = func(t *blocktest.Transaction) {
		if len(t.Writes) == 0 {
			return
		}
		foreign := func(namespace string) block.Write {
			write := t.Writes[len(t.Writes)-1] // a record
			write.Namespace, write.Key = namespace, write.Key[:len(write.Key)-4]+"0000"
			return write
		}
		t.Writes = append([]block.Write{foreign("another")}, append(t.Writes, foreign("zoo"))...)
	}
	record(t, shop, l, 10, ledgertest.Sales(20)...)
	start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	want(t, shop, "20", "select count(*) from view.tickets")
	want(t, shop, "10", "select count(*) from view.points_entries")
}

func TestRestartContinuesAtTheCheckpoint(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	record(t, shop, l, 5, ledgertest.Sales(20)...)
	_, stop := start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	stop()
	record(t, shop, l, 5, ledgertest.Sales(20)...)
	p, _ := start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	l.BreakStreams()
	stalled(t, p, "the stream of blocks ended")
	record(t, shop, l, 5, ledgertest.Sales(20)...)
	projected(t, shop, l)
	if err := p.Ready(t.Context()); err != nil {
		t.Errorf("not ready though it goes on: %v", err)
	}
	want(t, shop, "60", "select count(*) from view.tickets")
	want(t, shop, "60", "select sum(tickets) from view.sales_by_store_day")
}

// One projector works; when its session ends, another one takes its place, and no block counts twice.
func TestTwoProjectors(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	first, _ := start(t, shop.Collector, l, shop.Keys)
	second, _ := start(t, shop.Collector, l, shop.Keys)
	for range 3 {
		record(t, shop, l, 5, ledgertest.Sales(10)...)
		projected(t, shop, l)
		want(t, shop, "1", "select count(*) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())")
		if first.Ready(t.Context()) != nil && second.Ready(t.Context()) != nil {
			t.Error("neither is ready")
		}
		shop.Exec(t, `select pg_terminate_backend(pid) from pg_locks
			where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`)
	}
	record(t, shop, l, 5, ledgertest.Sales(10)...)
	projected(t, shop, l)
	want(t, shop, "40", "select sum(tickets) from view.sales_by_store_day")
	ledgertest.Eventually(t, "both ready", func() bool { return first.Ready(t.Context()) == nil && second.Ready(t.Context()) == nil })
}

// The rows of a block and the checkpoint over it are one commit.
func TestNothingOfABlockThatFails(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"view.tickets", "view.lines", "view.sales_by_day", "view.sales_by_month",
		"view.sales_by_store_day", "view.points_entries", "view.points_balances", "book.tickets"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			shop, l := ledgertest.Open(t), ledgertest.New()
			record(t, shop, l, 10, ledgertest.Sales(10)...)
			shop.Exec(t, `create function public.refuse() returns trigger language plpgsql as
				$$ begin raise exception 'the disk is full'; end $$`)
			shop.Exec(t, "create trigger refuse before insert or update on "+table+" for each statement execute function public.refuse()")
			p, _ := start(t, shop.Collector, l, shop.Keys)
			stalled(t, p, "the disk is full")
			for _, other := range tables(t, shop) {
				if other != "view.checkpoint" && other != "view.log_checkpoint" {
					want(t, shop, "0", "select count(*) from "+other+blockOne(other))
				}
			}
			want(t, shop, "0", "select count(*) from book.tickets where state = 'recorded'")
			shop.Exec(t, "drop trigger refuse on "+table)
			projected(t, shop, l)
			want(t, shop, "10", "select count(*) from book.tickets where state = 'recorded'")
			want(t, shop, "10", "select sum(tickets) from view.sales_by_store_day")
		})
	}
}

// blockOne leaves the channel's first block out, which has a transaction and nothing else.
func blockOne(table string) string {
	if table == "view.transactions" {
		return " where block > 0"
	}
	return ""
}

// The view is disposable: the same blocks give the same rows.
func TestRebuild(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	shop.Exec(t, "insert into book.manufacturers (manufacturer_id, name) values ('m1', 'Maker')")
	shop.Exec(t, "insert into book.products (retailer_id, item_id) values ('main', 'milk')")
	shop.Exec(t, "insert into book.product_owners (retailer_id, item_id, owned_from, manufacturer_id) values ('main', 'milk', '0001-01-01', 'm1')")
	l.Twice = true
	record(t, shop, l, 7, ledgertest.Sales(50)...)
	_, stop := start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	before := wholeView(t, shop)
	same := func(when string) {
		projected(t, shop, l)
		if after := wholeView(t, shop); after != before {
			t.Errorf("another view %s:\n%s\nwas\n%s", when, after, before)
		}
	}
	if cameTo := clearView(t, shop, l); cameTo != uint64(l.Height()) {
		t.Errorf("the view had come to block %d, want %d", cameTo, l.Height())
	}
	same("when the projector runs on")
	stop()
	clearView(t, shop, l)
	start(t, shop.Collector, l, shop.OpenKeys(t))
	same("by another projector")
	want(t, shop, "50", "select count(*) from book.tickets where state = 'recorded'")
}

// A body that the peer has not got yet stalls the projector, loudly, and only until it is there.
func TestMissingBody(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	var there atomic.Bool
	l.Missing = func(number uint64) bool { return number == 2 && !there.Load() }
	l.Unread = func(ledger.TicketKey) error {
		if !there.Load() {
			return errors.New("this peer has not got the chunk")
		}
		return nil
	}
	record(t, shop, l, 5, ledgertest.Sales(15)...)
	p, _ := start(t, shop.Collector, l, shop.Keys)
	stalled(t, p, "the peer has not got the body of ticket")
	want(t, shop, "5", "select count(*) from view.tickets")
	there.Store(true)
	projected(t, shop, l)
	want(t, shop, "15", "select count(*) from view.tickets")
}

// After erasure a body stands no longer with its block, and without its person. The view can still be made again: sales and
// tickets remain, and nobody's name.
func TestErasedBodies(t *testing.T) {
	t.Parallel()
	shop, l := ledgertest.Open(t), ledgertest.New()
	l.Missing = func(uint64) bool { return true }
	record(t, shop, l, 5, ledgertest.Sales(15)...)
	l.Erase(t)
	start(t, shop.Collector, l, shop.Keys)
	projected(t, shop, l)
	want(t, shop, "15", "select count(*) from view.tickets")
	want(t, shop, "0", "select count(*) from view.tickets where loyalty_id is not null or person is not null")
}
