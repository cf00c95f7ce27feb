package hotstate_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// acceptBytes accepts one ticket of each size.
func acceptBytes(t *testing.T, db *hotstatetest.Database, sizes ...int) {
	t.Helper()
	for i, size := range sizes {
		key := sha256.Sum256([]byte(uuid.NewString()))
		exec(t, db, `insert into book.tickets (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number,
			ticket_key, content_mac, received_at, seed, body)
			values ('main', gen_random_uuid(), 'S1', '1', '2026-05-04', $1, $2, '', now(), sha256('seed'), convert_to(repeat('x', $3), 'UTF8'))`,
			i, key[:], size)
	}
}

func claim(t *testing.T, db *hotstatetest.Database, size hotstate.BatchSize) (hotstate.Batch, []hotstate.TicketToRecord, error) {
	t.Helper()
	var batch hotstate.Batch
	var tickets []hotstate.TicketToRecord
	err := pgx.BeginFunc(context.Background(), db.Collector, func(tx pgx.Tx) (err error) {
		batch, tickets, err = hotstate.ClaimBatch(context.Background(), tx, 0, size, time.Hour)
		return err
	})
	return batch, tickets, err
}

func TestClaimBatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		sizes []int
		size  hotstate.BatchSize
		want  []int // sizes of the tickets claimed, claim by claim; 0 ends one
	}{
		{"in the order of acceptance, so many at most", []int{3, 2, 1}, hotstate.BatchSize{Tickets: 2, Bytes: 100}, []int{3, 2, 0, 1, 0}},
		{"so many bytes at most", []int{60, 40, 1, 99}, hotstate.BatchSize{Tickets: 9, Bytes: 100}, []int{60, 40, 0, 1, 99, 0}},
		{"one that is larger goes by itself", []int{10, 500, 10}, hotstate.BatchSize{Tickets: 9, Bytes: 100}, []int{10, 0, 500, 0, 10, 0}},
		{"a few wait for others", []int{1, 1}, hotstate.BatchSize{Tickets: 9, Bytes: 100, Wait: time.Hour}, nil},
		{"enough of them do not", []int{1, 1}, hotstate.BatchSize{Tickets: 2, Bytes: 100, Wait: time.Hour}, []int{1, 1, 0}},
		{"nor do enough bytes", []int{99, 2}, hotstate.BatchSize{Tickets: 9, Bytes: 100, Wait: time.Hour}, []int{99, 0}},
	} {
		db := hotstatetest.New(t)
		acceptBytes(t, db, c.sizes...)
		var got []int
		for {
			_, tickets, err := claim(t, db, c.size)
			if errors.Is(err, hotstate.ErrNotFound) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range tickets {
				got = append(got, len(tickets[i].Canonical))
			}
			got = append(got, 0)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %v, want %v", c.why, got, c.want)
		}
	}
}

// Once another recorder ended a batch, or endorsed it, who comes too late changes nothing.
func TestWhoComesTooLateChangesNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := hotstatetest.New(t)
	acceptBytes(t, db, 1, 1, 1)
	batch, tickets, err := claim(t, db, hotstate.BatchSize{Tickets: 3, Bytes: 100})
	if err != nil {
		t.Fatal(err)
	}
	batch.TransactionID, batch.Envelope = "first", []byte("first")
	if err := hotstate.StoreEnvelope(ctx, db.Collector, batch); err != nil {
		t.Fatal(err)
	}
	late := batch
	late.TransactionID, late.Envelope = "second", []byte("second")
	lost := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, hotstate.ErrLeaseLost) {
			t.Errorf("%s: got %v, want ErrLeaseLost", what, err)
		}
	}
	lost("a second envelope", hotstate.StoreEnvelope(ctx, db.Collector, late))
	lost("tickets set apart from an endorsed batch", hotstate.SetApart(ctx, db.Collector, batch.ID, []int64{tickets[0].ID}, 0))
	if got := value(t, db, "select b.tx_id || ' ' || count(*) from book.batches b join book.claims using (batch_id) group by b.tx_id"); got != "first 3" {
		t.Errorf("the batch is %q, want the first one's, whole", got)
	}
	if err := hotstate.CommitBatch(ctx, db.Collector, batch.ID); err != nil {
		t.Fatal(err)
	}
	lost("a lease", hotstate.RenewLease(ctx, db.Collector, batch.ID, time.Hour))
	lost("a release", hotstate.ReleaseBatch(ctx, db.Collector, batch.ID, "too late"))
	lost("a commit", hotstate.CommitBatch(ctx, db.Collector, batch.ID))
	if _, _, err := claim(t, db, hotstate.BatchSize{Tickets: 3, Bytes: 100}); !errors.Is(err, hotstate.ErrNotFound) {
		t.Errorf("tickets of a committed batch are claimed again: %v", err)
	}
}

func TestSetApart(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := hotstatetest.New(t)
	acceptBytes(t, db, 1, 1, 1)
	batch, tickets, err := claim(t, db, hotstate.BatchSize{Tickets: 3, Bytes: 100})
	if err != nil {
		t.Fatal(err)
	}
	if err := hotstate.SetApart(ctx, db.Collector, batch.ID, []int64{tickets[1].ID}, time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := hotstate.TakeOverBatch(ctx, db.Collector, time.Hour); !errors.Is(err, hotstate.ErrNotFound) {
		t.Errorf("tickets that wait are taken over: %v", err)
	}
	if err := hotstate.SetApart(ctx, db.Collector, batch.ID, []int64{tickets[2].ID}, 0); err != nil {
		t.Fatal(err)
	}
	apart, err := hotstate.TakeOverBatch(ctx, db.Collector, time.Hour)
	if err != nil || apart.Attempts != 1 {
		t.Fatalf("taking over: %+v, %v", apart, err)
	}
	for id, want := range map[int64]int64{batch.ID: tickets[0].ID, apart.ID: tickets[2].ID} {
		of, err := hotstate.TicketsOfBatch(ctx, db.Collector, id)
		if err != nil || len(of) != 1 || of[0].ID != want {
			t.Errorf("batch %d has %+v, %v; want ticket %d alone", id, of, err, want)
		}
	}
}
