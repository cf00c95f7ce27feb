package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const intoSalesByStoreDay = `
	insert into view.sales_by_store_day as cell (retailer_id, store_id, day, currency_code, ` + sumColumns + `)
	select l.retailer_id, l.store_id, l.business_day, l.currency_code, ` + sums

// SumSalesOfDays fills the roll-ups from the lines of some days, whole months of them, of which they have nothing yet. It
// is for views that are loaded in bulk; the sums are those of the projector.
//
// Cells are written as they would have come: block by block, and in no order within one. In the order of their keys an
// owner's cells would lie side by side, and be read quicker than they ever will be.
func SumSalesOfDays(ctx context.Context, tx pgx.Tx, from, to time.Time) error {
	const days = ` from view.lines l where l.business_day between $1 and $2`
	for _, statement := range []string{
		intoSalesByDay + days + ` group by 1, 2, 3, 4, 5, 6 order by min(l.block), hashtext(l.store_id || l.item_id)`,
		intoSalesByMonth + days + ` group by 1, 2, 3, 4 order by min(l.block), hashtext(l.store_id || l.manufacturer_id)`,
		intoSalesByStoreDay + days + ` group by 1, 2, 3, 4 order by min(l.block), hashtext(l.store_id)`,
	} {
		if _, err := tx.Exec(ctx, statement, from, to); err != nil {
			return fmt.Errorf("sum the sales of days: %w", err)
		}
	}
	return nil
}
