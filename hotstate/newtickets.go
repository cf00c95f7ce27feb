package hotstate

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A KeyedTicket is a ticket to be accepted under an idempotency key, and the answer for the case that it is.
type KeyedTicket struct {
	NewTicket
	Key    IdempotencyKey
	Answer StoredAnswer
}

// takeKeys notes, for the statements after it, which keys of a call are free. As a setting the note is gone with the
// transaction.
const takeKeys = `
	select set_config('tillproof.free_keys', string_agg(case when free then '1' else '0' end, '' order by place), true)
	from (
		select place, ` + tryKey + ` as free
		from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as k (caller, method, path, key, place)
	) as tried`

// acceptKeyed comes after takeKeys, so that it sees what the keys' last holders committed. Lookups are subselects with an
// index each: as joins, with a plan from when the tables were empty, they would read all there is.
const acceptKeyed = `
	with fresh as materialized (
		select k.*
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::int[], $7::jsonb[], $8::bytea[],
			$10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[], $16::bytea[], $17::bytea[],
			$18::text[], $19::bigint[], $20::bytea[], $21::bytea[], $22::text[], $23::boolean[]) with ordinality
			as k (caller, method, path, key, body_hash, status, headers, response, retailer_id, transaction_id, store_id,
				workstation_id, business_day, sequence_number, ticket_key, content_mac, loyalty_id, pending_points, seed, body,
				undoes, redeems, place)
		where substr(current_setting('tillproof.free_keys'), place::int, 1) = '1' and (
			select i.key from book.idempotency_keys i
			where i.caller = k.caller and i.method = k.method and i.path = k.path and i.key = k.key::uuid
				and created_at + $9::interval > now()) is null
	), inserted as (` + insertNewTickets + `
		from (select nextval('book.tickets_id_seq') as id, $24::timestamptz as received_at, * from fresh) as numbered
		order by ticket_key
		on conflict do nothing
		returning ticket_key
	), accepted as materialized (
		select fresh.* from fresh where ticket_key = any (array (select ticket_key from inserted))
	), answered as (` + keepAnswers + ` from accepted` + overExpired + `
	)
	select place::int from accepted`

// AcceptKeyed accepts, in one transaction and with one message to PostgreSQL, those of the tickets that nothing is in the
// way of, and reports for each whether it did: its key is not being used and has no answer yet, and no ticket has its
// transaction id or ticket key. For who waits for a commit each message more is a wait. Keys and ticket keys of one call
// differ from each other. Of the others nothing is said, and nothing is done for them.
//
// Rows are inserted in the order of InsertTickets, and for the same reason.
func AcceptKeyed(ctx context.Context, conn Batcher, tickets []KeyedTicket, receivedAt time.Time) ([]bool, error) {
	keys, answers := make([]IdempotencyKey, len(tickets)), make([]StoredAnswer, len(tickets))
	rows := make([]NewTicket, len(tickets))
	for i, t := range tickets {
		keys[i], answers[i], rows[i] = t.Key, t.Answer, t.NewTicket
	}
	k, a, c := keyColumns(keys), answerColumns(answers), columnsOf(rows)
	accepted := make([]bool, len(tickets))
	var batch pgx.Batch // is one transaction by itself
	batch.Queue(byOneIndex)
	batch.Queue(takeKeys, k.callers, k.methods, k.paths, k.keys)
	batch.Queue(acceptKeyed, k.callers, k.methods, k.paths, k.keys, a.hashes, a.statuses, a.headers, a.bodies, IdempotencyLifetime,
		c.retailers, c.transactions, c.stores, c.workstations, c.days, c.numbers, c.keys, c.macs, c.members, c.points,
		c.seeds, c.bodies, c.undoes, c.redeems, receivedAt).Query(func(rows pgx.Rows) error {
		var place int
		_, err := pgx.ForEachRow(rows, []any{&place}, func() error {
			accepted[place-1] = true
			return nil
		})
		return err
	})
	if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
		return nil, fmt.Errorf("accept tickets: %w", err)
	}
	return accepted, nil
}
