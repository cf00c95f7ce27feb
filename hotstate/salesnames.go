package hotstate

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// maxNames is how many names are kept, of products and of stores each, while an answer is read: enough for nearly everybody
// to ask for each once, and little memory.
const maxNames = 20_000

// salesNames finds the names of products and stores, and none where the actor may not read it.
type salesNames struct {
	products map[productKey]*string // nil: not grouped by product
	stores   map[string]*string
}

type productKey struct{ retailerID, itemID string }

func newSalesNames(query SalesQuery) *salesNames {
	n := &salesNames{}
	if query.ByProduct {
		n.products = map[productKey]*string{}
	}
	if query.ByStore {
		n.stores = map[string]*string{}
	}
	return n
}

// add adds the names to rows, and looks for those that are not known yet.
func (n *salesNames) add(ctx context.Context, tx pgx.Tx, rows []SalesRow) error {
	if n.products != nil {
		if err := n.addProducts(ctx, tx, rows); err != nil {
			return err
		}
	}
	if n.stores != nil {
		return n.addStores(ctx, tx, rows)
	}
	return nil
}

func (n *salesNames) addProducts(ctx context.Context, tx pgx.Tx, rows []SalesRow) error {
	if len(n.products) > maxNames {
		clear(n.products)
	}
	var retailers, items []string
	for _, r := range rows {
		key := productKey{r.RetailerID, r.ItemID}
		if _, known := n.products[key]; !known {
			n.products[key], retailers, items = nil, append(retailers, r.RetailerID), append(items, r.ItemID)
		}
	}
	if len(items) > 0 {
		found, err := tx.Query(ctx, `
			select retailer_id, item_id, description from book.products
			where (retailer_id, item_id) in (select * from unnest($1::text[], $2::text[]))`, retailers, items)
		if err != nil {
			return err
		}
		var key productKey
		var description *string
		_, err = pgx.ForEachRow(found, []any{&key.retailerID, &key.itemID, &description}, func() error {
			n.products[key] = description
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i, r := range rows {
		rows[i].Description = n.products[productKey{r.RetailerID, r.ItemID}]
	}
	return nil
}

func (n *salesNames) addStores(ctx context.Context, tx pgx.Tx, rows []SalesRow) error {
	if len(n.stores) > maxNames {
		clear(n.stores)
	}
	var ids []string
	for _, r := range rows {
		if _, known := n.stores[r.StoreID]; !known {
			n.stores[r.StoreID], ids = nil, append(ids, r.StoreID)
		}
	}
	if len(ids) > 0 {
		found, err := tx.Query(ctx, "select store_id, name from book.stores where store_id = any ($1)", ids)
		if err != nil {
			return err
		}
		var id string
		var name *string
		_, err = pgx.ForEachRow(found, []any{&id, &name}, func() error {
			n.stores[id] = name
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i, r := range rows {
		rows[i].StoreName = n.stores[r.StoreID]
	}
	return nil
}
