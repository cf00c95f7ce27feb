package hotstate

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A StrippedTicket is an accepted ticket without its member: what goes to the ledger in its place.
type StrippedTicket struct {
	ID         int64
	Body       []byte // canonical bytes of the trade part
	Seed       []byte // a new one: under the old one the member's may have been seen while it was endorsed
	ContentMAC []byte // of Body
}

// TakeBack takes the member's accepted tickets back from recorders, and locks those accepted before the request. A batch that is not endorsed yet is given
// up: whoever works on it finds that it lost its lease, and what it sealed goes nowhere. What is endorsed may be on the
// ledger already, and is left to come to its end; how many these are is onTheirWay. Nobody claims tickets meanwhile.
func TakeBack(ctx context.Context, tx pgx.Tx, e Erasure) (tickets []TicketToRecord, onTheirWay int64, err error) {
	if err := lockClaims(ctx, tx); err != nil {
		return nil, 0, err
	}
	_, err = tx.Exec(ctx, `
		with open as (
			select batch_id from book.batches
			where state = 'claimed' and batch_id in (
				select c.batch_id from book.claims c join book.tickets t on t.id = c.ticket_id
				where t.loyalty_id = $1 and t.state = 'accepted')
			order by batch_id
			for update
		), released as (
			delete from book.claims c using open where c.batch_id = open.batch_id
		)
		update book.batches b set state = 'failed', envelope = null, detail = 'given up for an erasure'
		from open where b.batch_id = open.batch_id`, e.LoyaltyID)
	if err != nil {
		return nil, 0, fmt.Errorf("take tickets back: %w", err)
	}
	rows, err := tx.Query(ctx, `
		select 0::bigint, id, ticket_key, retailer_id, seed, body from book.tickets t
		where loyalty_id = $1 and id <= $2 and state = 'accepted' and not exists (select from book.claims c where c.ticket_id = t.id)
		order by id
		for update`, e.LoyaltyID, e.UpTo)
	if err != nil {
		return nil, 0, fmt.Errorf("take tickets back: %w", err)
	}
	tickets, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (TicketToRecord, error) {
		var unclaimed int64
		return scanToRecord(row, &unclaimed)
	})
	if err != nil {
		return nil, 0, fmt.Errorf("take tickets back: %w", err)
	}
	err = tx.QueryRow(ctx, `
		select count(*) from book.tickets t join book.claims c on c.ticket_id = t.id
		where t.loyalty_id = $1 and t.state = 'accepted'`, e.LoyaltyID).Scan(&onTheirWay)
	if err != nil {
		return nil, 0, fmt.Errorf("count tickets on their way: %w", err)
	}
	return tickets, onTheirWay, nil
}

// StripTickets writes accepted tickets as those of nobody.
func StripTickets(ctx context.Context, tx pgx.Tx, tickets []StrippedTicket) error {
	var batch pgx.Batch
	for _, t := range tickets {
		batch.Queue(`
			update book.tickets
			set body = $2, seed = $3, content_mac = $4, erased = true, loyalty_id = null, pending_points = 0, redeems = false
			where id = $1`, t.ID, t.Body, t.Seed, t.ContentMAC)
	}
	batch.Queue(forgetAnswers, idsOf(tickets))
	if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
		return fmt.Errorf("strip tickets of their member: %w", err)
	}
	return nil
}

func idsOf(tickets []StrippedTicket) []int64 {
	ids := make([]int64, len(tickets))
	for i := range tickets {
		ids[i] = tickets[i].ID
	}
	return ids
}

// forgetAnswers drops the answers that were kept for those tickets under an idempotency key: with them stands a hash of the
// body as it was sent. The same upload again finds the ticket by its content.
const forgetAnswers = `
	delete from book.idempotency_keys
	where path = '/v1/tickets' and headers->>'Location' in (
		select '/v1/tickets/' || transaction_id from book.tickets
		where id = any ($1) and received_at > now() - interval '25 hours')`

// A TradePart is what is left of a recorded ticket after erasure; Trade is nil where the view does not show it.
type TradePart struct {
	ID    int64
	Trade []byte
}

// TradeParts gives up to limit of a member's tickets that are not on their way, after a row of the book.
func TradeParts(ctx context.Context, tx pgx.Tx, loyaltyID string, after int64, limit int) ([]TradePart, error) {
	rows, err := tx.Query(ctx, `
		select b.id, v.trade
		from book.tickets b
		left join view.tickets v on v.ticket_key = b.ticket_key and v.transaction_id = b.transaction_id
		where b.loyalty_id = $1 and b.state <> 'accepted' and b.id > $2
		order by b.id limit $3`, loyaltyID, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read trade parts: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TradePart])
}

// ForgetTickets empties those rows of the book of their member. What was sent is known again by the new hashes.
func ForgetTickets(ctx context.Context, tx pgx.Tx, ids []int64, contentMACs [][]byte) error {
	_, err := tx.Exec(ctx, `
		update book.tickets t
		set content_mac = m.mac, erased = true, loyalty_id = null, body = null, seed = null
		from unnest($1::bigint[], $2::bytea[]) as m (id, mac)
		where t.id = m.id`, ids, contentMACs)
	if err == nil {
		_, err = tx.Exec(ctx, forgetAnswers, ids)
	}
	if err != nil {
		return fmt.Errorf("empty tickets of their member: %w", err)
	}
	return nil
}
