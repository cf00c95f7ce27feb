package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A Transfer is points that one member gives another.
type Transfer struct {
	ID       string // UUID, also its id on the ledger
	From, To string // loyalty ids, empty once the member is forgotten
	Points   int64
	Refusal  string // why the ledger did not take it
	Done     bool   // the view has it from the ledger; read only
}

// InsertTransfer keeps a new transfer. It is false if the request's key was used before.
func InsertTransfer(ctx context.Context, tx pgx.Tx, t Transfer, request SpendingRequest) (bool, error) {
	tag, err := tx.Exec(ctx, `
		insert into book.transfers (transfer_id, from_loyalty_id, to_loyalty_id, points, caller, idempotency_key, body_hash)
		values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (caller, idempotency_key) do nothing`,
		t.ID, t.From, t.To, t.Points, request.Caller, request.Key, request.BodyHash)
	if err != nil {
		return false, fmt.Errorf("keep a transfer: %w", err)
	}
	return tag.RowsAffected() > 0, nil
}

const transferColumns = `
	select t.transfer_id::text, coalesce(t.from_loyalty_id, ''), coalesce(t.to_loyalty_id, ''), t.points,
	       coalesce(t.refusal, ''), v.transfer_id is not null, t.body_hash
	from book.transfers t left join view.transfers v using (transfer_id) `

// TransferByID reads a transfer, or gives ErrNotFound.
func TransferByID(ctx context.Context, db DB, id string) (Transfer, error) {
	t, _, err := readTransfer(db.QueryRow(ctx, transferColumns+"where t.transfer_id = $1", id))
	return t, err
}

// TransferByRequest reads the transfer that a request's key was used for, and what the body's hash was then.
func TransferByRequest(ctx context.Context, db DB, request SpendingRequest) (Transfer, []byte, error) {
	return readTransfer(db.QueryRow(ctx, transferColumns+"where t.caller = $1 and t.idempotency_key = $2",
		request.Caller, request.Key))
}

func readTransfer(row pgx.Row) (t Transfer, bodyHash []byte, err error) {
	if err := row.Scan(&t.ID, &t.From, &t.To, &t.Points, &t.Refusal, &t.Done, &bodyHash); err != nil {
		return t, nil, fmt.Errorf("read a transfer: %w", notFound(err))
	}
	return t, bodyHash, nil
}

// RefuseTransfer notes why the ledger did not take a transfer.
func RefuseTransfer(ctx context.Context, db DB, id, why string) error {
	if _, err := db.Exec(ctx, `update book.transfers set refusal = $2 where transfer_id = $1`, id, why); err != nil {
		return fmt.Errorf("refuse a transfer: %w", err)
	}
	return nil
}
