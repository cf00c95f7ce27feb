package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// TillKey is a till's bearer key, as it is shown: without the key.
type TillKey struct {
	KeyID     string     `json:"keyId"`
	StoreID   string     `json:"storeId"`
	CreatedAt time.Time  `json:"createdAt"`
	RevokedAt *time.Time `json:"revokedAt,omitempty"`
}

const tillKeyColumns = "key_id::text, store_id, created_at, revoked_at"

// CreateTillKey keeps a new key's SHA-256 for a registered store, or gives ErrNotFound.
func CreateTillKey(ctx context.Context, db DB, storeID string, keyHash []byte) (TillKey, error) {
	rows, err := db.Query(ctx, "insert into book.till_keys (store_id, key_hash) values ($1, $2) returning "+tillKeyColumns,
		storeID, keyHash)
	if err != nil {
		return TillKey{}, fmt.Errorf("create till key: %w", err)
	}
	key, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[TillKey])
	var violation *pgconn.PgError
	if errors.As(err, &violation) && violation.Code == "23503" { // foreign_key_violation
		err = ErrNotFound
	}
	if err != nil {
		return TillKey{}, fmt.Errorf("create till key: %w", err)
	}
	return key, nil
}

// ListTillKeys gives a page of a store's keys, or of every store's if storeID is empty; the revoked ones too.
func ListTillKeys(ctx context.Context, db DB, storeID string, page Page) ([]TillKey, error) {
	rows, err := db.Query(ctx, "select "+tillKeyColumns+` from book.till_keys
		where ($1 = '' or store_id = $1) and (store_id, key_id::text) > ($2, $3)
			and strpos(lower(store_id || ' ' || key_id::text), lower($4)) > 0
		order by store_id, key_id::text limit $5`, storeID, page.after(0), page.after(1), page.Search, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("list till keys: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TillKey])
}

// RevokeTillKey ends a key of a store, or gives ErrNotFound. To revoke it again changes nothing.
func RevokeTillKey(ctx context.Context, db DB, storeID, keyID string) error {
	tag, err := db.Exec(ctx, `
		update book.till_keys set revoked_at = coalesce(revoked_at, now()) where store_id = $1 and key_id::text = $2`,
		storeID, keyID)
	if err != nil {
		return fmt.Errorf("revoke till key: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("revoke till key: %w", ErrNotFound)
	}
	return nil
}

// TillKeyByHash finds a key that is in force, or ErrNotFound.
func TillKeyByHash(ctx context.Context, db DB, keyHash []byte) (TillKey, error) {
	rows, err := db.Query(ctx, "select "+tillKeyColumns+` from book.till_keys
		where key_hash = $1 and revoked_at is null`, keyHash)
	if err != nil {
		return TillKey{}, fmt.Errorf("find till key: %w", err)
	}
	key, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[TillKey])
	if err != nil {
		return TillKey{}, fmt.Errorf("find till key: %w", notFound(err))
	}
	return key, nil
}
