package hotstate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// What each role reads by queries without any condition. The text names the rows by something readable; "denied" says
// that PostgreSQL refuses the query, since the role has no grant.
const denied = "denied"

var unconditional = map[string]string{
	"tickets":   `select right(transaction_id::text, 1) from view.tickets`,
	"person":    `select loyalty_id from view.tickets where loyalty_id is not null`,
	"open":      `select right(transaction_id::text, 1) from book.tickets where state <> 'recorded'`,
	"reason":    `select left(reason, 8) from book.tickets where reason is not null`,
	"lines":     `select manufacturer_id || ':' || item_id || ':' || line_number from view.lines`,
	"days":      `select item_id || '@' || left(store_id, 1) from view.sales_by_day`,
	"owners":    `select distinct manufacturer_id from view.sales_by_day`,
	"months":    `select manufacturer_id || '@' || left(store_id, 1) || to_char(month, 'MM') from view.sales_by_month`,
	"storedays": `select left(store_id, 1) || to_char(day, 'MMDD') from view.sales_by_store_day`,
	"entries":   `select points::text from view.points_entries`,
	"account":   `select encode(account, 'hex') from view.points_entries`,
	"balances":  `select available::text from view.points_balances`,
	"members":   `select loyalty_id from view.points_balances`,
	"users":     `select username from book.users`,
	"tillkeys":  `select key_id::text from book.till_keys`,
	"sessions":  `select username from book.sessions`,
	"seed":      `select encode(seed, 'hex') from book.tickets`,
}

func TestEachRoleReadsItsOwnRowsOnly(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	nobody := map[string]string{"tillkeys": denied, "sessions": denied, "seed": denied, "account": denied}

	for name, test := range map[string]struct {
		actor hotstate.Actor
		want  map[string]string // a query that is not named is denied
	}{
		"customer a": {hotstate.Actor{Role: "customer", LoyaltyID: "a"}, map[string]string{
			"tickets": "1 4", "person": "a a", "open": "6 7", "entries": "15 6", "balances": "21", "members": "a", "users": ""}},
		"customer b": {hotstate.Actor{Role: "customer", LoyaltyID: "b"}, map[string]string{
			"tickets": "2", "person": "b", "open": "8", "entries": "3", "balances": "3", "members": "b", "users": ""}},
		"customer nobody": {hotstate.Actor{Role: "customer"}, map[string]string{
			"tickets": "", "person": "", "open": "", "entries": "", "balances": "", "members": "", "users": ""}},
		"store": {hotstate.Actor{Role: "store", StoreIDs: []string{hotstatetest.TroubleStore}}, map[string]string{
			"tickets": "1 2 5", "person": "a b", "open": "6 7", "reason": "conflict", "days": "A@N A@N B@N C@N D@N",
			"storedays": "N0115 N0131 N0210"}},
		"two stores": {hotstate.Actor{Role: "store", StoreIDs: []string{"S2", "X1"}}, map[string]string{
			"tickets": "3 4", "person": "a", "open": "8", "reason": "", "days": "A@S A@X", "storedays": "S0201 X0210"}},
		"store nobody": {hotstate.Actor{Role: "store"}, map[string]string{
			"tickets": "", "person": "", "open": "", "reason": "", "days": "", "storedays": ""}},
		"store with an empty id": {hotstate.Actor{Role: "store", StoreIDs: []string{""}}, map[string]string{
			"tickets": "", "person": "", "open": "", "reason": "", "days": "", "storedays": ""}},
		"head office": {hotstate.Actor{Role: "store", RetailerID: "main"}, map[string]string{
			"tickets": "1 2 3 5", "person": "a b", "open": "6 7 8", "reason": "conflict", "days": "A@N A@N A@S B@N C@N D@N",
			"storedays": "N0115 N0131 N0210 S0201"}},
		"manufacturer m1": {hotstate.Actor{Role: "manufacturer", ManufacturerID: "m1"}, map[string]string{
			"lines": "m1:A:1 m1:A:1 m1:A:1 m1:A:2 m1:B:2", "days": "A@N A@N A@S B@N", "owners": "m1", "months": "m1@N01 m1@S02"}},
		"manufacturer m2": {hotstate.Actor{Role: "manufacturer", ManufacturerID: "m2"}, map[string]string{
			"lines": "m2:A:1 m2:C:3", "days": "A@X C@N", "owners": "m2", "months": "m2@N01 m2@X02"}},
		"manufacturer nobody, not what nobody owns": {hotstate.Actor{Role: "manufacturer"}, map[string]string{
			"lines": "", "days": "", "owners": "", "months": ""}},
		"a member's id in a manufacturer's token": {hotstate.Actor{Role: "manufacturer", LoyaltyID: "a", StoreIDs: []string{"S2"}}, map[string]string{
			"lines": "", "days": "", "owners": "", "months": ""}},
		"auditor": {hotstate.Actor{Role: "auditor"}, map[string]string{
			"days": "A@N A@N A@S A@X B@N C@N D@N", "owners": " m1 m2", "storedays": "N0115 N0131 N0210 S0201 X0210",
			"reason": "conflict", "balances": "21 3"}},
		"admin": {hotstate.Actor{Role: "admin"}, map[string]string{
			"days": "A@N A@N A@S A@X B@N C@N D@N", "owners": " m1 m2", "storedays": "N0115 N0131 N0210 S0201 X0210",
			"reason": "conflict", "balances": "21 3"}},
	} {
		for query, sql := range unconditional {
			want, listed := test.want[query]
			if !listed {
				want = denied
			}
			if forbidden, always := nobody[query]; always {
				want = forbidden
			}
			if got := readAs(t, db, test.actor, sql); got != want {
				t.Errorf("%s, %s: read %q, want %q", name, query, got, want)
			}
		}
	}
}

