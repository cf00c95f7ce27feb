package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Customer is a registered member of the loyalty programme.
type Customer struct {
	LoyaltyID string `json:"loyaltyId"`
	Name      string `json:"name,omitempty"` // optional
}

const customerColumns = "loyalty_id, coalesce(name, '')"

// CustomersByID gives those of the customers that are registered.
func CustomersByID(ctx context.Context, db DB, ids []string) (map[string]Customer, error) {
	rows, err := db.Query(ctx, "select "+customerColumns+" from book.customers where loyalty_id = any($1)", ids)
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	customers, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Customer])
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	byID := make(map[string]Customer, len(customers))
	for _, customer := range customers {
		byID[customer.LoyaltyID] = customer
	}
	return byID, nil
}

// ListCustomers gives a page of the customers.
func ListCustomers(ctx context.Context, db DB, page Page) ([]Customer, error) {
	rows, err := db.Query(ctx, "select "+customerColumns+` from book.customers
		where loyalty_id > $1 and strpos(lower(concat_ws(' ', loyalty_id, name)), lower($2)) > 0
		order by loyalty_id limit $3`, page.after(0), page.Search, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("list customers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Customer])
}

// UpsertCustomers writes customers, each id once.
func UpsertCustomers(ctx context.Context, db DB, customers []Customer) error {
	var ids, names []string
	for _, customer := range customers {
		ids = append(ids, customer.LoyaltyID)
		names = append(names, customer.Name)
	}
	_, err := db.Exec(ctx, `
		insert into book.customers (loyalty_id, name)
		select loyalty_id, nullif(name, '') from unnest($1::text[], $2::text[]) as t (loyalty_id, name)
		on conflict (loyalty_id) do update set name = excluded.name`, ids, names)
	if err != nil {
		return fmt.Errorf("write customers: %w", err)
	}
	return nil
}
