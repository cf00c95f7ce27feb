package hotstate_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// manyMonths are a year of 200 manufacturers in 20 stores, in the order of trade.
const manyMonths = `
	insert into view.sales_by_month
	select 'm' || maker, 's' || store, date '2024-01-01' + month * interval '1 month', 'EUR', maker, 0, store, 0, 1, 1, month
	from generate_series(0, 11) month, generate_series(1, 20) store, generate_series(1, 200) maker`

// A manufacturer's months are read from the one part of the table that they are in, however it is asked for them: its policy
// alone tells which, and a plan that was made for all manufacturers finds it when it runs.
func TestAManufacturersMonthsAreReadFromOnePart(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	exec(t, db, manyMonths)
	if _, err := db.Owner.Exec(t.Context(), "analyze view.sales_by_month"); err != nil {
		t.Fatal(err)
	}
	actor := hotstate.Actor{Role: "manufacturer", ManufacturerID: "m7"}
	from, to := time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 11, 30, 0, 0, 0, 0, time.UTC)
	cells := hotstate.SalesQuery{ByStore: true, Period: hotstate.ByMonth, From: &from, To: &to}
	page := cells
	page.Limit = 101
	for name, query := range map[string]plannedQuery{
		"without a condition": {sql: "select * from view.sales_by_month"},
		"a page":              salesPlan("", actor, page),
		"from a cursor":       salesPlan("declare sales no scroll cursor for ", actor, cells),
		"sums":                salesPlan("", actor, hotstate.SalesQuery{Period: hotstate.ByMonth}),
		"names of stores": {sql: "select store_id, name from book.stores where store_id = any ($1)",
			args: []any{[]string{"s1", "s2"}}},
	} {
		plan := query.explain(t, db, actor)
		if got := partsIn(plan); len(got) != 1 {
			t.Errorf("%s: read from the parts %q\n%s", name, got, plan)
		}
		if strings.HasPrefix(query.sql, "declare") {
			continue // is planned each time
		}
		plan = query.explainKept(t, db, actor)
		if got := partsIn(plan); len(got) != 1 {
			t.Errorf("%s, with a plan that was kept: read from the parts %q\n%s", name, got, plan)
		}
	}
}

// A plannedQuery is looked at as who would run it.
type plannedQuery struct {
	sql  string
	args []any
}

func salesPlan(before string, actor hotstate.Actor, query hotstate.SalesQuery) plannedQuery {
	sql, args := hotstate.SalesSQL(actor, query)
	return plannedQuery{before + sql, args}
}

func (q plannedQuery) explain(t *testing.T, db *hotstatetest.Database, actor hotstate.Actor) (plan string) {
	t.Helper()
	return planAs(t, db, actor, func(tx pgx.Tx) (pgx.Rows, error) {
		return tx.Query(context.Background(), "explain (costs off) "+q.sql, append([]any{pgx.QueryExecModeExec}, q.args...)...)
	})
}

// explainKept shows the plan that serves every manufacturer.
func (q plannedQuery) explainKept(t *testing.T, db *hotstatetest.Database, actor hotstate.Actor) (plan string) {
	t.Helper()
	return planAs(t, db, actor, func(tx pgx.Tx) (pgx.Rows, error) {
		name := "kept_" + rand.Text()
		for _, statement := range []string{"set local plan_cache_mode = force_generic_plan", "prepare " + name + " as " + q.sql} {
			if _, err := tx.Exec(context.Background(), statement, pgx.QueryExecModeSimpleProtocol); err != nil {
				return nil, err
			}
		}
		return tx.Query(context.Background(), "explain (costs off) execute "+name+q.literals(), pgx.QueryExecModeSimpleProtocol)
	})
}

