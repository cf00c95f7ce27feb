package api_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/ledgertest"
)

// The ledger follows nothing here, until the test says that it has.
func TestBacklog(t *testing.T) {
	t.Parallel()
	const limit = 4
	var backlog *ingest.Backlog
	f := newFixture(t, func(o *options) {
		o.backlog = func(f *fixture) *ingest.Backlog {
			backlog = ingest.NewBacklog(f.db.Collector, limit, slog.New(slog.NewJSONHandler(io.Discard, nil)))
			return backlog
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go backlog.Run(ctx)
	f.registerStores("S1")
	till := f.store("S1")
	sell := func(number int) answer {
		return f.postTicket(till, uuid.NewString(), newSale(func(s *sale) { s.number = number }).json())
	}
	for number := range limit {
		f.requireStatus(sell(100+number), http.StatusCreated)
	}
	ledgertest.Eventually(t, "a full backlog", backlog.Full)
	refused := sell(200)
	f.requireProblem(refused, http.StatusServiceUnavailable, "backlog-full")
	if refused.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	if n := f.count("select count(*) from book.tickets"); n != limit {
		t.Errorf("%d tickets, want %d", n, limit)
	}

	// A file waits, and is taken once there is room; so is the ticket that was turned away.
	file := make(chan struct{})
	go func() {
		defer close(file)
		_, last := f.upload(till, newSale(func(s *sale) { s.number = 300 }).json()+"\n")
		f.requireSummary(last, 1, 0, 0)
	}()
	select {
	case <-file:
		t.Error("the file did not wait")
	case <-time.After(300 * time.Millisecond):
	}
	f.exec("update book.tickets set state = 'recorded', seed = null, body = null")
	<-file
	ledgertest.Eventually(t, "room", func() bool { return !backlog.Full() })
	f.requireStatus(sell(200), http.StatusCreated)
}
