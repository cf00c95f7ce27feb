package hotstate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A Batch is a set of accepted tickets on their way to the ledger in one transaction. One recorder at a time works on
// it, for as long as it renews its lease.
type Batch struct {
	ID            int64
	TransactionID string // empty until it is endorsed
	Envelope      []byte // the signed transaction, nil until it is endorsed
	Attempts      int    // how often it was taken over
}

// A BatchSize bounds a batch. While there are fewer tickets, none are taken until the oldest has waited for Wait: a
// fuller batch is cheaper a ticket.
type BatchSize struct {
	Tickets int
	Bytes   int64 // of canonical tickets; one that is larger by itself makes a batch by itself
	Wait    time.Duration
}

// A TicketToRecord is an accepted ticket as a recorder needs it.
type TicketToRecord struct {
	ID         int64
	Key        [32]byte
	RetailerID string
	Seed       [32]byte
	Canonical  []byte
}

// ErrLeaseLost says that another recorder has taken a batch over.
var ErrLeaseLost = errors.New("another recorder has taken the batch over")

// ClaimBatch takes accepted tickets that stand for themselves, in the order of their acceptance, into a new batch. It gives
// ErrNotFound if there is nothing to claim now.
func ClaimBatch(ctx context.Context, tx pgx.Tx, size BatchSize, lease time.Duration) (Batch, []TicketToRecord, error) {
	return claimBatch(ctx, tx, "undoes = '{}' and not redeems", size, lease)
}

// ClaimLinked does the same for tickets that undo others or redeem points. One whose original was accepted before it waits
// until that one is recorded; but not for ever, since the original may be stuck, and the ledger can undo later.
func ClaimLinked(ctx context.Context, tx pgx.Tx, size BatchSize, lease time.Duration) (Batch, []TicketToRecord, error) {
	return claimBatch(ctx, tx, `(undoes <> '{}' or redeems)
		and (received_at < now() - interval '1 hour' or not exists (
			select from book.tickets o
			where o.retailer_id = t.retailer_id and o.transaction_id = any (t.undoes) and o.state = 'accepted' and o.id < t.id))`,
		size, lease)
}

// claimBatch claims tickets that answer to a condition, which is a constant of this package.
func claimBatch(ctx context.Context, tx pgx.Tx, condition string, size BatchSize, lease time.Duration) (Batch, []TicketToRecord, error) {
	// Sizes are known without reading the bodies: those that do not fit are not fetched.
	rows, err := tx.Query(ctx, `
		with locked as materialized (
			select id, ticket_key, retailer_id, seed, body, received_at
			from book.tickets t
			where state = 'accepted' and batch_id is null and `+condition+`
			order by id
			limit $1
			for update skip locked
		), sized as (
			select *, sum(octet_length(body)) over (order by id) as bytes from locked
		)
		select id, ticket_key, retailer_id, seed, body
		from sized
		where (bytes <= $2 or id = (select min(id) from locked))
		  and (select count(*) = $1 or max(bytes) > $2 or min(received_at) <= $3 from sized)
		order by id`, size.Tickets, size.Bytes, time.Now().Add(-size.Wait))
	if err != nil {
		return Batch{}, nil, fmt.Errorf("claim tickets: %w", err)
	}
	tickets, err := collectToRecord(rows)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("claim tickets: %w", err)
	}
	if len(tickets) == 0 {
		return Batch{}, nil, ErrNotFound
	}
	ids := make([]int64, len(tickets))
	for i := range tickets {
		ids[i] = tickets[i].ID
	}
	var batch Batch
	err = tx.QueryRow(ctx, `
		with batch as (
			insert into book.batches (lease_until) values (now() + $2) returning batch_id
		), claimed as (
			update book.tickets set batch_id = (select batch_id from batch) where id = any ($1)
		)
		select batch_id from batch`, ids, lease).Scan(&batch.ID)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("make a batch: %w", err)
	}
	return batch, tickets, nil
}

// TakeOverBatch takes a batch whose recorder let its lease run out, ErrNotFound if there is none.
func TakeOverBatch(ctx context.Context, db DB, lease time.Duration) (Batch, error) {
	var batch Batch
	var transactionID *string
	err := db.QueryRow(ctx, `
		update book.batches set lease_until = now() + $1, attempts = attempts + 1
		where batch_id = (
			select batch_id from book.batches
			where state in ('claimed', 'endorsed') and lease_until < now()
			order by lease_until limit 1
			for update skip locked)
		returning batch_id, tx_id, envelope, attempts`, lease).Scan(&batch.ID, &transactionID, &batch.Envelope, &batch.Attempts)
	if errors.Is(err, pgx.ErrNoRows) {
		return Batch{}, ErrNotFound
	}
	if err != nil {
		return Batch{}, fmt.Errorf("take over a batch: %w", err)
	}
	if transactionID != nil {
		batch.TransactionID = *transactionID
	}
	return batch, nil
}

// RenewLease keeps a batch from being taken over.
func RenewLease(ctx context.Context, db DB, batchID int64, lease time.Duration) error {
	return onOpenBatch(ctx, db, "renew the lease of", `
		update book.batches set lease_until = now() + $2
		where batch_id = $1 and state in ('claimed', 'endorsed')`, batchID, lease)
}

