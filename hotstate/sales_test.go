package hotstate_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// reference sums the lines themselves, as the owner of the database and by its own conditions: slow, and plainly right.
const reference = `
	select case $8 when 'day' then business_day when 'month' then date_trunc('month', business_day)::date else '0001-01-01' end,
	       case when $6 then retailer_id else '' end, case when $6 then item_id else '' end, case when $7 then store_id else '' end,
	       currency_code,
	       trim_scale(coalesce(sum(quantity) filter (where quantity > 0), 0))::text,
	       trim_scale(coalesce(-sum(quantity) filter (where quantity < 0), 0))::text,
	       coalesce(sum(amount) filter (where quantity > 0), 0)::text,
	       coalesce(-sum(amount) filter (where quantity < 0), 0)::text,
	       sum(amount)::text, count(*), count(distinct ticket_key),
	       coalesce(trim_scale(round(sum(amount) filter (where quantity > 0) / sum(quantity) filter (where quantity > 0), 2))::text, ''),
	       case when $7 then 0 else count(distinct store_id) end
	from view.lines
	where case $1 when 'manufacturer' then manufacturer_id = $2 when 'head office' then retailer_id = $2
	              when 'store' then store_id = $2 else true end
	  and ($3::date is null or business_day >= $3) and ($4::date is null or business_day <= $4)
	  and ($5 = '' or item_id = $5)
	group by 1, 2, 3, 4, 5
	order by 1, 2, 3, 4, 5`

type salesCase struct {
	kind, id string
	actor    hotstate.Actor
	query    hotstate.SalesQuery
}

// Every role, grouping, range and filter there is, against the reference.
func salesCases() []salesCase {
	day := func(text string) *time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			panic(err)
		}
		return &d
	}
	type span struct{ from, to *time.Time }
	var cases []salesCase
	for _, who := range []salesCase{
		{kind: "manufacturer", id: "m1", actor: hotstate.Actor{Role: "manufacturer", ManufacturerID: "m1"}},
		{kind: "manufacturer", id: "m2", actor: hotstate.Actor{Role: "manufacturer", ManufacturerID: "m2"}},
		{kind: "store", id: hotstatetest.TroubleStore, actor: hotstate.Actor{Role: "store", StoreIDs: []string{hotstatetest.TroubleStore}}},
		{kind: "head office", id: "main", actor: hotstate.Actor{Role: "store", RetailerID: "main"}},
		{kind: "auditor", actor: hotstate.Actor{Role: "auditor"}},
		{kind: "admin", actor: hotstate.Actor{Role: "admin"}},
	} {
		for _, period := range []hotstate.Period{hotstate.NoPeriod, hotstate.ByDay, hotstate.ByMonth} {
			for grouping := range 4 {
				for _, span := range []span{
					{}, {day("2024-01-01"), day("2024-01-31")}, {day("2024-02-01"), nil}, {nil, day("2024-02-29")},
					{day("2024-01-16"), nil}, {nil, day("2024-01-30")}, {day("2024-01-31"), day("2024-02-01")},
				} {
					for _, item := range []string{"", "A"} {
						who.query = hotstate.SalesQuery{ByProduct: grouping&1 != 0, ByStore: grouping&2 != 0, Period: period,
							From: span.from, To: span.to, ItemID: item}
						cases = append(cases, who)
					}
				}
			}
		}
	}
	return cases
}

func TestSalesAgreeWithTheLines(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	for _, c := range salesCases() {
		rows, err := db.Owner.Query(context.Background(), reference, c.kind, c.id, c.query.From, c.query.To, c.query.ItemID,
			c.query.ByProduct, c.query.ByStore, string(c.query.Period))
		if err != nil {
			t.Fatal(err)
		}
		want, err := pgx.CollectRows(rows, pgx.RowToStructByPos[flatSalesRow])
		if err != nil {
			t.Fatal(err)
		}
		got, err := readSales(db, c.actor, c.query)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s %s %+v: %v\n got %+v\nwant %+v", c.kind, c.id, c.query, err, got, want)
		}
	}
}

type flatSalesRow struct {
	Period                                time.Time
	RetailerID, ItemID, StoreID           string
	CurrencyCode                          string
	UnitsSold, UnitsReturned              string
	AmountSold, AmountReturned, AmountNet string
	Lines, Tickets                        int64
	AveragePrice                          string
	Stores                                int64
}

func flatten(r *hotstate.SalesRow) flatSalesRow {
	stores := int64(0)
	if r.Stores != nil {
		stores = *r.Stores
	}
	average := ""
	if price, sold := r.AveragePrice(); sold {
		average = price.String()
	}
	return flatSalesRow{r.Period, r.RetailerID, r.ItemID, r.StoreID, r.CurrencyCode, r.UnitsSold.String(), r.UnitsReturned.String(),
		r.AmountSold.String(), r.AmountReturned.String(), r.AmountNet().String(), r.Lines, r.Tickets,
		average, stores}
}

func readSales(db *hotstatetest.Database, actor hotstate.Actor, query hotstate.SalesQuery) ([]flatSalesRow, error) {
	got := []flatSalesRow{}
	err := hotstate.As(context.Background(), db.Query, actor, func(tx pgx.Tx) error {
		return hotstate.ReadSales(context.Background(), tx, actor, query, func(r *hotstate.SalesRow) error {
			got = append(got, flatten(r))
			return nil
		})
	})
	return got, err
}

