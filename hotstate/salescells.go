package hotstate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// A SalesCell names one cell of the roll-up by day: which product was sold where and when, and whose it is.
type SalesCell struct {
	ManufacturerID string
	RetailerID     string
	ItemID         string
	StoreID        string
	Day            time.Time
	CurrencyCode   string
}

// ReadTouchedCells lists the cells that lines recorded after a block fall into, at most limit of them. It concerns
// everyone's sales and tells no sum.
func ReadTouchedCells(ctx context.Context, tx pgx.Tx, actor Actor, since int64, limit int) ([]SalesCell, error) {
	if actor.Role != RoleAuditor && actor.Role != RoleAdmin {
		return nil, ErrRole
	}
	rows, err := tx.Query(ctx, `
		select distinct manufacturer_id, retailer_id, item_id, store_id, business_day, currency_code
		from view.lines
		where block > $1
		limit $2`, since, limit)
	if err != nil {
		return nil, fmt.Errorf("read which sales changed: %w", err)
	}
	cells, err := pgx.CollectRows(rows, pgx.RowToStructByPos[SalesCell])
	if err != nil {
		return nil, fmt.Errorf("read which sales changed: %w", err)
	}
	return cells, nil
}

// Of reports whether the actor sees the cell, as the policies and the queries' own conditions have it.
func (c SalesCell) Of(actor Actor) bool {
	switch {
	case actor.Role == RoleAuditor || actor.Role == RoleAdmin:
		return true
	case actor.Role == RoleManufacturer:
		return actor.ManufacturerID != "" && actor.ManufacturerID == c.ManufacturerID
	case actor.Role == RoleStore && actor.RetailerID != "":
		return actor.RetailerID == c.RetailerID
	case actor.Role == RoleStore:
		return slices.Contains(actor.StoreIDs, c.StoreID)
	}
	return false
}

// addCells narrows sales by product, store and day to the cells of these products, stores, days and currencies.
func addCells(where *conditions, cells []SalesCell) {
	var retailers, items, stores, currencies []string
	var days []time.Time
	for _, c := range cells {
		retailers, items, stores = append(retailers, c.RetailerID), append(items, c.ItemID), append(stores, c.StoreID)
		days, currencies = append(days, c.Day), append(currencies, c.CurrencyCode)
	}
	where.add(`(retailer_id, item_id, store_id, day, currency_code) in
		(select * from unnest(?::text[], ?::text[], ?::text[], ?::date[], ?::text[]))`, retailers, items, stores, days, currencies)
}