// SetApart moves tickets of a batch that is not endorsed yet to a batch of their own, which nobody takes over before wait.
func SetApart(ctx context.Context, db DB, batchID int64, tickets []int64, wait time.Duration) error {
	return onOpenBatch(ctx, db, "set tickets apart from", `
		with apart as (
			insert into book.batches (lease_until)
			select now() + $3 from book.batches where batch_id = $1 and state = 'claimed' for update
			returning batch_id
		)
		update book.tickets t set batch_id = apart.batch_id
		from apart
		where t.id = any ($2) and t.batch_id = $1 and t.state = 'accepted'`, batchID, tickets, wait)
}

// StoreEnvelope keeps the signed transaction of a batch, before it is submitted.
func StoreEnvelope(ctx context.Context, db DB, batch Batch) error {
	return onOpenBatch(ctx, db, "store the envelope of", `
		update book.batches set state = 'endorsed', tx_id = $2, envelope = $3, endorsed_at = now()
		where batch_id = $1 and state = 'claimed'`, batch.ID, batch.TransactionID, batch.Envelope)
}

// CommitBatch ends a batch whose tickets are all on the ledger, or rejected. That they are recorded is the projector's to
// say, together with the rows that show it; until then they stay accepted, and with this batch: nobody claims them again.
func CommitBatch(ctx context.Context, db DB, batchID int64) error {
	return onOpenBatch(ctx, db, "finish", `
		update book.batches set state = 'committed', envelope = null, detail = null
		where batch_id = $1 and state in ('claimed', 'endorsed')`, batchID)
}

// ReleaseBatch gives a batch up: its tickets that are not recorded can be claimed again, for a new transaction.
func ReleaseBatch(ctx context.Context, db DB, batchID int64, why string) error {
	return onOpenBatch(ctx, db, "release", `
		with open as (
			select batch_id from book.batches where batch_id = $1 and state in ('claimed', 'endorsed') for update
		), released as (
			update book.tickets t set batch_id = null from open where t.batch_id = open.batch_id and t.state = 'accepted'
		)
		update book.batches b set state = 'failed', envelope = null, detail = $2
		from open where b.batch_id = open.batch_id`, batchID, why)
}

// RejectTickets ends accepted tickets that the ledger will never take, with a reason that the store can read.
func RejectTickets(ctx context.Context, db DB, reasons map[int64]string) error {
	ids, texts := make([]int64, 0, len(reasons)), make([]string, 0, len(reasons))
	for id, reason := range reasons {
		ids, texts = append(ids, id), append(texts, reason)
	}
	_, err := db.Exec(ctx, `
		update book.tickets t set state = 'rejected', reason = r.reason, batch_id = null
		from unnest($1::bigint[], $2::text[]) as r (id, reason)
		where t.id = r.id and t.state = 'accepted'`, ids, texts)
	if err != nil {
		return fmt.Errorf("reject tickets: %w", err)
	}
	return nil
}

// SettleTickets marks tickets as recorded that the view has already, as after book was restored from a backup.
func SettleTickets(ctx context.Context, db DB, ids []int64) error {
	_, err := db.Exec(ctx, `
		update book.tickets t
		set state = 'recorded', block = v.block, tx_id = v.tx_id, seed = null, body = null
		from view.tickets v
		where t.id = any ($1) and t.state = 'accepted' and v.ticket_key = t.ticket_key`, ids)
	if err != nil {
		return fmt.Errorf("settle tickets: %w", err)
	}
	return nil
}

// TicketsOfBatch gives the accepted tickets of a batch.
func TicketsOfBatch(ctx context.Context, db DB, batchID int64) ([]TicketToRecord, error) {
	rows, err := db.Query(ctx, `
		select id, ticket_key, retailer_id, seed, body
		from book.tickets
		where batch_id = $1 and state = 'accepted'
		order by id`, batchID)
	if err != nil {
		return nil, fmt.Errorf("read the tickets of a batch: %w", err)
	}
	tickets, err := collectToRecord(rows)
	if err != nil {
		return nil, fmt.Errorf("read the tickets of a batch: %w", err)
	}
	return tickets, nil
}

func collectToRecord(rows pgx.Rows) ([]TicketToRecord, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (TicketToRecord, error) {
		var t TicketToRecord
		var key, seed []byte
		if err := row.Scan(&t.ID, &key, &t.RetailerID, &seed, &t.Canonical); err != nil {
			return t, err
		}
		t.Key, t.Seed = [32]byte(key), [32]byte(seed)
		return t, nil
	})
}

// onOpenBatch changes a batch that is still ours to change.
func onOpenBatch(ctx context.Context, db DB, what, sql string, batchID int64, args ...any) error {
	tag, err := db.Exec(ctx, sql, append([]any{batchID}, args...)...)
	if err != nil {
		return fmt.Errorf("%s batch %d: %w", what, batchID, err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("%s batch %d: %w", what, batchID, ErrLeaseLost)
	}
	return nil
}
