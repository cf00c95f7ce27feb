package registration

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// CheckCustomer says what is wrong with a customer's row.
func CheckCustomer(customer *hotstate.Customer) *problem.Problem {
	var c checker
	c.id("/loyaltyId", customer.LoyaltyID)
	c.optionalName("/name", customer.Name)
	return c.problem()
}

// PutCustomers registers checked rows.
func (s *Service) PutCustomers(ctx context.Context, rows []hotstate.Customer) (results []Result[hotstate.Customer], err error) {
	err = s.inOrder(ctx, "customers", func(tx pgx.Tx) error {
		known, err := hotstate.CustomersByID(ctx, tx, unique(rows, loyaltyID))
		if err != nil {
			return err
		}
		sheet := newSheet(known)
		for _, row := range rows {
			results = append(results, sheet.judge(row.LoyaltyID, row, equal))
		}
		return hotstate.UpsertCustomers(ctx, tx, sheet.changed())
	})
	return results, err
}

func loyaltyID(customer hotstate.Customer) string { return customer.LoyaltyID }
