package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Redemption is points that a till wants to be kept aside for a purchase.
type Redemption struct {
	ID           string // UUID, also the hold's on the ledger
	StoreID      string
	RetailerID   string // the store's; read only
	LoyaltyID    string // empty once the member is forgotten
	Points       int64
	CurrencyCode string
	Refusal      string // why the ledger did not hold the points

	// As the view has them from the ledger; read only.
	State     string // empty: the ledger has no such hold, or not yet
	Captured  int64
	ExpiresAt time.Time
}

// A SpendingRequest is how a redemption or transfer came in: the same key again means the same one.
type SpendingRequest struct {
	Caller   string
	Key      string // UUID
	BodyHash []byte // keyed
}

// InsertRedemption keeps a new redemption. It is false if the request's key was used before; codeUsed is true if the member
// code was. A code hash of nil stands for no code.
func InsertRedemption(ctx context.Context, tx pgx.Tx, r Redemption, request SpendingRequest, codeHash []byte) (inserted, codeUsed bool, err error) {
	tag, err := tx.Exec(ctx, `
		insert into book.redemptions (redemption_id, store_id, loyalty_id, points, currency_code, code_hash, caller,
			idempotency_key, body_hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict do nothing`,
		r.ID, r.StoreID, r.LoyaltyID, r.Points, r.CurrencyCode, codeHash, request.Caller, request.Key, request.BodyHash)
	if err != nil {
		return false, false, fmt.Errorf("keep a redemption: %w", err)
	}
	if tag.RowsAffected() > 0 {
		return true, false, nil
	}
	err = tx.QueryRow(ctx, `
		select not exists (select from book.redemptions where caller = $1 and idempotency_key = $2)`,
		request.Caller, request.Key).Scan(&codeUsed)
	if err != nil {
		return false, false, fmt.Errorf("keep a redemption: %w", err)
	}
	return false, codeUsed, nil
}

const redemptionColumns = `
	select r.redemption_id::text, r.store_id, s.retailer_id, coalesce(r.loyalty_id, ''), r.points, r.currency_code,
	       coalesce(r.refusal, ''), coalesce(h.state, ''), coalesce(h.captured, 0), h.expires_at`

const redemptionTables = `
	from book.redemptions r
	join book.stores s using (store_id)
	left join view.holds h on h.hold_id = r.redemption_id `

// RedemptionByID reads a redemption and how it stands on the ledger, or gives ErrNotFound.
func RedemptionByID(ctx context.Context, db DB, id string) (Redemption, error) {
	r, _, err := readRedemption(db.QueryRow(ctx, redemptionColumns+", r.body_hash"+redemptionTables+
		"where r.redemption_id = $1", id))
	return r, err
}

// RedemptionByRequest reads the redemption that a request's key was used for, and what the body's hash was then.
func RedemptionByRequest(ctx context.Context, db DB, request SpendingRequest) (Redemption, []byte, error) {
	return readRedemption(db.QueryRow(ctx, redemptionColumns+", r.body_hash"+redemptionTables+
		"where r.caller = $1 and r.idempotency_key = $2", request.Caller, request.Key))
}

func readRedemption(row pgx.Row) (r Redemption, bodyHash []byte, err error) {
	var expires *time.Time
	err = row.Scan(&r.ID, &r.StoreID, &r.RetailerID, &r.LoyaltyID, &r.Points, &r.CurrencyCode, &r.Refusal, &r.State,
		&r.Captured, &expires, &bodyHash)
	if err != nil {
		return r, nil, fmt.Errorf("read a redemption: %w", notFound(err))
	}
	if expires != nil {
		r.ExpiresAt = expires.UTC()
	}
	return r, bodyHash, nil
}

// RefuseRedemption notes why the ledger did not hold the points.
func RefuseRedemption(ctx context.Context, db DB, id, why string) error {
	if _, err := db.Exec(ctx, `update book.redemptions set refusal = $2 where redemption_id = $1`, id, why); err != nil {
		return fmt.Errorf("refuse a redemption: %w", err)
	}
	return nil
}
