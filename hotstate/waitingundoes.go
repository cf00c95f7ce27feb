package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// RecordedKeys gives the ledger keys of those of a retailer's transactions that are recorded. The book knows them; the view
// knows also those from before a book that was restored from a backup.
func RecordedKeys(ctx context.Context, db DB, retailerID string, transactionIDs []string) (map[string][32]byte, error) {
	rows, err := db.Query(ctx, `
		select transaction_id::text, ticket_key from view.tickets
		where transaction_id = any ($2::text[]::uuid[]) and retailer_id = $1
		union
		select transaction_id::text, ticket_key from book.tickets
		where transaction_id = any ($2::text[]::uuid[]) and retailer_id = $1 and state = 'recorded'`, retailerID, transactionIDs)
	if err != nil {
		return nil, fmt.Errorf("look for originals: %w", err)
	}
	keys := make(map[string][32]byte, len(transactionIDs))
	var id string
	var key []byte
	_, err = pgx.ForEachRow(rows, []any{&id, &key}, func() error {
		keys[id] = [32]byte(key)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for originals: %w", err)
	}
	return keys, nil
}

// A LedgerRemark is what the ledger had to say of a ticket that it is about to record.
type LedgerRemark struct {
	TicketID int64
	Flags    string
	Waits    []string // transaction ids of originals that it waits for
}

// KeepRemarks keeps them, before the ledger's transaction is submitted: what waits must not be forgotten once it is.
func KeepRemarks(ctx context.Context, tx pgx.Tx, remarks []LedgerRemark) error {
	var batch pgx.Batch
	for _, remark := range remarks {
		batch.Queue(`update book.tickets set flags = $2 where id = $1`, remark.TicketID, remark.Flags)
		batch.Queue(`
			insert into book.waiting_undoes (ticket_key, retailer_id, original)
			select t.ticket_key, t.retailer_id, o.original::uuid
			from book.tickets t, unnest($2::text[]) as o (original)
			where t.id = $1
			on conflict do nothing`, remark.TicketID, remark.Waits)
	}
	if batch.Len() == 0 {
		return nil
	}
	err := tx.SendBatch(ctx, &batch).Close()
	if err != nil {
		return fmt.Errorf("keep what the ledger said of tickets: %w", err)
	}
	return nil
}

// A WaitingUndo is a recorded ticket that is still to undo others.
type WaitingUndo struct {
	TicketKey  [32]byte
	RetailerID string
	Attempts   int // the one begun now included
}

// TakeWaitingUndoes takes up to limit tickets that wait for an original which is recorded by now, and looks again at none
// of them before the lease ends.
func TakeWaitingUndoes(ctx context.Context, db DB, limit int, lease time.Duration) ([]WaitingUndo, error) {
	rows, err := db.Query(ctx, `
		with due as (
			select w.ticket_key, w.original
			from book.waiting_undoes w
			where w.next_at not between now() and now() + interval '2 hours' -- none waits for longer than one: its clock was set back
			  and exists (select from book.tickets r where r.ticket_key = w.ticket_key and r.state = 'recorded')
			  and exists (select from book.tickets o
			              where o.transaction_id = w.original and o.retailer_id = w.retailer_id and o.state = 'recorded')
			order by w.next_at limit $1
			for update skip locked
		), taken as (
			update book.waiting_undoes w set attempts = attempts + 1, next_at = now() + $2
			from due where w.ticket_key = due.ticket_key and w.original = due.original
			returning w.ticket_key, w.retailer_id, w.attempts
		)
		select ticket_key, retailer_id, max(attempts) from taken group by 1, 2 order by 1`, limit, lease)
	if err != nil {
		return nil, fmt.Errorf("take undoes that wait: %w", err)
	}
	undoes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (u WaitingUndo, err error) {
		var key []byte
		if err = row.Scan(&key, &u.RetailerID, &u.Attempts); err == nil {
			u.TicketKey = [32]byte(key)
		}
		return u, err
	})
	if err != nil {
		return nil, fmt.Errorf("take undoes that wait: %w", err)
	}
	return undoes, nil
}

// CountSettling counts the undoes that wait although what they undo is recorded: they are about to be settled.
func CountSettling(ctx context.Context, db DB) (settling int64, err error) {
	err = db.QueryRow(ctx, `
		select count(*) from book.waiting_undoes w join book.tickets o
			on o.transaction_id = w.original and o.retailer_id = w.retailer_id and o.state = 'recorded'`).Scan(&settling)
	if err != nil {
		return 0, fmt.Errorf("count undoes to be settled: %w", err)
	}
	return settling, nil
}

// EndWaiting forgets what of a ticket waited for originals that are recorded: it is done.
func EndWaiting(ctx context.Context, db DB, ticketKey [32]byte) error {
	_, err := db.Exec(ctx, `
		delete from book.waiting_undoes w using book.tickets o
		where w.ticket_key = $1 and o.transaction_id = w.original and o.retailer_id = w.retailer_id and o.state = 'recorded'`,
		ticketKey[:])
	if err != nil {
		return fmt.Errorf("end the waiting of an undo: %w", err)
	}
	return nil
}

// WaitOn looks at a ticket's waiting undoes again when the time has passed.
func WaitOn(ctx context.Context, db DB, ticketKey [32]byte, wait time.Duration) error {
	_, err := db.Exec(ctx, `update book.waiting_undoes set next_at = now() + $2 where ticket_key = $1`, ticketKey[:], wait)
	if err != nil {
		return fmt.Errorf("let an undo wait on: %w", err)
	}
	return nil
}
