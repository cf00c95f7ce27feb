package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Manufacturer is a registered manufacturer with the GS1 company prefixes that are its own, sorted.
type Manufacturer struct {
	ManufacturerID string   `json:"manufacturerId"`
	Name           string   `json:"name"`
	GS1Prefixes    []string `json:"gs1Prefixes"`
}

const manufacturerColumns = `manufacturer_id, name, array(
	select prefix from book.manufacturer_prefixes p where p.manufacturer_id = m.manufacturer_id order by prefix)`

// ManufacturersByID gives those of the manufacturers that are registered.
func ManufacturersByID(ctx context.Context, db DB, ids []string) (map[string]Manufacturer, error) {
	rows, err := db.Query(ctx, "select "+manufacturerColumns+" from book.manufacturers m where manufacturer_id = any($1)", ids)
	if err != nil {
		return nil, fmt.Errorf("read manufacturers: %w", err)
	}
	manufacturers, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Manufacturer])
	if err != nil {
		return nil, fmt.Errorf("read manufacturers: %w", err)
	}
	byID := make(map[string]Manufacturer, len(manufacturers))
	for _, manufacturer := range manufacturers {
		byID[manufacturer.ManufacturerID] = manufacturer
	}
	return byID, nil
}

// ListManufacturers gives a page of the manufacturers.
func ListManufacturers(ctx context.Context, db DB, page Page) ([]Manufacturer, error) {
	rows, err := db.Query(ctx, "select "+manufacturerColumns+` from book.manufacturers m
		where manufacturer_id > $1 and strpos(lower(manufacturer_id || ' ' || name), lower($2)) > 0
		order by manufacturer_id limit $3`, page.after(0), page.Search, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("list manufacturers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Manufacturer])
}

// PrefixHolders says who holds those of the prefixes that somebody holds.
func PrefixHolders(ctx context.Context, db DB, prefixes []string) (map[string]string, error) {
	rows, err := db.Query(ctx,
		"select prefix, manufacturer_id from book.manufacturer_prefixes where prefix = any($1)", prefixes)
	if err != nil {
		return nil, fmt.Errorf("read prefix holders: %w", err)
	}
	holders := map[string]string{}
	var prefix, holder string
	_, err = pgx.ForEachRow(rows, []any{&prefix, &holder}, func() error {
		holders[prefix] = holder
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read prefix holders: %w", err)
	}
	return holders, nil
}

// UpsertManufacturers writes manufacturers, each id once, and makes their prefixes the ones given.
func UpsertManufacturers(ctx context.Context, db DB, manufacturers []Manufacturer) error {
	var ids, names, prefixes, holders []string
	for _, manufacturer := range manufacturers {
		ids = append(ids, manufacturer.ManufacturerID)
		names = append(names, manufacturer.Name)
		for _, prefix := range manufacturer.GS1Prefixes {
			prefixes = append(prefixes, prefix)
			holders = append(holders, manufacturer.ManufacturerID)
		}
	}
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`insert into book.manufacturers (manufacturer_id, name) select * from unnest($1::text[], $2::text[])
			on conflict (manufacturer_id) do update set name = excluded.name`, []any{ids, names}},
		// All are given up before any is taken: one may pass from one of these manufacturers to another.
		{`delete from book.manufacturer_prefixes where manufacturer_id = any($1)`, []any{ids}},
		{`insert into book.manufacturer_prefixes (prefix, manufacturer_id) select * from unnest($1::text[], $2::text[])`,
			[]any{prefixes, holders}},
	} {
		if _, err := db.Exec(ctx, statement.sql, statement.args...); err != nil {
			return fmt.Errorf("write manufacturers: %w", err)
		}
	}
	return nil
}
