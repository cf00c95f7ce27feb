package projector_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/projector"
	"github.com/tillproof/tillproof/collector/recorder"
	"github.com/tillproof/tillproof/collector/unsealed"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// record brings sales to the ledger, some to a block.
func record(t testing.TB, shop *ledgertest.Shop, l *ledgertest.Ledger, inBlock int, sales ...ledgertest.Sale) []ledger.TicketKey {
	t.Helper()
	return recordRemembering(t, shop, l, nil, inBlock, sales...)
}

// recordRemembering does so in a process that also has a projector.
func recordRemembering(t testing.TB, shop *ledgertest.Shop, l *ledgertest.Ledger, memory *unsealed.Memory, inBlock int,
	sales ...ledgertest.Sale,
) []ledger.TicketKey {
	t.Helper()
	keys := shop.Accept(t, sales...)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		r := recorder.New(shop.Collector, l, shop.Keys, recorder.Config{
			Batch:    hotstate.BatchSize{Tickets: inBlock, Bytes: 1 << 30},
			InFlight: 1, Lease: time.Hour, Deadline: time.Minute, Retry: time.Millisecond,
		})
		r.Memory = memory
		r.Run(ctx)
	}()
	defer func() { cancel(); <-done }()
	ledgertest.Eventually(t, "every ticket on the ledger", func() bool {
		return shop.Text(t, `
			select count(*) from book.tickets t left join book.claims c on c.ticket_id = t.id left join book.batches b using (batch_id)
			where t.state = 'accepted' and b.state is distinct from 'committed'`) == "0"
	})
	return keys
}

// start runs a projector until the test ends, or stop is called.
func start(t testing.TB, pool *pgxpool.Pool, l *ledgertest.Ledger, keys projector.Keys) (p *projector.Projector, stop func()) {
	t.Helper()
	p = projector.New(pool, l, keys)
	return p, run(t, p)
}

func run(t testing.TB, p *projector.Projector) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// projected waits until the view has every block.
func projected(t testing.TB, shop *ledgertest.Shop, l *ledgertest.Ledger) {
	t.Helper()
	ledgertest.Eventually(t, "every block in the view", func() bool {
		return shop.Text(t, "select next_block from view.checkpoint") == fmt.Sprint(l.Height())
	})
}

// stalled waits until the projector says that it cannot go on, and why.
func stalled(t testing.TB, p *projector.Projector, why string) {
	t.Helper()
	ledgertest.Eventually(t, "a stall, since "+why, func() bool {
		err := p.Ready(context.Background())
		return err != nil && strings.Contains(err.Error(), why)
	})
}

// want compares one value of the database.
func want(t testing.TB, shop *ledgertest.Shop, expected, query string, args ...any) {
	t.Helper()
	if got := shop.Text(t, query, args...); got != expected {
		t.Errorf("%s %v\ngot  %s\nwant %s", query, args, got, expected)
	}
}

// tables of the view, whichever there are.
func tables(t testing.TB, shop *ledgertest.Shop) []string {
	t.Helper()
	return strings.Split(shop.Text(t,
		"select string_agg('view.' || tablename, ',' order by tablename) from pg_tables where schemaname = 'view'"), ",")
}

// clearView has the view made again, and gives the block that it had come to.
func clearView(t testing.TB, shop *ledgertest.Shop, l *ledgertest.Ledger) (cameTo uint64) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), shop.Collector, func(tx pgx.Tx) (err error) {
		cameTo, err = hotstate.ClearView(t.Context(), tx, l.Channel())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return cameTo
}

// wholeView is every row of every table of the view.
func wholeView(t testing.TB, shop *ledgertest.Shop) string {
	t.Helper()
	var whole strings.Builder
	for _, table := range tables(t, shop) {
		fmt.Fprintf(&whole, "%s:\n%s\n", table,
			shop.Text(t, fmt.Sprintf("select string_agg(row::text, E'\\n' order by row::text) from %s as row", table)))
	}
	return whole.String()
}