// readAs gives the sorted first column of a query, or "denied".
func readAs(t *testing.T, db *hotstatetest.Database, actor hotstate.Actor, sql string) string {
	t.Helper()
	var values []string
	err := hotstate.As(context.Background(), db.Query, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(context.Background(), sql)
		if err != nil {
			return err
		}
		values, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	if isDenied(err) {
		return denied
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(values)
	return strings.Join(values, " ")
}

func isDenied(err error) bool {
	var server *pgconn.PgError
	return errors.As(err, &server) && server.Code == "42501" // insufficient_privilege
}

func TestTheLoginAloneReadsNothing(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	ctx := context.Background()

	// Even on a connection that served somebody a moment ago.
	readAs(t, db, hotstate.Actor{Role: "customer", LoyaltyID: "a"}, unconditional["tickets"])
	for query, sql := range unconditional {
		if _, err := db.Query.Exec(ctx, sql); !isDenied(err) {
			t.Errorf("%s: the login role was not refused: %v", query, err)
		}
	}
	for _, role := range []string{"tillproof_collector", "pg_read_all_data"} {
		if _, err := db.Query.Exec(ctx, "set role "+role); !isDenied(err) {
			t.Errorf("the login may become %s: %v", role, err)
		}
	}
}

func TestSettingsEndWithTheTransaction(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	ctx := context.Background()
	conn, err := db.Query.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	readAs(t, db, hotstate.Actor{Role: "customer", LoyaltyID: "a"}, unconditional["tickets"])

	// A transaction that takes the role and forgets the settings.
	var count int
	err = pgx.BeginFunc(ctx, db.Query, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local role tillproof_customer"); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "select count(*) from view.tickets").Scan(&count)
	})
	if err != nil || count != 0 {
		t.Errorf("without settings %d tickets are read, %v", count, err)
	}
}

func TestActorsOnlyRead(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	err := hotstate.As(context.Background(), db.Query, hotstate.Actor{Role: "admin"}, func(tx pgx.Tx) error {
		_, err := tx.Exec(context.Background(), "delete from view.sales_by_day")
		return err
	})
	if err == nil {
		t.Error("an actor could delete")
	}
	err = hotstate.As(context.Background(), db.Query, hotstate.Actor{Role: "postgres"}, func(pgx.Tx) error { return nil })
	if !errors.Is(err, hotstate.ErrRole) {
		t.Errorf("an unknown role: %v", err)
	}
}

// Every table that holds somebody's rows must have its row-level security on and forced, also one added later.
func TestEveryTableOfViewIsForced(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	rows, err := db.Owner.Query(context.Background(), `
		select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname = 'view' and (c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
		   or c.relkind = 'v' and not coalesce(c.reloptions @> array['security_invoker=true'], false))`)
	if err != nil {
		t.Fatal(err)
	}
	open, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(open) > 0 {
		t.Errorf("tables of view without forced row-level security: %v, %v", open, err)
	}
}

// The cost of a policy shows in the plan: it must use the index of the owner, not read everybody's rows.
func TestPolicyUsesTheIndex(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	ctx := context.Background()
	_, err := db.Collector.Exec(ctx, `
		insert into view.sales_by_day
		select 'm' || n % 500, 'main', 'i' || n, 's', date '2024-01-01' + n % 365, 'EUR', 1, 0, 100, 0, 1, 1, 1
		from generate_series(1, 20000) n`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Owner.Exec(ctx, "analyze view.sales_by_day"); err != nil {
		t.Fatal(err)
	}
	plan := readAs(t, db, hotstate.Actor{Role: "manufacturer", ManufacturerID: "m7"},
		"explain (costs off) select sum(amount_sold) from view.sales_by_day")
	if !strings.Contains(plan, "sales_by_day_pkey") {
		t.Errorf("the policy does not use the index:\n%s", strings.ReplaceAll(plan, ") ", ")\n"))
	}
}
