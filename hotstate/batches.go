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

// ClaimBatch takes accepted tickets that stand for themselves, in the order of their acceptance and behind the one with the
// id after, into a new batch. It gives ErrNotFound if there is nothing to claim now. Who claims one batch after the other
// need not go over the claimed ones each time, but should now and then begin with 0: a ticket may be accepted behind one
// with a higher id.
func ClaimBatch(ctx context.Context, tx pgx.Tx, after int64, size BatchSize, lease time.Duration) (Batch, []TicketToRecord, error) {
	return claimBatch(ctx, tx, forThemselves, after, size, lease)
}

// ClaimLinked does the same for tickets that undo others or redeem points. One whose original was accepted before it waits
// until that one is recorded; but not for ever, since the original may be stuck, and the ledger can undo later.
func ClaimLinked(ctx context.Context, tx pgx.Tx, size BatchSize, lease time.Duration) (Batch, []TicketToRecord, error) {
	return claimBatch(ctx, tx, linked+`
		and (received_at < now() - interval '1 hour' or not exists (
			select from unnest(t.undoes) as original (id)
			where (select o.state = 'accepted' and o.id < t.id from book.tickets o
				where o.transaction_id = original.id and o.retailer_id = t.retailer_id)))`,
		0, size, lease)
}

// Conditions on tickets t, in the words of the indexes tickets_to_record and tickets_linked (see migration 21). Claims are looked up in a
// subselect of their own: as a join, with a plan from when there were none, all of them were read for each ticket.
const (
	forThemselves = "case when state = 'accepted' then undoes = '{}' and not redeems end"
	linked        = "case when state = 'accepted' then undoes <> '{}' or redeems end"
	unclaimed     = "(select c.batch_id from book.claims c where c.ticket_id = t.id) is null"
)

// claimLock is the advisory lock of whoever claims, until the end of the transaction.
const claimLock = 0x74696c6c636c616d // "tillclam"

// lockClaims waits for the turn to claim.
func lockClaims(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(claimLock)); err != nil {
		return fmt.Errorf("wait for the turn to claim tickets: %w", err)
	}
	return nil
}

// claimBatch claims tickets that answer to a condition, which is a constant of this package. Recorders claim one after the
// other: each sees what the ones before it have claimed, and no ticket's row needs to be locked, which would be to write it.
func claimBatch(ctx context.Context, tx pgx.Tx, condition string, after int64, size BatchSize, lease time.Duration) (Batch, []TicketToRecord, error) {
	if err := lockClaims(ctx, tx); err != nil {
		return Batch{}, nil, err
	}
	// Sizes are known without reading the bodies: those that do not fit are not fetched. Why "id + 0" see migration 16.
	rows, err := tx.Query(ctx, `
		with waiting as materialized (
			select id, octet_length(body) as length, received_at
			from book.tickets t
			where id + 0 > $5 and `+unclaimed+` and `+condition+`
			order by id + 0
			limit $1
		), sized as (
			select *, sum(length) over (order by id) as bytes from waiting
		), chosen as (
			select id from sized
			where (bytes <= $2 or id = (select min(id) from waiting))
			  and (select count(*) = $1 or max(bytes) > $2 or min(received_at) <= $3
				or min(received_at) < now() - $6::interval or max(received_at) > now() + $6 -- a wrong clock holds up nothing
				from sized)
		), batch as (
			insert into book.batches (lease_until) select now() + $4 where exists (select from chosen) returning batch_id
		), claimed as (
			insert into book.claims (ticket_id, batch_id) select id, batch_id from chosen, batch
		)
		select batch_id, id, ticket_key, retailer_id, seed, body
		from batch, chosen, lateral (
			select ticket_key, retailer_id, seed, body from book.tickets where tickets.id = chosen.id offset 0) as ticket
		order by id`, size.Tickets, size.Bytes, time.Now().Add(-size.Wait), lease, after, dated)
	if err != nil {
		return Batch{}, nil, fmt.Errorf("claim tickets: %w", err)
	}
	var batch Batch
	tickets, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (TicketToRecord, error) {
		return scanToRecord(row, &batch.ID)
	})
	if err != nil {
		return Batch{}, nil, fmt.Errorf("claim tickets: %w", err)
	}
	if len(tickets) == 0 {
		return Batch{}, nil, ErrNotFound
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
			where state in ('claimed', 'endorsed') and `+leaseOver+`
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
		update book.claims c set batch_id = apart.batch_id
		from apart
		where c.ticket_id = any ($2) and c.batch_id = $1`, batchID, tickets, wait)
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
			delete from book.claims c using open where c.batch_id = open.batch_id
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
		with ended as (
			update book.tickets t set state = 'rejected', reason = r.reason
			from unnest($1::bigint[], $2::text[]) as r (id, reason)
			where t.id = r.id and t.state = 'accepted'
			returning t.id
		)
		delete from book.claims where ticket_id = any (array (select id from ended))`, ids, texts)
	if err != nil {
		return fmt.Errorf("reject tickets: %w", err)
	}
	return nil
}

// SettleTickets marks tickets as recorded that the view has already, as after book was restored from a backup.
func SettleTickets(ctx context.Context, db DB, ids []int64) error {
	_, err := db.Exec(ctx, `
		with ended as (
			update book.tickets t
			set state = 'recorded', block = v.block, tx_id = v.tx_id, seed = null, body = null
			from view.tickets v
			where t.id = any ($1) and t.state = 'accepted' and v.ticket_key = t.ticket_key
			returning t.id
		)
		delete from book.claims where ticket_id = any (array (select id from ended))`, ids)
	if err != nil {
		return fmt.Errorf("settle tickets: %w", err)
	}
	return nil
}

// TicketsOfBatch gives the accepted tickets of a batch.
func TicketsOfBatch(ctx context.Context, db DB, batchID int64) ([]TicketToRecord, error) {
	rows, err := db.Query(ctx, `
		select batch_id, id, ticket_key, retailer_id, seed, body
		from book.claims join book.tickets on id = ticket_id
		where batch_id = $1 and state = 'accepted'
		order by id`, batchID)
	if err != nil {
		return nil, fmt.Errorf("read the tickets of a batch: %w", err)
	}
	tickets, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (TicketToRecord, error) {
		return scanToRecord(row, &batchID)
	})
	if err != nil {
		return nil, fmt.Errorf("read the tickets of a batch: %w", err)
	}
	return tickets, nil
}

func scanToRecord(row pgx.CollectableRow, batchID *int64) (TicketToRecord, error) {
	var t TicketToRecord
	var key, seed []byte
	if err := row.Scan(batchID, &t.ID, &key, &t.RetailerID, &seed, &t.Canonical); err != nil {
		return t, err
	}
	t.Key, t.Seed = [32]byte(key), [32]byte(seed)
	return t, nil
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
