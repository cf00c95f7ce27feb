package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// KnowsMember tells whether anything is held about a loyalty id.
func KnowsMember(ctx context.Context, db DB, loyaltyID string) (bool, error) {
	var known bool
	err := db.QueryRow(ctx, `
		select exists (select from book.customers where loyalty_id = $1)
		    or exists (select from book.users where loyalty_id = $1)
		    or exists (select from book.tickets where loyalty_id = $1)
		    or exists (select from book.redemptions where loyalty_id = $1)
		    or exists (select from book.transfers where from_loyalty_id = $1 or to_loyalty_id = $1)
		    or exists (select from view.tickets where loyalty_id = $1)
		    or exists (select from view.points_balances where loyalty_id = $1)
		    or exists (select from view.points_members where loyalty_id = $1)`, loyaltyID).Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for a member: %w", err)
	}
	return known, nil
}

// ForgetRegistration ends a member's registration and logins, whose sessions end with them.
func ForgetRegistration(ctx context.Context, tx pgx.Tx, loyaltyID string) error {
	return forget(ctx, tx, loyaltyID,
		`delete from book.customers where loyalty_id = $1`,
		`delete from book.users where loyalty_id = $1`)
}

// ForgetOrders takes a member's orders to the ledger back. What they were for is refused as if there were no points.
func ForgetOrders(ctx context.Context, tx pgx.Tx, loyaltyID string) error {
	return forget(ctx, tx, loyaltyID,
		`update book.redemptions r set refusal = 'insufficient-points'
		 from book.spending_orders o
		 where o.loyalty_id = $1 and o.action = 'hold' and r.redemption_id = o.subject and r.refusal is null`,
		`update book.transfers t set refusal = 'insufficient-points'
		 from book.spending_orders o
		 where o.loyalty_id = $1 and o.action = 'transfer' and t.transfer_id = o.subject and t.refusal is null`,
		`delete from book.spending_orders where loyalty_id = $1`)
}

// ClearMember takes a member out of the book and the view, and ends the erasure's own knowledge. It leaves what came after the
// request: accepted tickets, and a new registration. The view is afterwards what the ledger, without the key, would make of it.
//
// The lock on the checkpoint, which the projector takes before all others, keeps it from naming the member meanwhile.
func ClearMember(ctx context.Context, tx pgx.Tx, e Erasure) error {
	if _, err := tx.Exec(ctx, "lock table view.checkpoint in exclusive mode"); err != nil {
		return fmt.Errorf("clear a member: %w", err)
	}
	if err := ForgetOrders(ctx, tx, e.LoyaltyID); err != nil {
		return err
	}
	if err := clearView(ctx, tx, e); err != nil {
		return err
	}
	err := forget(ctx, tx, e.LoyaltyID,
		// Hashes of bodies go as well: who holds the key of the hashes could try loyalty ids on them.
		`update book.redemptions set loyalty_id = null, body_hash = '' where loyalty_id = $1`,
		`update book.transfers
		 set from_loyalty_id = null, body_hash = '', caller = 'erased', idempotency_key = transfer_id
		 where from_loyalty_id = $1`,
		`update book.transfers set to_loyalty_id = null, body_hash = '' where to_loyalty_id = $1`)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from book.erasure_tickets where erasure_id = $1`, e.ID)
	if err == nil {
		_, err = tx.Exec(ctx, `
			update book.erasures set state = 'cleared', step = '', loyalty_id = null, account = null, key_id = null
			where erasure_id = $1 and state = 'running'`, e.ID)
	}
	if err != nil {
		return fmt.Errorf("clear an erasure: %w", err)
	}
	return nil
}

// clearView takes from the view what only the member's key could tell: whose tickets and points they are, and which entry is
// of which ticket. An undo is joined to its ticket by the purchase that it undoes, so it goes with the purchase, too.
func clearView(ctx context.Context, tx pgx.Tx, e Erasure) error {
	_, err := tx.Exec(ctx, `
		update view.points_entries set ticket_key = null
		where ticket_key in (select ticket_key from book.erasure_tickets where erasure_id = $1)
		   or account = $2 and kind = 'undo'`, e.ID, e.Account)
	if err == nil { // of a hold that one of these tickets captured, the till is known no more, as of one that a store captured by itself
		_, err = tx.Exec(ctx, `
			update view.redemptions r
			set workstation_id = '', business_day = (
				select (max(x.at) at time zone s.time_zone)::date from view.transactions x where x.block = r.block)
			from view.holds h, book.stores s
			where h.hold_id = r.hold_id and h.account = $2 and s.store_id = r.store_id
			  and (r.store_id, r.workstation_id, r.block) in (
				select t.store_id, t.workstation_id, t.block
				from view.tickets t join book.erasure_tickets e using (ticket_key) where e.erasure_id = $1)`, e.ID, e.Account)
	}
	if err == nil {
		_, err = tx.Exec(ctx, `
			update view.openings set person_secret = null
			where ticket_key in (select ticket_key from book.erasure_tickets where erasure_id = $1)`, e.ID)
	}
	if err != nil {
		return fmt.Errorf("clear the view of a member: %w", err)
	}
	return forget(ctx, tx, e.LoyaltyID,
		`update view.tickets set loyalty_id = null, person = null, points = 0 where loyalty_id = $1`,
		`update view.points_entries set loyalty_id = null where loyalty_id = $1`,
		`update view.points_buckets set loyalty_id = null where loyalty_id = $1`,
		`update view.holds set loyalty_id = null where loyalty_id = $1`,
		`delete from view.points_balances where loyalty_id = $1`,
		`delete from view.points_members where loyalty_id = $1`)
}

func forget(ctx context.Context, tx pgx.Tx, loyaltyID string, statements ...string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement, loyaltyID); err != nil {
			return fmt.Errorf("forget a member: %w", err)
		}
	}
	return nil
}
