package visibility_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
	"github.com/tillproof/tillproof/query-server/visibility"
)

// Each actor stands for a role, and owns a part of the small shop.
var actors = []hotstate.Actor{
	{Role: "customer", LoyaltyID: "a"}, {Role: "customer", LoyaltyID: "b"}, {Role: "customer", LoyaltyID: "nobody"}, {Role: "customer"},
	{Role: "store", StoreIDs: []string{hotstatetest.TroubleStore}}, {Role: "store", StoreIDs: []string{"S2", "X1"}},
	{Role: "store", RetailerID: "main"}, {Role: "store", RetailerID: "other"}, {Role: "store", StoreIDs: []string{""}}, {Role: "store"},
	{Role: "manufacturer", ManufacturerID: "m1"}, {Role: "manufacturer", ManufacturerID: "m2"}, {Role: "manufacturer"},
	{Role: "auditor"}, {Role: "admin"},
}

// With the handler's checks taken away: every relation there is, read as every actor without any condition. A relation
// that the table does not list, a later one too, must be refused.
func TestTheDatabaseHoldsByItself(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	fillTheRest(t, db)
	for _, name := range allRelations(t, db) {
		relation, listed := visibility.Relation{}, false
		if i := slices.IndexFunc(visibility.Relations, func(r visibility.Relation) bool { return r.Name == name }); i >= 0 {
			relation, listed = visibility.Relations[i], true
		}
		for _, actor := range actors {
			got, refused := countAs(t, db, actor, name)
			reach := relation.Of(actor.Role)
			switch {
			case !listed || reach == visibility.Nothing:
				if !refused && got > 0 {
					t.Errorf("%s: %+v reads %d rows, and should read nothing", name, actor, got)
				}
			case refused:
				t.Errorf("%s: %+v is refused", name, actor)
			default:
				if want := countOf(t, db, relation, reach, actor); got != want {
					t.Errorf("%s: %+v reads %d rows, not the %d that are %s", name, actor, got, want, reach)
				}
			}
		}
	}
}

// fillTheRest puts rows of two members where the shop has none: a relation without rows shows nothing whatever its policies
// say.
func fillTheRest(t *testing.T, db *hotstatetest.Database) {
	t.Helper()
	_, err := db.Owner.Exec(t.Context(), `
		insert into book.users (username, role, password_hash, loyalty_id)
		select 'user of ' || member, 'customer', '-', member from unnest(array['a', 'b']) member;
		insert into view.points_buckets (account, loyalty_id, expiry_month, points)
		select sha256(member::bytea), member, 24300, 1 from unnest(array['a', 'b']) member;
		insert into book.redemptions (redemption_id, store_id, loyalty_id, points, currency_code, caller, idempotency_key, body_hash)
		select gen_random_uuid(), 'S2', member, 1, 'EUR', member, gen_random_uuid(), '' from unnest(array['a', 'b']) member;
		insert into book.transfers (transfer_id, from_loyalty_id, to_loyalty_id, points, caller, idempotency_key, body_hash)
		select gen_random_uuid(), member, 'c', 1, member, gen_random_uuid(), '' from unnest(array['a', 'b']) member;
		insert into book.refusals (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, content_mac, received_at)
		select 'main', gen_random_uuid(), 'S2', '1', '2024-02-01', 9, '', now()`)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range visibility.Relations {
		var some bool
		if err := db.Owner.QueryRow(t.Context(), "select exists (select from "+r.Name+")").Scan(&some); err != nil || !some {
			t.Errorf("%s has no rows, so nothing is shown by its test: %v", r.Name, err)
		}
	}
}

// The table names only what is there, or its tests would test nothing.
func TestTheTableNamesRelationsThatAreThere(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	there := allRelations(t, db)
	for _, r := range visibility.Relations {
		if !slices.Contains(there, r.Name) {
			t.Errorf("there is no relation %s", r.Name)
		}
	}
}

func allRelations(t *testing.T, db *hotstatetest.Database) []string {
	t.Helper()
	rows, err := db.Owner.Query(context.Background(), `
		select n.nspname || '.' || c.relname
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where n.nspname in ('book', 'view', 'public') and c.relkind in ('r', 'p', 'v', 'm', 'f')
		order by 1`)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(names) == 0 {
		t.Fatalf("relations %v, %v", names, err)
	}
	return names
}

func countAs(t *testing.T, db *hotstatetest.Database, actor hotstate.Actor, name string) (count int, refused bool) {
	t.Helper()
	err := hotstate.As(context.Background(), db.Query, actor, func(tx pgx.Tx) error {
		return tx.QueryRow(context.Background(), "select count(*) from "+name).Scan(&count)
	})
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Code == "42501" { // insufficient_privilege
		return 0, true
	}
	if err != nil {
		t.Fatal(err)
	}
	return count, false
}

// countOf counts, as the owner of the database and without any policy, the rows that an actor may see.
func countOf(t *testing.T, db *hotstatetest.Database, r visibility.Relation, reach visibility.Reach, actor hotstate.Actor) (count int) {
	t.Helper()
	column, owners := "", actor.StoreIDs
	switch {
	case reach == visibility.All:
	case actor.Role == hotstate.RoleCustomer:
		column, owners = r.Member, []string{actor.LoyaltyID}
	case actor.Role == hotstate.RoleManufacturer:
		column, owners = r.Manufacturer, []string{actor.ManufacturerID}
	case actor.RetailerID != "":
		column, owners = r.Retailer, []string{actor.RetailerID}
	default:
		column = r.Store
	}
	owners = slices.DeleteFunc(slices.Clone(owners), func(id string) bool { return id == "" })
	condition := column
	switch {
	case reach == visibility.All:
		condition = "true"
	case !strings.Contains(column, "$1"):
		condition = column + " = any ($1)"
	}
	err := db.Owner.QueryRow(context.Background(),
		fmt.Sprintf("select count(*) from %s where $1::text[] is not null and %s", r.Name, condition), append([]string{}, owners...)).Scan(&count)
	if err != nil {
		t.Fatalf("%s: %v", r.Name, err)
	}
	return count
}
