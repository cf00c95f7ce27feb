package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// foldAtLeast is how many credits a spending folds where there are as many: the next one finds fewer to read.
const foldAtLeast = 20

// CreditsToFold chooses which credits of an account a spending of so many points should fold into its head: those that
// expire soonest first, as many as it takes beyond what the head has, at most limit, and none of those already done. The
// view may lag behind the ledger: a choice that is not enough makes the spending fail, and never makes it wrong.
func CreditsToFold(ctx context.Context, db DB, account [16]byte, spend int64, limit int, done []string) ([]string, error) {
	rows, err := db.Query(ctx, `
		with wanted as (
			select $2 - coalesce((select available from view.points_heads where account = $1), 0)
			          - coalesce((select sum(points) from view.points_entries where account = $1 and not folded and points < 0), 0)
				as points
		), in_turn as (
			select entry_id, row_number() over turn as place, sum(points) over turn - points as before
			from view.points_entries
			where account = $1 and not folded and points > 0 and encode(entry_id, 'hex') <> all (coalesce($5::text[], '{}'))
			window turn as (order by nullif(expiry_month, 0) nulls last, block, entry_id)
		)
		select encode(entry_id, 'hex')
		from in_turn, wanted
		where place <= $3 and (before < wanted.points or place <= $4)
		order by place`, account[:], spend, limit, foldAtLeast, done)
	if err != nil {
		return nil, fmt.Errorf("choose credits to fold: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("choose credits to fold: %w", err)
	}
	return ids, nil
}

// MemberIsKnown tells whether a loyalty id is registered, or has an account from tickets or transfers.
func MemberIsKnown(ctx context.Context, db DB, loyaltyID string) (bool, error) {
	var known bool
	err := db.QueryRow(ctx, `
		select exists (select from book.customers where loyalty_id = $1)
		    or exists (select from view.points_balances where loyalty_id = $1)`, loyaltyID).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for a member: %w", err)
	}
	return known, nil
}
