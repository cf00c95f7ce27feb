package ingest_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/hotstate"
)

// messages counts what is sent to PostgreSQL.
type messages struct{ atomic.Int64 }

func (m *messages) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	m.Add(1)
	return ctx
}

func (m *messages) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (m *messages) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	m.Add(1)
	return ctx
}

func (m *messages) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (m *messages) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// Tills of a store that is known are answered after one message to the database. One that asks again, or sends something
// else under the same number, is told so all the same, and holds up nobody in its group.
func TestNewTicketsTakeOneMessage(t *testing.T) {
	t.Parallel()
	_, db := newService(t)
	keys, err := keyring.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var sent messages
	config := db.Collector.Config().Copy()
	config.ConnConfig.Tracer = &sent
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	service := ingest.NewService(pool, keys, time.Now)
	keyed := func(number int) ingest.Submission {
		s := submission(t, uuid.NewString(), number)
		s.Key = &hotstate.IdempotencyKey{Caller: "u", Method: "POST", Path: "/v1/tickets", Key: uuid.NewString()}
		s.Sent = s.Canonical
		return s
	}
	accept := func(group ...ingest.Submission) (outcomes []ingest.Outcome, took int64) {
		t.Helper()
		before := sent.Load()
		outcomes, err := service.Accept(t.Context(), group)
		if err != nil {
			t.Fatal(err)
		}
		return outcomes, sent.Load() - before
	}

	first := keyed(1)
	accepted, _ := accept(first) // makes the store known
	again, conflicting, second, third := first, keyed(1), keyed(2), keyed(3)
	outcomes, took := accept(second, third)
	if took != 1 || outcomes[0].Status != ingest.Accepted || outcomes[1].Status != ingest.Accepted {
		t.Errorf("%d messages for two new tickets: %+v", took, outcomes)
	}
	fourth, twin := keyed(4), keyed(5)
	twin.Key = fourth.Key
	outcomes, _ = accept(again, conflicting, fourth, twin)
	if string(outcomes[0].Answer.Body) != string(accepted[0].Answer.Body) {
		t.Errorf("sent again: %+v, at first %+v", outcomes[0], accepted[0])
	}
	if outcomes[1].Problem == nil || outcomes[2].Status != ingest.Accepted || outcomes[3].Problem == nil {
		t.Errorf("other content, new, and the same key once more: %+v", outcomes[1:])
	}
	if n := countTickets(t, db); n != 4 {
		t.Errorf("%d tickets, want 4", n)
	}
}
