package hotstate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// registerMakers registers products and who owns them: m1 a prefix, m2 a longer one within it.
func registerMakers(t *testing.T, db *hotstatetest.Database) {
	t.Helper()
	exec(t, db, `insert into book.manufacturers (manufacturer_id, name) select m, m from unnest(array['m1', 'm2', 'm3']) m`)
	exec(t, db, `insert into book.manufacturer_prefixes values ('4006', 'm1'), ('40063810', 'm2')`)
	for _, item := range []string{"milk", "bread", "ham", "soap", "loose"} {
		exec(t, db, `insert into book.products (retailer_id, item_id, gtin) values ('main', $1, $2), ('other', $1, null)`,
			item, nullable(gtins[item]))
	}
}

func nullable(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func restate(t *testing.T, db *hotstatetest.Database) (lines int64) {
	t.Helper()
	err := pgx.BeginFunc(context.Background(), db.Collector, func(tx pgx.Tx) (err error) {
		lines, err = hotstate.Restate(context.Background(), tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// Whoever owns what by whatever change: after it, each line is its owner's, and the roll-ups are the lines' sums.
func TestRestate(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	registerMakers(t, db)
	begin(t, db)
	w := &world{Rand: rand.New(rand.NewPCG(11, 12))}
	moved := int64(0)
	for number := range uint64(25) {
		for range 1 + w.IntN(3) {
			w.change(t, db)
		}
		if w.IntN(2) == 0 { // lines that come before the change is applied must be its owner's, too
			mustProject(t, db, w.block(number, 8))
			moved += restate(t, db)
		} else {
			moved += restate(t, db)
			mustProject(t, db, w.block(number, 8))
		}
		if wrong := value(t, db, `select count(*) from view.lines l
			where l.manufacturer_id <> (select o.manufacturer_id from view.owner_of(l.retailer_id, l.item_id, l.gtin, l.business_day) o)`); wrong != "0" {
			t.Fatalf("after block %d, %s lines are not their owner's", number, wrong)
		}
		checkRollUps(t, db)
		if t.Failed() {
			t.Fatalf("after block %d", number)
		}
	}
	if moved < 100 {
		t.Errorf("only %d lines changed hands: the changes do not try anything", moved)
	}
}

// change is one registration, with the note that its transaction leaves.
func (w *world) change(t *testing.T, db *hotstatetest.Database) {
	t.Helper()
	ctx := context.Background()
	maker := []string{"m1", "m2", "m3", ""}[w.IntN(4)]
	key := hotstate.ProductKey{RetailerID: []string{"main", "other"}[w.IntN(2)],
		ItemID: []string{"milk", "bread", "ham", "soap", "loose"}[w.IntN(5)]}
	day := fmt.Sprintf("2026-%s", []string{"04-28", "04-30", "05-01", "05-02"}[w.IntN(4)])
	err := pgx.BeginFunc(ctx, db.Collector, func(tx pgx.Tx) error {
		switch w.IntN(3) {
		case 0:
			history := []hotstate.OwnedFrom{{Day: day, ManufacturerID: maker}}
			if w.IntN(2) == 0 {
				history = append([]hotstate.OwnedFrom{{Day: "0001-01-01", ManufacturerID: "m3"}}, history...)
			}
			if err := hotstate.ReplaceOwners(ctx, tx, map[hotstate.ProductKey][]hotstate.OwnedFrom{key: history}); err != nil {
				return err
			}
			return hotstate.NoteProductChanges(ctx, tx, []hotstate.ProductKey{key})
		case 1: // the product's number
			_, err := tx.Exec(ctx, "update book.products set gtin = $3 where retailer_id = $1 and item_id = $2", key.RetailerID, key.ItemID,
				nullable([]string{"", "04006381333931", "14006381000011", "00036000291452"}[w.IntN(4)]))
			if err != nil {
				return err
			}
			return hotstate.NoteProductChanges(ctx, tx, []hotstate.ProductKey{key})
		default:
			prefix := []string{"4006", "40063810", "400638133", "0036000", "2004"}[w.IntN(5)]
			if _, err := tx.Exec(ctx, "delete from book.manufacturer_prefixes where prefix = $1", prefix); err != nil {
				return err
			}
			if maker != "" {
				if _, err := tx.Exec(ctx, "insert into book.manufacturer_prefixes values ($1, $2)", prefix, maker); err != nil {
					return err
				}
			}
			return hotstate.NotePrefixChanges(ctx, tx, []string{prefix})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOwnerOf(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	exec(t, db, `insert into book.manufacturers (manufacturer_id, name) select m, m from unnest(array['m1', 'm2', 'm3']) m`)
	exec(t, db, `insert into book.manufacturer_prefixes values ('4006', 'm1'), ('40063813', 'm2'), ('0036000', 'm3'), ('2004', 'm1'), ('0204', 'm1')`)
	exec(t, db, `insert into book.products (retailer_id, item_id, gtin) values ('main', 'named', '04006381333931'), ('main', 'numbered', '04006381333931')`)
	exec(t, db, `insert into book.product_owners values ('main', 'named', '2026-01-01', 'm3'), ('main', 'named', '2026-02-01', ''),
		('main', 'named', '2026-03-01', 'm1')`)
	for _, c := range []struct {
		why, retailer, item, gtin, day, want string
	}{
		{"explicit wins over the prefix", "main", "named", "04006381333931", "2026-01-01", "m3"},
		{"until the next row's day", "main", "named", "04006381333931", "2026-01-31", "m3"},
		{"'' ends it, the prefix holds", "main", "named", "04006381333931", "2026-02-15", "m2"},
		{"and a later row begins again", "main", "named", "", "2026-03-01", "m1"},
		{"before the first row the prefix holds", "main", "named", "04006381333931", "2025-12-31", "m2"},
		{"another retailer's same item is another product", "other", "named", "", "2026-01-15", ""},
		{"the longest prefix wins", "main", "x", "04006381333931", "2026-01-01", "m2"},
		{"the shorter one has the rest", "main", "x", "04006999000017", "2026-01-01", "m1"},
		{"the indicator digit is no part of the prefix", "main", "x", "14006381333938", "2026-01-01", "m2"},
		{"a U.P.C. prefix has a zero in front", "main", "x", "00036000291452", "2026-01-01", "m3"},
		{"the registered number stands in", "main", "numbered", "", "2026-01-01", "m2"},
		{"the line's own number wins over it", "main", "numbered", "00036000291452", "2026-01-01", "m3"},
		{"20 to 29 is in-store", "main", "x", "02004712345671", "2026-01-01", ""},
		{"02 is in-store", "main", "x", "00204712345678", "2026-01-01", ""},
		{"no number, no owner", "main", "x", "", "2026-01-01", ""},
	} {
		got := value(t, db, "select manufacturer_id from view.owner_of($1, $2, $3, $4::date)", c.retailer, c.item, nullable(c.gtin), c.day)
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}

// Who asks for what has changed since a block must see what was restated after it, and nothing else.
func TestRestatedCellsCountAsChanged(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	registerMakers(t, db)
	begin(t, db)
	w := &world{Rand: rand.New(rand.NewPCG(13, 14))}
	for number := range uint64(4) {
		mustProject(t, db, w.block(number, 10))
	}
	mustProject(t, db, w.block(4, 0))
	key := hotstate.ProductKey{RetailerID: "main", ItemID: "loose"}
	if err := hotstate.ReplaceOwners(context.Background(), db.Collector,
		map[hotstate.ProductKey][]hotstate.OwnedFrom{key: {{Day: "2026-04-30", ManufacturerID: "m3"}}}); err != nil {
		t.Fatal(err)
	}
	if lines := restate(t, db); lines != 0 {
		t.Errorf("%d lines moved before the change was noted", lines)
	}
	if err := hotstate.NoteProductChanges(context.Background(), db.Collector, []hotstate.ProductKey{key}); err != nil {
		t.Fatal(err)
	}
	lines := restate(t, db)
	want := value(t, db, "select count(*) from view.lines where retailer_id = 'main' and item_id = 'loose' and business_day >= '2026-04-30'")
	if fmt.Sprint(lines) != want || lines == 0 {
		t.Errorf("%d lines moved, want %s", lines, want)
	}
	for what, query := range map[string]string{
		"cells of the new owner":  "select count(*) from view.sales_by_day where manufacturer_id = 'm3' and changed_block <> 4",
		"months of the new owner": "select count(*) from view.sales_by_month where manufacturer_id = 'm3' and changed_block <> 4",
		"emptied cells":           "select count(*) from view.sales_by_day where lines = 0 and (changed_block <> 4 or tickets <> 0 or amount_sold <> 0)",
		"other cells":             "select count(*) from view.sales_by_day where manufacturer_id <> 'm3' and lines > 0 and changed_block > 3",
		"stores":                  "select count(*) from view.sales_by_store_day where changed_block > 3",
	} {
		if got := value(t, db, query); got != "0" {
			t.Errorf("%s: %s are not marked as they should be", what, got)
		}
	}
	if emptied := value(t, db, "select count(*) from view.sales_by_day where lines = 0 and item_id = 'loose'"); emptied == "0" {
		t.Error("the old owner's cells are gone, and nobody who asks for changes hears of it")
	}
	if again := restate(t, db); again != 0 {
		t.Errorf("%d lines moved again", again)
	}
}
