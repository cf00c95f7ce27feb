package api_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/tillproof/tillproof/query-server/api"
)

// Sums that take too long are given up, at the database too, and the client is told what to do.
func TestSalesThatTakeTooLong(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1", func(o *api.Options) { o.SalesWithin = 200 * time.Millisecond })
	locked, err := s.db.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Rollback(t.Context())
	if _, err := locked.Exec(t.Context(), "lock table view.sales_by_month"); err != nil { // so that the sums wait
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/sales?groupBy=store", "/v1/sales?groupBy=store&format=csv"} {
		got := s.get("maker-1", path)
		if got.StatusCode != 503 || got.Header.Get("Retry-After") == "" || got.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %d %v\n%s", path, got.StatusCode, got.Header, got.body)
		}
	}
	s.stopFeed() // which waits for the same table
	var waiting int
	for range 100 { // PostgreSQL is told at the same time, and needs a moment
		err := s.db.Owner.QueryRow(t.Context(), `
			select count(*) from pg_stat_activity
			where datname = current_database() and state = 'active' and wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil || waiting == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if waiting > 0 {
		t.Errorf("%d queries go on in the database", waiting)
	}
	if err := locked.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.get("maker-1", "/v1/sales?groupBy=store"); got.StatusCode != 200 {
		t.Errorf("afterwards: %d", got.StatusCode)
	}
}

// Without a free connection nobody waits for ever.
func TestAllConnectionsAreTaken(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	s.stopFeed()
	for range s.db.Query.Config().MaxConns {
		conn, err := s.db.Query.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Release()
	}
	got := s.get("customer-a", "/v1/points")
	var problem struct{ Type string }
	if err := json.Unmarshal([]byte(got.body), &problem); err != nil || got.StatusCode != 503 || problem.Type != "urn:tillproof:problem:too-slow" {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}
