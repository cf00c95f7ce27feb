package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A CustomerRecord is what is registered of a member, and was asked for in the member's name.
type CustomerRecord struct {
	LoyaltyID    string                `json:"loyaltyId"`
	Name         *string               `json:"name,omitempty"`
	RegisteredAt *time.Time            `json:"registeredAt,omitempty"` // a member need not be registered
	Users        []RecordedUser        `json:"users"`
	Redemptions  []RequestedRedemption `json:"redemptions"`
	Transfers    []RequestedTransfer   `json:"transfers"`
}

// A RecordedUser is a login for the member.
type RecordedUser struct {
	Username  string    `json:"username"`
	Role      string    `json:"role"`
	ChangedAt time.Time `json:"changedAt"`
}

// A RequestedRedemption is one that a till asked for.
type RequestedRedemption struct {
	ID           string    `json:"redemptionId"`
	StoreID      string    `json:"storeId"`
	Points       int64     `json:"points"`
	CurrencyCode string    `json:"currencyCode"`
	Refusal      *string   `json:"refusal,omitempty"`
	CreatedAt    time.Time `json:"createdAt"`
}

// A RequestedTransfer is one that the member asked for.
type RequestedTransfer struct {
	ID          string    `json:"transferId"`
	ToLoyaltyID *string   `json:"toLoyaltyId,omitempty"` // none: that member was forgotten
	Points      int64     `json:"points"`
	Refusal     *string   `json:"refusal,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
}

// ReadCustomerRecord reads the actor's own.
func ReadCustomerRecord(ctx context.Context, tx pgx.Tx, actor Actor) (CustomerRecord, error) {
	record := CustomerRecord{LoyaltyID: actor.LoyaltyID}
	if actor.Role != RoleCustomer {
		return record, ErrRole
	}
	err := tx.QueryRow(ctx, `select name, registered_at from book.customers where loyalty_id = $1`, actor.LoyaltyID).
		Scan(&record.Name, &record.RegisteredAt)
	if err := notFound(err); err != nil && !errors.Is(err, ErrNotFound) {
		return record, fmt.Errorf("read a customer's registration: %w", err)
	}
	if record.Users, err = readOwn[RecordedUser](ctx, tx, actor, `
		select username, role, changed_at from book.users where loyalty_id = $1 order by username`); err != nil {
		return record, fmt.Errorf("read a customer's users: %w", err)
	}
	if record.Redemptions, err = readOwn[RequestedRedemption](ctx, tx, actor, `
		select redemption_id::text, store_id, points, currency_code, refusal, created_at
		from book.redemptions where loyalty_id = $1 order by created_at`); err != nil {
		return record, fmt.Errorf("read a customer's redemptions: %w", err)
	}
	if record.Transfers, err = readOwn[RequestedTransfer](ctx, tx, actor, `
		select transfer_id::text, to_loyalty_id, points, refusal, created_at
		from book.transfers where from_loyalty_id = $1 order by created_at`); err != nil {
		return record, fmt.Errorf("read a customer's transfers: %w", err)
	}
	return record, nil
}

func readOwn[T any](ctx context.Context, tx pgx.Tx, actor Actor, sql string) ([]T, error) {
	rows, err := tx.Query(ctx, sql, actor.LoyaltyID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

// ReadOwnTickets gives all tickets of the actor, oldest trading day first.
func ReadOwnTickets(ctx context.Context, tx pgx.Tx, actor Actor, yield func(transactionID string, document TicketDocument) error) error {
	if actor.Role != RoleCustomer {
		return ErrRole
	}
	rows, err := tx.Query(ctx, `
		select transaction_id::text, retailer_id, 'recorded', points, null::timestamptz, recorded_at, block, tx_id, trade, person,
		       business_day, sequence_number
		from view.tickets
		where loyalty_id = $1
		union all
		select transaction_id::text, retailer_id, state, case state when 'accepted' then pending_points else 0 end, received_at,
		       null, null, null, body, null, business_day, sequence_number
		from book.tickets
		where state <> 'recorded' and loyalty_id = $1
		order by business_day, sequence_number`, actor.LoyaltyID)
	if err != nil {
		return fmt.Errorf("read a customer's tickets: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var d TicketDocument
		err := rows.Scan(&id, &d.RetailerID, &d.Status, &d.Points, &d.ReceivedAt, &d.RecordedAt, &d.Block, &d.TxID, &d.Trade, &d.Person, nil, nil)
		if err != nil {
			return fmt.Errorf("read a customer's tickets: %w", err)
		}
		if err := yield(id, d); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read a customer's tickets: %w", err)
	}
	return nil
}
