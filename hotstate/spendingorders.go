package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// What an order wants done to an account.
const (
	OrderHold     = "hold"
	OrderCapture  = "capture"
	OrderRelease  = "release"
	OrderTransfer = "transfer"
	OrderSweep    = "sweep" // what is over: holds and points
)

// A SpendingOrder is something to be done to a member's account on the ledger. Orders of one member are carried out in turn,
// since two transactions that change one account's head cannot both be valid.
type SpendingOrder struct {
	ID        int64
	LoyaltyID string
	Action    string
	Subject   string // the redemption or transfer; of a sweep the hold
	Attempts  int    // the one begun now included
}

// AddOrder puts an order at the end of its member's queue. The same again changes nothing.
func AddOrder(ctx context.Context, db DB, loyaltyID, action, subject string) error {
	_, err := db.Exec(ctx, `
		insert into book.spending_orders (loyalty_id, action, subject) values ($1, $2, $3)
		on conflict (subject, action) do nothing`, loyaltyID, action, subject)
	if err != nil {
		return fmt.Errorf("add a spending order: %w", err)
	}
	return nil
}

// TakeOrder takes the oldest order of a member none of whose orders is being worked on, or gives ErrNotFound. Who took it
// has until the lease ends. The lock makes a second collector look again at a row that the first has just leased.
func TakeOrder(ctx context.Context, db DB, lease time.Duration) (SpendingOrder, error) {
	var order SpendingOrder
	err := db.QueryRow(ctx, `
		update book.spending_orders set lease_until = now() + $1, attempts = attempts + 1
		where order_id = (
			select o.order_id from book.spending_orders o
			where `+leaseOver+`
			  and not exists (select from book.spending_orders e where e.loyalty_id = o.loyalty_id and e.order_id < o.order_id)
			order by o.order_id limit 1
			for update skip locked)
		returning order_id, loyalty_id, action, subject::text, attempts`, lease).
		Scan(&order.ID, &order.LoyaltyID, &order.Action, &order.Subject, &order.Attempts)
	if errors.Is(err, pgx.ErrNoRows) {
		return order, ErrNotFound
	}
	if err != nil {
		return order, fmt.Errorf("take a spending order: %w", err)
	}
	return order, nil
}

// FinishOrder ends an order: the next one of its member can be taken.
func FinishOrder(ctx context.Context, db DB, id int64) error {
	if _, err := db.Exec(ctx, `delete from book.spending_orders where order_id = $1`, id); err != nil {
		return fmt.Errorf("finish a spending order: %w", err)
	}
	return nil
}

// PostponeOrder lets go of an order, to be taken again when the time has passed.
func PostponeOrder(ctx context.Context, db DB, id int64, wait time.Duration) error {
	_, err := db.Exec(ctx, `update book.spending_orders set lease_until = now() + $2 where order_id = $1`, id, wait)
	if err != nil {
		return fmt.Errorf("postpone a spending order: %w", err)
	}
	return nil
}

// HasOrder tells whether an order for a subject is still to be carried out.
func HasOrder(ctx context.Context, db DB, action, subject string) (bool, error) {
	var has bool
	err := db.QueryRow(ctx, `select exists (select from book.spending_orders where subject = $1 and action = $2)`,
		subject, action).Scan(&has)
	if err != nil {
		return false, fmt.Errorf("look for a spending order: %w", err)
	}
	return has, nil
}

// OrderSweeps asks for holds whose time is over to be released, up to so many. The ledger's clock is the transaction's,
// and may be behind: grace keeps a sweep from coming too early.
func OrderSweeps(ctx context.Context, db DB, grace time.Duration, limit int) (int64, error) {
	tag, err := db.Exec(ctx, `
		insert into book.spending_orders (loyalty_id, action, subject)
		select loyalty_id, 'sweep', hold_id from view.holds
		where state = 'held' and expires_at < now() - $1::interval and loyalty_id is not null
		order by expires_at limit $2
		on conflict (subject, action) do nothing`, grace, limit)
	if err != nil {
		return 0, fmt.Errorf("order sweeps: %w", err)
	}
	return tag.RowsAffected(), nil
}
