package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// User is a login of the query server: a role, and whose rows it may see.
type User struct {
	Username       string
	Role           string   // customer, store, manufacturer, auditor or admin
	PasswordHash   string   // PHC text, see package password
	StoreIDs       []string // of a store user, unless
	RetailerID     string   // it is a chain's head office
	ManufacturerID string
	LoyaltyID      string
}

// UserByName finds a user, or ErrNotFound.
func UserByName(ctx context.Context, db DB, username string) (User, error) {
	rows, err := db.Query(ctx, `
		select username, role, password_hash, store_ids,
			coalesce(retailer_id, ''), coalesce(manufacturer_id, ''), coalesce(loyalty_id, '')
		from book.users where username = $1`, username)
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", err)
	}
	user, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[User])
	if err != nil {
		return User{}, fmt.Errorf("read user: %w", notFound(err))
	}
	return user, nil
}

// ListUsers gives a page of the users, without their passwords' hashes. What is searched for is a part of a name, a role or
// an id that the user stands for.
func ListUsers(ctx context.Context, db DB, page Page) ([]User, error) {
	rows, err := db.Query(ctx, `
		select username, role, '', store_ids, coalesce(retailer_id, ''), coalesce(manufacturer_id, ''), coalesce(loyalty_id, '')
		from book.users
		where username > $1
			and strpos(lower(concat_ws(' ', username, role, array_to_string(store_ids, ' '), retailer_id, manufacturer_id, loyalty_id)), lower($2)) > 0
		order by username limit $3`, page.after(0), page.Search, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[User])
}

// UpsertUser writes a user and ends the user's sessions, which were begun with what held before.
func UpsertUser(ctx context.Context, db DB, user User) error {
	_, err := db.Exec(ctx, `
		with ended as (
			delete from book.sessions where username = $1
		)
		insert into book.users (username, role, password_hash, store_ids, retailer_id, manufacturer_id, loyalty_id)
		values ($1, $2, $3, coalesce($4::text[], '{}'), nullif($5, ''), nullif($6, ''), nullif($7, ''))
		on conflict (username) do update
		set role = excluded.role, password_hash = excluded.password_hash, store_ids = excluded.store_ids,
			retailer_id = excluded.retailer_id, manufacturer_id = excluded.manufacturer_id,
			loyalty_id = excluded.loyalty_id, changed_at = now()`,
		user.Username, user.Role, user.PasswordHash, user.StoreIDs, user.RetailerID, user.ManufacturerID, user.LoyaltyID)
	if err != nil {
		return fmt.Errorf("write user: %w", err)
	}
	return nil
}