// literals are the arguments as the text of SQL.
func (q plannedQuery) literals() string {
	var list []string
	for _, arg := range q.args {
		switch arg := arg.(type) {
		case time.Time:
			list = append(list, "'"+arg.Format(time.DateOnly)+"'")
		case []string:
			list = append(list, "'{"+strings.Join(arg, ",")+"}'")
		default:
			list = append(list, fmt.Sprintf("'%v'", arg))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "(" + strings.Join(list, ", ") + ")"
}

func planAs(t *testing.T, db *hotstatetest.Database, actor hotstate.Actor, explain func(pgx.Tx) (pgx.Rows, error)) string {
	t.Helper()
	var lines []string
	err := hotstate.As(t.Context(), db.Query, actor, func(tx pgx.Tx) error {
		rows, err := explain(tx)
		if err != nil {
			return err
		}
		lines, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

var monthPart = regexp.MustCompile(`\bon sales_by_month_\d\d\b`)

// partsIn names the parts that a plan reads.
func partsIn(plan string) []string {
	parts := monthPart.FindAllString(plan, -1)
	slices.Sort(parts)
	return slices.Compact(parts)
}

// By its own name a part shows nothing: not to who reads the table, and not to who was granted all tables by mistake.
func TestPartsOfTheMonthsShowNothingByThemselves(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	exec(t, db, manyMonths)
	actor := hotstate.Actor{Role: "manufacturer", ManufacturerID: "m7"}
	part := value(t, db, "select tableoid::regclass from view.sales_by_month where manufacturer_id = 'm7' limit 1")
	if !strings.HasPrefix(part, "view.sales_by_month_") {
		t.Fatalf("m7 is in %s", part)
	}
	if got := readAs(t, db, actor, "select manufacturer_id from "+part); got != denied {
		t.Errorf("a manufacturer reads of %s: %s", part, got)
	}
	for _, statement := range []string{"select from %s", "update %s set lines = 0", "truncate %s"} {
		statement = fmt.Sprintf(statement, part)
		if _, err := db.Collector.Exec(t.Context(), statement); !isDenied(err) {
			t.Errorf("the collector may %s: %v", statement, err)
		}
	}
	exec(t, db, "grant select on all tables in schema view to tillproof_manufacturer")
	if got := readAs(t, db, actor, "select manufacturer_id from "+part); got != "" {
		t.Errorf("a manufacturer who was granted %s reads of it: %s", part, got)
	}
	if got := readAs(t, db, actor, "select distinct manufacturer_id from view.sales_by_month"); got != "m7" {
		t.Errorf("a manufacturer reads the months of %q", got)
	}
}

// Rows, keys, policies and grants are the same in one table and in parts, and stay when the one is made the other.
func TestTheMonthsArePartedAndPutTogether(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	exec(t, db, manyMonths)
	look := func() string {
		var all []string
		for _, query := range []string{
			"select string_agg(m::text, E'\n' order by m::text) from view.sales_by_month m",
			"select string_agg(i.indexrelid::regclass || ' ' || i.indkey::text || i.indisunique || i.indisprimary || i.indisvalid, E'\n' order by 1) from pg_index i where indrelid = 'view.sales_by_month'::regclass",
			"select string_agg(p::text, E'\n' order by p::text) from pg_policies p where qual like '%sales_by_month%' or tablename = 'sales_by_month'",
			"select string_agg(a::text, E'\n' order by a::text) from (select (aclexplode(relacl)).* from pg_class where oid = 'view.sales_by_month'::regclass) a",
			"select relrowsecurity || ' ' || relforcerowsecurity from pg_class where oid = 'view.sales_by_month'::regclass",
			"select string_agg(concat_ws(' ', attname, atttypid::regtype, attnotnull), E'\n' order by attnum) from pg_attribute where attrelid = 'view.sales_by_month'::regclass and attnum > 0",
		} {
			all = append(all, value(t, db, query))
		}
		return strings.Join(all, "\n")
	}
	parted := look()
	for _, version := range []int64{22, 23} {
		if err := hotstate.MigrateTo(t.Context(), db.URL, version); err != nil {
			t.Fatal(err)
		}
		if got := look(); got != parted {
			t.Errorf("version %d of the schema has\n%s\nand not\n%s", version, got, parted)
		}
	}
	kind := value(t, db, "select relkind from pg_class where oid = 'view.sales_by_month'::regclass")
	if kind != "p" {
		t.Errorf("the table is of the kind %s", kind)
	}
}
