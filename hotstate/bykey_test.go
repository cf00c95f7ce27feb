package hotstate_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// What looks rows up by key reads about as many as it finds, also with a plan that was made when nothing waited, or when the
// tables were empty.
func TestReadingByKeyIsBounded(t *testing.T) {
	for _, recorded := range []int{0, 5000} {
		t.Run(fmt.Sprintf("%d recorded", recorded), func(t *testing.T) { readingByKey(t, recorded) })
	}
}

func readingByKey(t *testing.T, recorded int) {
	t.Parallel()
	db := hotstatetest.New(t)
	const n = 1000 // of each: tickets on their way, tickets that wait, keys, stores
	size := hotstate.BatchSize{Tickets: 500, Bytes: 1 << 20}
	reads := []struct {
		what   string
		atMost int // rows, when there are as many
		read   func(pgx.Tx) error
	}{
		{"a glance", 100, func(tx pgx.Tx) error {
			work, err := hotstate.GlanceAtWork(t.Context(), tx, int64(recorded)+n, time.Minute)
			if err == nil && !(work.Linked && work.Enough(size)) {
				err = fmt.Errorf("%w: %+v", hotstate.ErrNotFound, work)
			}
			return err
		}},
		{"a claim", 4 * n, func(tx pgx.Tx) error {
			_, _, err := hotstate.ClaimBatch(t.Context(), tx, 0, size, time.Hour)
			return err
		}},
		{"a claim of linked ones", 100, func(tx pgx.Tx) error {
			_, _, err := hotstate.ClaimLinked(t.Context(), tx, size, time.Hour)
			return err
		}},
		{"keys and stores", 10, func(tx pgx.Tx) error {
			var batch pgx.Batch
			hotstate.TakeIdempotencyKeys(&batch, []hotstate.IdempotencyKey{{Caller: "u", Method: "POST", Path: "/", Key: uuid.NewString()}})
			hotstate.QueueStoresByID(&batch, []string{"7"})
			return tx.SendBatch(t.Context(), &batch).Close()
		}},
		{"tickets accepted at once", 10, func(tx pgx.Tx) error {
			accepted, err := hotstate.AcceptKeyed(t.Context(), tx, []hotstate.KeyedTicket{keyedTicket(int(time.Now().UnixNano()))}, time.Now())
			if err == nil && !accepted[0] {
				err = hotstate.ErrNotFound
			}
			return err
		}},
		{"tickets in the way", 10, func(tx pgx.Tx) error {
			_, err := hotstate.TicketsInTheWay(t.Context(), tx, []hotstate.NewTicket{{RetailerID: "main", TransactionID: uuid.NewString(), TicketKey: make([]byte, 32)}})
			return err
		}},
	}

	exec(t, db, `insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			ticket_key, content_mac, received_at, state)
		select 'main', gen_random_uuid(), 'S1', '1', '2026-05-03', n, sha256('r' || n::text::bytea), '', now(), 'recorded'
		from generate_series(1, $1) as n`, recorded)
	for _, table := range []string{"book.tickets", "book.claims", "book.batches", "book.idempotency_keys", "book.stores"} {
		exec(t, db, "alter table "+table+" set (autovacuum_enabled = off)")
		exec(t, db, "vacuum analyze "+table)
	}
	conn, err := db.Collector.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, c := range reads {
		if _, err := rowsRead(t, conn, c.read); err != nil && !errors.Is(err, hotstate.ErrNotFound) {
			t.Fatalf("%s, from empty tables: %v", c.what, err)
		}
	}
	exec(t, db, `insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			ticket_key, content_mac, received_at, seed, body, undoes)
		select 'main', gen_random_uuid(), 'S1', '1', '2026-05-04', n, sha256(n::text::bytea), '', now(), sha256('seed'), 'x',
			case when n % 100 = 0 then array[gen_random_uuid()] else '{}' end
		from generate_series(1, 2 * $1) as n`, n)
	exec(t, db, "insert into book.claims (ticket_id, batch_id) select id, 1 from book.tickets where state = 'accepted' order by id limit $1", n)
	exec(t, db, `insert into book.idempotency_keys (caller, method, path, key, body_hash, status, response)
		select 'u', 'POST', '/', gen_random_uuid(), '', 201, '' from generate_series(1, $1)`, n)
	exec(t, db, "insert into book.stores (store_id, name) select n::text, '' from generate_series(1, $1) as n", n)
	for _, c := range reads {
		if rows, err := rowsRead(t, conn, c.read); err != nil || rows > c.atMost {
			t.Errorf("%s read %d rows (%v), and %d should do", c.what, rows, err, c.atMost)
		}
	}
}

// rowsRead counts the rows that read reads in a transaction.
func rowsRead(t *testing.T, conn *pgxpool.Conn, read func(pgx.Tx) error) (rows int, err error) {
	t.Helper()
	err = pgx.BeginTxFunc(t.Context(), conn, hotstate.ByKey, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), "set local plan_cache_mode = force_generic_plan"); err != nil {
			return err
		}
		// Counts since the connection last reported them.
		const count = "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) from pg_stat_xact_user_tables"
		var before, after int
		if err := tx.QueryRow(t.Context(), count).Scan(&before); err != nil {
			return err
		}
		if err := read(tx); err != nil {
			return err
		}
		err := tx.QueryRow(t.Context(), count).Scan(&after)
		rows = after - before
		return err
	})
	return rows, err
}
