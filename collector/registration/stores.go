package registration

import (
	"context"
	"net/http"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// CheckStore fills in the defaults of a store's row and says what is wrong with it.
func CheckStore(store *hotstate.Store) *problem.Problem {
	if store.RetailerID == "" {
		store.RetailerID = DefaultRetailer
	}
	if store.TimeZone == "" {
		store.TimeZone = "UTC"
	}
	var c checker
	c.id("/storeId", store.StoreID)
	c.name("/name", store.Name)
	c.id("/retailerId", store.RetailerID)
	c.timeZone("/timeZone", store.TimeZone)
	c.optionalCurrency("/currencyCode", store.CurrencyCode)
	return c.problem()
}

// PutStores registers checked rows. A store stays with its retailer.
func (s *Service) PutStores(ctx context.Context, rows []hotstate.Store) (results []Result[hotstate.Store], err error) {
	err = s.inOrder(ctx, "stores", func(tx pgx.Tx) error {
		known, err := hotstate.StoresByID(ctx, tx, unique(rows, storeID))
		if err != nil {
			return err
		}
		sheet := newSheet(known)
		for _, row := range rows {
			if before, ok := sheet.rows[row.StoreID]; ok && before.RetailerID != row.RetailerID {
				results = append(results, refused[hotstate.Store](retailerFixed(before)))
				continue
			}
			results = append(results, sheet.judge(row.StoreID, row, equal))
		}
		return hotstate.UpsertStores(ctx, tx, sheet.changed())
	})
	return results, err
}

func storeID(store hotstate.Store) string { return store.StoreID }

func retailerFixed(before hotstate.Store) *problem.Problem {
	p := problem.New(http.StatusConflict, "retailer-fixed", "A store's retailer cannot change",
		"store %q belongs to retailer %q, and the ledger keys of its tickets depend on it; register the store under another id",
		before.StoreID, before.RetailerID)
	p.Errors = []problem.Field{{Pointer: "/retailerId", Rule: "retailer-fixed", Detail: "is not " + before.RetailerID}}
	return p
}
