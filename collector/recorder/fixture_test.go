package recorder_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/ledgertest"
	"github.com/tillproof/tillproof/collector/recorder"
	"github.com/tillproof/tillproof/domain/ledger"
	"github.com/tillproof/tillproof/hotstate"
)

// quick retries at once, and takes batches over soon.
var quick = recorder.Config{
	Batch:    hotstate.BatchSize{Tickets: 10, Bytes: 1 << 20},
	InFlight: 2,
	Lease:    300 * time.Millisecond,
	Deadline: time.Minute,
	Retry:    time.Millisecond,
}

// start runs a recorder until the test ends, or stop is called.
func start(t *testing.T, pool *pgxpool.Pool, l recorder.Ledger, keys recorder.Keys, config recorder.Config) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		recorder.New(pool, l, keys, config).Run(ctx)
	}()
	stop = func() { cancel(); <-done }
	t.Cleanup(stop)
	return stop
}

// settled waits until no ticket is on its way any more: the ledger has it, or it is rejected.
func settled(t *testing.T, shop *ledgertest.Shop) {
	t.Helper()
	ledgertest.Eventually(t, "every ticket settled", func() bool {
		return shop.Text(t, `
			select count(*) from book.tickets t left join book.claims c on c.ticket_id = t.id left join book.batches b using (batch_id)
			where t.state = 'accepted' and b.state is distinct from 'committed'`) == "0"
	})
}

// recordedOnce checks that the ledger has exactly these tickets, each under the commitment that it was always given.
func recordedOnce(t *testing.T, l *ledgertest.Ledger, keys []ledger.TicketKey) {
	t.Helper()
	records := l.Records()
	if len(records) != len(keys) {
		t.Errorf("the ledger has %d tickets, want %d", len(records), len(keys))
	}
	for _, key := range keys {
		record, there := records[key]
		if !there {
			t.Errorf("ticket %s is not on the ledger", key)
		}
		for _, commitment := range l.Seen(key) {
			if commitment != record.Commitment {
				t.Errorf("ticket %s had two commitments", key)
			}
		}
	}
}

// once is a fault of the nth call of one kind.
func once(call string, nth int, fault ledgertest.Fault) func(string, int) ledgertest.Fault {
	return func(c string, n int) ledgertest.Fault {
		if c == call && n == nth {
			return fault
		}
		return ledgertest.None
	}
}

// ofItsOwn is a pool that can be taken from a recorder, which then can tell nobody anything any more.
func ofItsOwn(t *testing.T, shop *ledgertest.Shop) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(context.Background(), shop.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
