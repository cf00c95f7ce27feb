package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/api"
	"github.com/tillproof/tillproof/collector/ingest"
)

// faulty reports commits as failed: the first ones were never made, the next ones were.
type faulty struct {
	real ingest.Acceptor

	mu         sync.Mutex
	lost, done int
	panics     bool
}

func (f *faulty) Accept(ctx context.Context, submissions []ingest.Submission) ([]ingest.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.panics:
		f.panics = false
		panic("secret of a customer")
	case f.lost > 0:
		f.lost--
		return nil, fmt.Errorf("%w: connection refused by secret-host", ingest.ErrUnavailable)
	case f.done > 0:
		f.done--
		f.real.Accept(ctx, submissions)
		return nil, fmt.Errorf("%w: connection reset by secret-host", ingest.ErrUnavailable)
	}
	return f.real.Accept(ctx, submissions)
}

// Whatever happened to the commit, the client is told to come again, and coming again with the same key ends with one
// ticket and one answer.
func TestCommitFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault  *faulty
		status int
		kind   string
		rows   int // after the first try
	}{
		"lost":                        {&faulty{lost: 1}, 503, "unavailable", 0},
		"done but reported as failed": {&faulty{done: 1}, 503, "unavailable", 1},
		"panic":                       {&faulty{panics: true}, 500, "internal", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, func(o *options) {
				o.acceptor = func(real ingest.Acceptor) ingest.Acceptor { c.fault.real = real; return c.fault }
			})
			f.registerStores("S1")
			till, key, ticket := f.store("S1"), uuid.NewString(), newSale(nil).json()
			a := f.postTicket(till, key, ticket)
			f.requireProblem(a, c.status, c.kind)
			if bytes.Contains(a.body, []byte("secret")) {
				t.Errorf("the answer leaks: %s", a.body)
			}
			if c.status == 503 && a.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			if n := f.count("select count(*) from book.tickets"); n != c.rows {
				t.Errorf("%d tickets after the first try", n)
			}
			first := f.requireStatus(f.postTicket(till, key, ticket), http.StatusCreated)
			again := f.requireStatus(f.postTicket(till, key, ticket), http.StatusCreated)
			if !bytes.Equal(first.body, again.body) {
				t.Errorf("first %s, again %s", first.body, again.body)
			}
			if n := f.count("select count(*) from book.tickets"); n != 1 {
				t.Errorf("%d tickets in the end", n)
			}
			if strings.Contains(f.log.String(), "customer") {
				t.Errorf("the log has a panic's text: %s", f.log)
			}
		})
	}
}

// A panic while a file is accepted ends that request alone, and its text stays with us.
func TestPanicInAHandler(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *options) {
		o.acceptor = func(real ingest.Acceptor) ingest.Acceptor { return &faulty{real: real, panics: true} }
	})
	f.registerStores("S1")
	file := newSale(nil).json()
	a := f.do("POST", "/v1/ticket-files", f.store("S1"), file)
	f.requireProblem(a, http.StatusInternalServerError, "internal")
	if bytes.Contains(a.body, []byte("secret")) || strings.Contains(f.log.String(), "customer") {
		t.Errorf("the answer or the log leaks: %s", a.body)
	}
	_, last := f.upload(f.store("S1"), file)
	f.requireSummary(last, 1, 0, 0)
}

// Without its database the collector says so, and says nothing else.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till := f.store("S1")
	f.db.TakeAway(t)
	for _, a := range []answer{
		f.postTicket(till, uuid.NewString(), newSale(nil).json()),
		f.do("GET", "/v1/tickets/"+uuid.NewString(), till, ""),
		f.do("PUT", "/v1/stores/S2", f.admin(), `{"name":"Two"}`),
		f.do("POST", "/v1/registrations/stores", f.admin(), `{"storeId":"S2","name":"Two"}`),
		f.do("GET", "/v1/stores", "tpk_"+strings.Repeat("x", 43), ""),
	} {
		f.requireProblem(a, http.StatusServiceUnavailable, "unavailable")
		if bytes.Contains(a.body, []byte("database")) {
			t.Errorf("the answer leaks: %s", a.body)
		}
	}
	f.db.GiveBack(t)
	f.requireStatus(f.postTicket(till, uuid.NewString(), newSale(nil).json()), http.StatusCreated)
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	var err error
	f := newFixture(t, func(o *options) {
		o.checks = []api.Check{
			{Name: "database", Ask: func(context.Context) error { return nil }},
			{Name: "peer", Ask: func(context.Context) error { return err }},
		}
	})
	a := f.requireStatus(f.do("GET", "/readyz", "", ""), http.StatusOK)
	if want := `{"checks":{"database":"ok","peer":"ok"},"ready":true}`; strings.TrimSpace(string(a.body)) != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
	err = fmt.Errorf("dial tcp 10.0.0.1: refused")
	a = f.requireStatus(f.do("GET", "/readyz", "", ""), http.StatusServiceUnavailable)
	if want := `{"checks":{"database":"ok","peer":"does not answer"},"ready":false}`; strings.TrimSpace(string(a.body)) != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
	f.requireStatus(f.do("GET", "/healthz", "", ""), http.StatusOK)

	err = fmt.Errorf("projector: %w", needsSomebody{})
	a = f.requireStatus(f.do("GET", "/readyz", "", ""), http.StatusServiceUnavailable)
	if want := `{"checks":{"database":"ok","peer":"look at block 7"},"ready":false}`; strings.TrimSpace(string(a.body)) != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
}

// needsSomebody is a fault that anyone may be told of.
type needsSomebody struct{}

func (needsSomebody) Error() string  { return "key value (ann) already exists" }
func (needsSomebody) Reason() string { return "look at block 7" }
