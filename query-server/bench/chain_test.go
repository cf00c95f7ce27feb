package bench

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

func TestTheChainIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	c := chain{lines: 50_000}
	if !reflect.DeepEqual(c.block(1), c.block(1)) {
		t.Error("a block differs from itself")
	}
	tickets := 0
	for number := range c.blocks() {
		tickets += len(c.block(number).Tickets)
	}
	if tickets != 5000 {
		t.Errorf("%d tickets of ten lines", tickets)
	}
	first, last := c.ticket(0), c.ticket(4999)
	if first.BusinessDay != "2025-01-01" || last.BusinessDay != "2025-12-31" {
		t.Errorf("the year goes from %s to %s", first.BusinessDay, last.BusinessDay)
	}
}

// What is measured must be what the projector would have left: all lines, their sums, and every index.
func TestTheFilledDatabaseIsWhole(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	indexes := func() []string {
		rows, err := db.Owner.Query(t.Context(), "select indexdef from pg_indexes where schemaname in ('book', 'view') order by 1")
		if err != nil {
			t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	before := indexes()
	if err := (chain{lines: 30_000}).fill(t.Context(), db.Owner, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if after := indexes(); !slices.Equal(before, after) {
		t.Errorf("indexes before\n%q\nand after\n%q", before, after)
	}
	for what, query := range map[string]string{
		"lines":              `select count(*) = 30000 from view.lines`,
		"cells' sums":        `select sum(amount_sold - amount_returned) = (select sum(amount) from view.lines) from view.sales_by_day`,
		"months' lines":      `select sum(lines) = 30000 from view.sales_by_month`,
		"stores' tickets":    `select sum(tickets) = 3000 from view.sales_by_store_day`,
		"owners":             `select bool_and(right(item_id, 3)::int % 200 = right(manufacturer_id, 3)::int % 200) from view.lines`,
		"balances":           `select sum(available) = (select sum(points) from view.tickets where loyalty_id is not null) from view.points_balances`,
		"the book, recorded": `select count(*) = 3000 from book.tickets where state = 'recorded'`,
		"the book, open":     `select count(*) = 3000 from book.tickets where state = 'accepted'`,
	} {
		var right bool
		if err := db.Owner.QueryRow(t.Context(), query).Scan(&right); err != nil || !right {
			t.Errorf("%s: %v, %v", what, right, err)
		}
	}
}

// Loaded in bulk or projected block by block, the rows are the same: every table of the view, but for what proofs alone need.
func TestTheLoaderWritesWhatTheProjectorWrites(t *testing.T) {
	t.Parallel()
	c := chain{lines: 30_000}
	loaded, projected := hotstatetest.New(t), hotstatetest.New(t)
	if err := c.fill(t.Context(), loaded.Owner, func(string) {}); err != nil {
		t.Fatal(err)
	}
	err := projected.Owner.AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error { return c.register(t.Context(), conn.Conn()) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hotstate.NextBlock(t.Context(), projected.Collector, channel); err != nil {
		t.Fatal(err)
	}
	for number := range c.blocks() {
		err := pgx.BeginFunc(t.Context(), projected.Collector, func(tx pgx.Tx) error { return hotstate.Project(t.Context(), tx, c.block(number)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	rows, err := loaded.Owner.Query(t.Context(), "select tablename from pg_tables where schemaname = 'view' and tablename <> 'openings'")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if one, other := contentOf(t, loaded, table), contentOf(t, projected, table); one != other {
			t.Errorf("%s: loaded %s, projected %s", table, one, other)
		}
	}
}

// contentOf counts a table's rows, and hashes them in an order of their own.
func contentOf(t *testing.T, db *hotstatetest.Database, table string) (content string) {
	t.Helper()
	err := db.Owner.QueryRow(t.Context(), fmt.Sprintf(`
		select count(*) || ' rows, ' || coalesce(md5(string_agg(r::text, ';' order by r::text)), '') from view.%s r`, table)).Scan(&content)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// A listener that hears of several blocks at once has had to wait for the oldest of them, and one of none for nothing.
func TestDelaysOfNews(t *testing.T) {
	t.Parallel()
	b := chain{lines: 20_000}.broadcast(3)
	for i := range b.concerned {
		b.concerned[i] = [manufacturers]bool{7: i != 1}
	}
	now := time.Now()
	b.committed[0].Store(now.Add(-time.Minute).UnixNano())
	got := b.delays(b.first-1, b.first+2, 7)
	if len(got) != 2 || got[0] < time.Minute || got[1] != 0 {
		t.Errorf("delays %v", got)
	}
	if got := b.delays(b.first-1, b.first+2, 8); len(got) != 0 {
		t.Errorf("of nothing that concerns it: %v", got)
	}
	if due := b.due(); due != 2*listeners/manufacturers {
		t.Errorf("%d news are due", due)
	}
}