// The first line of defence, with the second taken away: as the owner, whom row-level security does not hold back, the
// queries themselves keep to the actor's rows.
func TestQueriesKeepToTheActorWithoutRowSecurity(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	for _, c := range salesCases() {
		guarded, err := readSales(db, c.actor, c.query)
		if err != nil {
			t.Fatal(err)
		}
		bare := []flatSalesRow{}
		asOwner(t, db, func(tx pgx.Tx) error {
			return hotstate.ReadSales(context.Background(), tx, c.actor, c.query, func(r *hotstate.SalesRow) error {
				bare = append(bare, flatten(r))
				return nil
			})
		})
		if !slices.Equal(guarded, bare) {
			t.Errorf("%s %s %+v: without row-level security\n got %+v\nwant %+v", c.kind, c.id, c.query, bare, guarded)
		}
	}
	for name, actor := range map[string]hotstate.Actor{
		"manufacturer nobody": {Role: "manufacturer"}, "store nobody": {Role: "store"}, "store with an empty id": {Role: "store", StoreIDs: []string{""}},
	} {
		asOwner(t, db, func(tx pgx.Tx) error {
			return hotstate.ReadSales(context.Background(), tx, actor, hotstate.SalesQuery{}, func(r *hotstate.SalesRow) error {
				return fmt.Errorf("%s reads %+v", name, r)
			})
		})
	}
}

func asOwner(t *testing.T, db *hotstatetest.Database, read func(tx pgx.Tx) error) {
	t.Helper()
	if err := pgx.BeginFunc(context.Background(), db.Owner, read); err != nil {
		t.Error(err)
	}
}

// A page continues exactly where the last one ended, whatever the page's size.
func TestSalesPages(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	auditor, owner := hotstate.Actor{Role: "auditor"}, hotstate.Actor{Role: "manufacturer", ManufacturerID: "m1"}
	for _, test := range []struct {
		actor hotstate.Actor
		query hotstate.SalesQuery
	}{
		{auditor, hotstate.SalesQuery{}},
		{auditor, hotstate.SalesQuery{Period: hotstate.ByDay}},
		{auditor, hotstate.SalesQuery{ByStore: true, Period: hotstate.ByMonth}},
		{auditor, hotstate.SalesQuery{ByProduct: true, ByStore: true, Period: hotstate.ByDay}},
		{owner, hotstate.SalesQuery{ByProduct: true, Period: hotstate.ByMonth}},
		{owner, hotstate.SalesQuery{ByStore: true, Period: hotstate.ByMonth}}, // the owner's own cells, without sums
		{owner, hotstate.SalesQuery{ByProduct: true, ByStore: true, Period: hotstate.ByDay}},
	} {
		actor, query := test.actor, test.query
		whole, err := readSales(db, actor, query)
		if err != nil || len(whole) == 0 {
			t.Fatal(err)
		}
		for size := 1; size <= len(whole); size++ {
			var pages []flatSalesRow
			query.After, query.Limit = nil, size
			for range len(whole) {
				page, err := readSales(db, actor, query)
				if err != nil {
					t.Fatal(err)
				}
				if len(page) == 0 {
					break
				}
				pages = append(pages, page...)
				last := page[len(page)-1]
				query.After = &hotstate.SalesKey{RetailerID: last.RetailerID, ItemID: last.ItemID, StoreID: last.StoreID,
					Period: last.Period, CurrencyCode: last.CurrencyCode}
			}
			if !slices.Equal(pages, whole) {
				t.Errorf("%s, %+v by %d: %v, want %v", actor.Role, query, size, pages, whole)
			}
		}
	}
}

// A product that gets another owner leaves an empty cell with the old one, who hears of it only by asking what changed.
func TestChangedSince(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	actor := hotstate.Actor{Role: "manufacturer", ManufacturerID: "m1"}
	_, err := db.Collector.Exec(context.Background(), `
		update view.sales_by_day set units_sold = 0, amount_sold = 0, lines = 0, tickets = 0, changed_block = 50
		where manufacturer_id = 'm1' and item_id = 'B'`)
	if err != nil {
		t.Fatal(err)
	}
	block := func(n int64) *int64 { return &n }
	for _, test := range []struct {
		since *int64
		want  string
	}{{nil, "A"}, {block(39), "A B"}, {block(41), "B"}, {block(50), ""}} {
		rows, err := readSales(db, actor, hotstate.SalesQuery{ByProduct: true, ChangedSince: test.since})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i, row := range rows {
			if i > 0 {
				got += " "
			}
			got += row.ItemID
		}
		if got != test.want {
			t.Errorf("changed since %v: %q, want %q", test.since, got, test.want)
		}
	}
}

func TestSalesAreNotForCustomers(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	_, err := readSales(db, hotstate.Actor{Role: "customer", LoyaltyID: "a"}, hotstate.SalesQuery{})
	if !errors.Is(err, hotstate.ErrRole) {
		t.Errorf("a customer asked for sales: %v", err)
	}
}
