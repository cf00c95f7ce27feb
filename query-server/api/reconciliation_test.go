package api_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestReconciliation(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	_, err := s.db.Collector.Exec(context.Background(), `
		insert into book.refusals (retailer_id, transaction_id, store_id, workstation_id, business_day, sequence_number, content_mac, reason, received_at)
		values ('main', gen_random_uuid(), 'S2', 'till 1', '2024-01-01', 9, '', 'refused', now())`)
	if err != nil {
		t.Fatal(err)
	}
	want := object{"accepted": 9.0, "recorded": 5.0, "rejected": 2.0, "missing": 2.0, "conflicts": 1.0, "gaps": 0.0, "pointsOutstanding": 24.0,
		"asOf": object{"block": 42.0, "time": "2024-02-10T20:00:00Z"}}
	for _, name := range []string{"auditor", "admin"} {
		if got := decode[object](t, s.get(name, "/v1/reconciliation")); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	// A ticket that the view has lost is missing, whatever book says of it.
	if _, err := s.db.Collector.Exec(context.Background(), `
		delete from view.lines where ticket_key = sha256('t5'); delete from view.tickets where ticket_key = sha256('t5')`); err != nil {
		t.Fatal(err)
	}
	if got := decode[object](t, s.get("auditor", "/v1/reconciliation")); got["missing"] != 3.0 || got["recorded"] != 4.0 {
		t.Errorf("after a loss: %v", got)
	}
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	bearer := "Bearer " + s.bearer("maker-1")
	if got := s.do("GET", "/v1/sales", "", "Authorization", bearer); got.StatusCode != 200 {
		t.Fatalf("fresh: %d", got.StatusCode)
	}
	s.now.advance(16 * time.Minute)
	if got := s.do("GET", "/v1/sales", "", "Authorization", bearer); got.StatusCode != 401 {
		t.Errorf("expired: %d", got.StatusCode)
	}
}

func TestReadyTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	if got := s.do("GET", "/readyz", ""); got.StatusCode != 200 {
		t.Errorf("ready: %d %s", got.StatusCode, got.body)
	}
	s.db.Query.Close()
	if got := s.do("GET", "/readyz", ""); got.StatusCode != 503 || !strings.Contains(got.body, `"database"`) {
		t.Errorf("without a database: %d %s", got.StatusCode, got.body)
	}
	if got := s.do("GET", "/healthz", ""); got.StatusCode != 200 {
		t.Errorf("alive without a database: %d", got.StatusCode)
	}
	failed := s.get("maker-1", "/v1/sales")
	if failed.StatusCode != 503 || strings.Contains(failed.body, "pool") || strings.Contains(failed.body, "sql") {
		t.Errorf("an outage tells: %d %s", failed.StatusCode, failed.body)
	}
	if got := s.do("GET", "/metrics", ""); !strings.Contains(got.body, `tillproof_query_request_seconds_count{method="GET",route="/v1/sales",status="503"} 1`) {
		t.Error("the metrics do not tell of the failed request")
	}
}
