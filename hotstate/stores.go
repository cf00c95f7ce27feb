package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Store is a registered store. Its retailer never changes.
type Store struct {
	StoreID      string `json:"storeId"`
	Name         string `json:"name"`
	RetailerID   string `json:"retailerId"`
	TimeZone     string `json:"timeZone"`               // of the IANA database
	CurrencyCode string `json:"currencyCode,omitempty"` // optional
}

const storeColumns = "store_id, name, retailer_id, time_zone, coalesce(currency_code, '')"

const storesByID = "select " + storeColumns + " from book.stores where store_id = any($1)"

// StoresByID gives those of the stores that are registered.
func StoresByID(ctx context.Context, db DB, ids []string) (map[string]Store, error) {
	rows, err := db.Query(ctx, storesByID, ids)
	if err != nil {
		return nil, fmt.Errorf("read stores: %w", err)
	}
	byID := make(map[string]Store)
	if err := collectStores(rows, byID); err != nil {
		return nil, fmt.Errorf("read stores: %w", err)
	}
	return byID, nil
}

// QueueStoresByID queues the same question; the stores are there when the batch is answered.
func QueueStoresByID(batch *pgx.Batch, ids []string) map[string]Store {
	byID := make(map[string]Store)
	batch.Queue(storesByID, ids).Query(func(rows pgx.Rows) error { return collectStores(rows, byID) })
	return byID
}

func collectStores(rows pgx.Rows, byID map[string]Store) error {
	stores, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Store])
	for _, store := range stores {
		byID[store.StoreID] = store
	}
	return err
}

// ListStores gives a page of the stores.
func ListStores(ctx context.Context, db DB, page Page) ([]Store, error) {
	rows, err := db.Query(ctx, "select "+storeColumns+` from book.stores
		where store_id > $1 and strpos(lower(store_id || ' ' || name), lower($2)) > 0
		order by store_id limit $3`, page.after(0), page.Search, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("list stores: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Store])
}

// UpsertStores writes stores, each id once.
func UpsertStores(ctx context.Context, db DB, stores []Store) error {
	var ids, names, retailers, zones, currencies []string
	for _, store := range stores {
		ids = append(ids, store.StoreID)
		names = append(names, store.Name)
		retailers = append(retailers, store.RetailerID)
		zones = append(zones, store.TimeZone)
		currencies = append(currencies, store.CurrencyCode)
	}
	_, err := db.Exec(ctx, `
		insert into book.stores (store_id, name, retailer_id, time_zone, currency_code)
		select store_id, name, retailer_id, time_zone, nullif(currency_code, '')
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
			as t (store_id, name, retailer_id, time_zone, currency_code)
		on conflict (store_id) do update
		set name = excluded.name, time_zone = excluded.time_zone, currency_code = excluded.currency_code`,
		ids, names, retailers, zones, currencies)
	if err != nil {
		return fmt.Errorf("write stores: %w", err)
	}
	return nil
}
