package hotstate_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

func keyedTicket(n int) hotstate.KeyedTicket {
	key := sha256.Sum256(fmt.Append(nil, n))
	return hotstate.KeyedTicket{
		NewTicket: hotstate.NewTicket{
			RetailerID: "main", TransactionID: uuid.NewString(), StoreID: "S1", WorkstationID: "1", BusinessDay: "2026-03-02",
			SequenceNumber: int64(n), TicketKey: key[:], ContentMAC: []byte("mac"), Seed: make([]byte, 32), Body: []byte("{}"),
		},
		Key:    hotstate.IdempotencyKey{Caller: "u", Method: "POST", Path: "/v1/tickets", Key: uuid.NewString()},
		Answer: hotstate.StoredAnswer{BodyHash: []byte("hash"), Status: 201, Headers: map[string]string{"Location": "x"}, Body: fmt.Append(nil, "answer ", n)},
	}
}

// What has something in its way is left alone, with its key, and takes nothing with it; all else is accepted.
func TestAcceptKeyedLeavesWhatHasSomethingInItsWay(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	accept := func(tickets ...hotstate.KeyedTicket) []bool {
		t.Helper()
		accepted, err := hotstate.AcceptKeyed(t.Context(), db.Collector, tickets, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return accepted
	}
	first := keyedTicket(1)
	if got := accept(first); !got[0] {
		t.Fatal("a new ticket was not accepted")
	}

	answered, used, sameNumber, sameID, expired, plain := keyedTicket(2), keyedTicket(3), keyedTicket(1), keyedTicket(5), keyedTicket(6), keyedTicket(7)
	answered.Key, sameID.TransactionID = first.Key, first.TransactionID
	exec(t, db, `insert into book.idempotency_keys (caller, method, path, key, body_hash, status, response, created_at)
		values ('u', 'POST', '/v1/tickets', $1, '', 201, 'old', now() - interval '25 hours')`, expired.Key.Key)
	elsewhere, err := db.Collector.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Rollback(t.Context())
	var batch pgx.Batch
	hotstate.TakeIdempotencyKeys(&batch, []hotstate.IdempotencyKey{used.Key})
	if err := elsewhere.SendBatch(t.Context(), &batch).Close(); err != nil {
		t.Fatal(err)
	}

	group := []hotstate.KeyedTicket{answered, used, plain, sameNumber, sameID, expired}
	want := []bool{false, false, true, false, false, true}
	got := accept(group...)
	for i, ticket := range group {
		if got[i] != want[i] {
			t.Errorf("ticket %d of the group: accepted %v, want %v", i, got[i], want[i])
		}
		stored := value(t, db, "select coalesce((select convert_from(response, 'utf8') from book.idempotency_keys where key = $1), '')", ticket.Key.Key)
		expected := map[bool]string{true: string(ticket.Answer.Body), false: ""}[want[i]]
		if ticket.Key == first.Key {
			expected = string(first.Answer.Body)
		}
		if stored != expected {
			t.Errorf("ticket %d of the group: the answer under its key is %q, want %q", i, stored, expected)
		}
	}
	if n := value(t, db, "select count(*) from book.tickets"); n != "3" {
		t.Errorf("%s tickets, want 3", n)
	}
	if n := value(t, db, "select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"); n != "1" {
		t.Errorf("%s keys are still taken, want the one that is used elsewhere", n)
	}
}

// A row that is accepted at once is the same as one that is inserted.
func TestAcceptKeyedWritesWhatInsertTicketsDoes(t *testing.T) {
	t.Parallel()
	db := hotstatetest.New(t)
	at := time.Now().Truncate(time.Millisecond)
	ticket := keyedTicket(1)
	ticket.LoyaltyID, ticket.PendingPoints, ticket.Redeems = "m", 7, true
	ticket.Undoes = []string{uuid.NewString(), uuid.NewString()}
	ticket.Body = bytes.Repeat([]byte("x"), 1000)
	row := func() string {
		defer exec(t, db, "delete from book.tickets")
		return value(t, db, "select to_jsonb(t) - 'id' from book.tickets t")
	}
	if _, err := hotstate.InsertTickets(t.Context(), db.Collector, []hotstate.NewTicket{ticket.NewTicket}, at); err != nil {
		t.Fatal(err)
	}
	inserted := row()
	if _, err := hotstate.AcceptKeyed(t.Context(), db.Collector, []hotstate.KeyedTicket{ticket}, at); err != nil {
		t.Fatal(err)
	}
	if accepted := row(); accepted != inserted {
		t.Errorf("accepted at once\n%s\ninserted\n%s", accepted, inserted)
	}
}
