package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// OwnersOf gives the explicit ownership of products over time, each in the order of days.
func OwnersOf(ctx context.Context, db DB, keys []ProductKey) (map[ProductKey][]OwnedFrom, error) {
	retailers, items := splitKeys(keys)
	rows, err := db.Query(ctx, `
		select retailer_id, item_id, to_char(owned_from, 'YYYY-MM-DD'), manufacturer_id
		from book.product_owners
		where (retailer_id, item_id) in (select * from unnest($1::text[], $2::text[]))
		order by retailer_id, item_id, owned_from`, retailers, items)
	if err != nil {
		return nil, fmt.Errorf("read owners of products: %w", err)
	}
	owners := map[ProductKey][]OwnedFrom{}
	var key ProductKey
	var owned OwnedFrom
	_, err = pgx.ForEachRow(rows, []any{&key.RetailerID, &key.ItemID, &owned.Day, &owned.ManufacturerID}, func() error {
		owners[key] = append(owners[key], owned)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read owners of products: %w", err)
	}
	return owners, nil
}

// ReplaceOwners makes the explicit ownership of each of the products what is given.
func ReplaceOwners(ctx context.Context, db DB, owners map[ProductKey][]OwnedFrom) error {
	var keys []ProductKey
	var retailers, items, days, manufacturers []string
	for key, history := range owners {
		keys = append(keys, key)
		for _, owned := range history {
			retailers = append(retailers, key.RetailerID)
			items = append(items, key.ItemID)
			days = append(days, owned.Day)
			manufacturers = append(manufacturers, owned.ManufacturerID)
		}
	}
	allRetailers, allItems := splitKeys(keys)
	_, err := db.Exec(ctx, `
		delete from book.product_owners
		where (retailer_id, item_id) in (select * from unnest($1::text[], $2::text[]))`, allRetailers, allItems)
	if err != nil {
		return fmt.Errorf("replace owners of products: %w", err)
	}
	_, err = db.Exec(ctx, `
		insert into book.product_owners (retailer_id, item_id, owned_from, manufacturer_id)
		select retailer_id, item_id, owned_from::date, manufacturer_id
		from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t (retailer_id, item_id, owned_from, manufacturer_id)`,
		retailers, items, days, manufacturers)
	if err != nil {
		return fmt.Errorf("replace owners of products: %w", err)
	}
	return nil
}

// NoteProductChanges tells the projector, in the same commit, whose sales must be restated.
func NoteProductChanges(ctx context.Context, db DB, keys []ProductKey) error {
	retailers, items := splitKeys(keys)
	_, err := db.Exec(ctx, `
		insert into book.ownership_changes (retailer_id, item_id) select * from unnest($1::text[], $2::text[])`,
		retailers, items)
	if err != nil {
		return fmt.Errorf("note changes of ownership: %w", err)
	}
	return nil
}

// NotePrefixChanges is NoteProductChanges for GS1 prefixes, which concern every retailer.
func NotePrefixChanges(ctx context.Context, db DB, prefixes []string) error {
	_, err := db.Exec(ctx, "insert into book.ownership_changes (prefix) select * from unnest($1::text[])", prefixes)
	if err != nil {
		return fmt.Errorf("note changes of ownership: %w", err)
	}
	return nil
}

// LockRegistrations lets one transaction at a time change registrations, until it ends. They are rare, and what one
// may do depends on others: a prefix on its holder, a product on its manufacturer.
func LockRegistrations(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "select pg_advisory_xact_lock(hashtextextended('tillproof registrations', 0))")
	if err != nil {
		return fmt.Errorf("lock the registrations: %w", err)
	}
	return nil
}
