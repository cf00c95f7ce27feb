package hotstatetest

import (
	"context"
	_ "embed"
	"testing"
)

// TroubleStore is the id of a store of the shop which holds what ids may hold: a slash, a comma, quotes, a space.
const TroubleStore = `Nord/1, "A"`

//go:embed shop.sql
var shop string

// LoadShop fills the database with the small shop that shop.sql describes, as the collector would.
func (db *Database) LoadShop(t testing.TB) {
	t.Helper()
	if _, err := db.Collector.Exec(context.Background(), shop); err != nil {
		t.Fatalf("load the shop: %v", err)
	}
}
