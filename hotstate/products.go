package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// ProductKey names a product: an item id means nothing outside its retailer.
type ProductKey struct {
	RetailerID, ItemID string
}

// Product is a registered product with its latest explicit owner, if it has one.
type Product struct {
	RetailerID     string `json:"retailerId"`
	ItemID         string `json:"itemId"`
	Description    string `json:"description,omitempty"`
	GTIN           string `json:"gtin,omitempty"` // 14 digits
	ManufacturerID string `json:"manufacturerId,omitempty"`
	OwnedFrom      string `json:"ownedFrom,omitempty"` // the business day from which ManufacturerID holds
}

// Key returns the product's key.
func (p Product) Key() ProductKey { return ProductKey{p.RetailerID, p.ItemID} }

// OwnedFrom says who owns a product explicitly from a business day on; nobody, if ManufacturerID is empty.
type OwnedFrom struct {
	Day            string // YYYY-MM-DD
	ManufacturerID string
}

// The latest row of a product's ownership; none where nobody ever owned it explicitly.
const productQuery = `
	select p.retailer_id, p.item_id, coalesce(p.description, ''), coalesce(p.gtin, ''),
		coalesce(o.manufacturer_id, ''),
		case when o.manufacturer_id <> '' then to_char(o.owned_from, 'YYYY-MM-DD') else '' end
	from book.products p
	left join lateral (
		select manufacturer_id, owned_from from book.product_owners o
		where (o.retailer_id, o.item_id) = (p.retailer_id, p.item_id)
		order by owned_from desc limit 1
	) o on true`

// ProductsByKey gives those of the products that are registered.
func ProductsByKey(ctx context.Context, db DB, keys []ProductKey) (map[ProductKey]Product, error) {
	retailers, items := splitKeys(keys)
	rows, err := db.Query(ctx, productQuery+`
		where (p.retailer_id, p.item_id) in (select * from unnest($1::text[], $2::text[]))`, retailers, items)
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	products, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Product])
	if err != nil {
		return nil, fmt.Errorf("read products: %w", err)
	}
	byKey := make(map[ProductKey]Product, len(products))
	for _, product := range products {
		byKey[product.Key()] = product
	}
	return byKey, nil
}

// ListProducts gives a page of one retailer's products, or of all for an empty retailerID.
func ListProducts(ctx context.Context, db DB, retailerID string, page Page) ([]Product, error) {
	rows, err := db.Query(ctx, productQuery+`
		where (p.retailer_id, p.item_id) > ($1, $2) and ($3 = '' or p.retailer_id = $3)
			and strpos(lower(concat_ws(' ', p.item_id, p.description, p.gtin)), lower($4)) > 0
		order by p.retailer_id, p.item_id limit $5`,
		page.after(0), page.after(1), retailerID, page.Search, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("list products: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Product])
}

// UpsertProducts writes products, each key once. Their owners are written by ReplaceOwners.
func UpsertProducts(ctx context.Context, db DB, products []Product) error {
	var retailers, items, descriptions, gtins []string
	for _, product := range products {
		retailers = append(retailers, product.RetailerID)
		items = append(items, product.ItemID)
		descriptions = append(descriptions, product.Description)
		gtins = append(gtins, product.GTIN)
	}
	_, err := db.Exec(ctx, `
		insert into book.products (retailer_id, item_id, description, gtin)
		select retailer_id, item_id, nullif(description, ''), nullif(gtin, '')
		from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t (retailer_id, item_id, description, gtin)
		on conflict (retailer_id, item_id) do update set description = excluded.description, gtin = excluded.gtin`,
		retailers, items, descriptions, gtins)
	if err != nil {
		return fmt.Errorf("write products: %w", err)
	}
	return nil
}

func splitKeys(keys []ProductKey) (retailers, items []string) {
	for _, key := range keys {
		retailers = append(retailers, key.RetailerID)
		items = append(items, key.ItemID)
	}
	return retailers, items
}
