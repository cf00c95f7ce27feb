package hotstate

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// insertLines writes the lines of a block's tickets. It stages them without their owners, and asks for the owner once for
// each product and day among them.
func insertLines(ctx context.Context, tx pgx.Tx, p Projection) error {
	rows, err := lineRows(p)
	if err != nil || len(rows) == 0 {
		return err
	}
	columns := []string{"ticket_key", "line_number", "retailer_id", "manufacturer_id", "item_id", "gtin", "store_id", "business_day",
		"currency_code", "quantity", "amount", "block"}
	if _, err := stageRows(ctx, tx, "lines", columns, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		with owners as materialized (
			select product.*, owner.manufacturer_id
			from (select distinct retailer_id, item_id, gtin, business_day from new_lines) as product
			cross join lateral view.owner_of(retailer_id, item_id, gtin, business_day) as owner (manufacturer_id)
		)
		insert into view.lines (ticket_key, line_number, retailer_id, manufacturer_id, item_id, gtin, store_id, business_day,
		                        currency_code, quantity, amount, block)
		select l.ticket_key, l.line_number, l.retailer_id, o.manufacturer_id, l.item_id, l.gtin, l.store_id, l.business_day,
		       l.currency_code, l.quantity, l.amount, l.block
		from new_lines l
		join owners o on o.retailer_id = l.retailer_id and o.item_id = l.item_id and o.business_day = l.business_day
		             and o.gtin is not distinct from l.gtin`)
	return err
}

func lineRows(p Projection) (rows [][]any, err error) {
	for i := range p.Tickets {
		t := &p.Tickets[i]
		day, err := time.Parse(time.DateOnly, t.BusinessDay)
		if err != nil {
			return nil, err
		}
		for _, line := range t.Lines {
			rows = append(rows, []any{t.Key[:], line.Number, t.RetailerID, "", line.ItemID, line.GTIN, t.StoreID, day,
				t.CurrencyCode, line.Quantity, line.Amount, int64(p.Block)})
		}
	}
	return rows, nil
}
