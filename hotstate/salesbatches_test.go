package hotstate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// An answer of thousands of rows is read in parts: it has every row once, in order, each with its own names.
func TestSalesOfManyRows(t *testing.T) {
	t.Parallel()
	const stores, days = 50, 61
	db := hotstatetest.New(t)
	for _, statement := range []string{
		`insert into book.stores (store_id, name, retailer_id) select to_char(n, 'FM000'), 'Name of ' || to_char(n, 'FM000'), 'main' from generate_series(1, 50) n`,
		`insert into book.products (retailer_id, item_id, description) values ('main', 'X', 'Name of X')`,
		`insert into view.products_sold values ('big', 'main', 'X', '')`,
		`insert into view.sales_by_month select 'big', to_char(n, 'FM000'), '2024-01-01', 'EUR', 1, 0, 1, 0, 1, 1, 1 from generate_series(1, 50) n`,
		`insert into view.sales_by_day select 'big', 'main', 'X', to_char(n, 'FM000'), date '2024-01-01' + day, 'EUR', 1, 0, day, 0, 1, 1, 1
		 from generate_series(1, 50) n, generate_series(0, 60) day`,
	} {
		if _, err := db.Collector.Exec(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	actor := hotstate.Actor{Role: "manufacturer", ManufacturerID: "big"}
	query := hotstate.SalesQuery{ByProduct: true, ByStore: true, Period: hotstate.ByDay}
	enough := errors.New("enough")
	for _, end := range []int{stores * days, 1500} {
		row := 0
		err := hotstate.As(context.Background(), db.Query, actor, func(tx pgx.Tx) error {
			return hotstate.ReadSales(context.Background(), tx, actor, query, func(r *hotstate.SalesRow) error {
				got := fmt.Sprintln(r.Period.YearDay(), r.StoreID, *r.StoreName, *r.Description, r.AmountSold)
				store := fmt.Sprintf("%03d", row%stores+1)
				if want := fmt.Sprintln(row/stores+1, store, "Name of "+store, "Name of X", row/stores); got != want {
					t.Errorf("row %d: %swant %s", row, got, want)
					return enough
				}
				if row++; row == end && end < stores*days {
					return enough // the reader may go away
				}
				return nil
			})
		})
		if row != end || end == stores*days && err != nil || end < stores*days && err != enough { // the connection is whole
			t.Errorf("%d rows, %v; want %d", row, err, end)
		}
	}
}
