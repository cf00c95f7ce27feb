package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	if got := f.do("GET", "/healthz", "", "", "X-Request-Id", "till-7.42").Header.Get("X-Request-Id"); got != "till-7.42" {
		t.Errorf("a decent id became %q", got)
	}
	for _, bad := range []string{"", strings.Repeat("x", 65), "a b", `"quoted"`} {
		got := f.do("GET", "/healthz", "", "", "X-Request-Id", bad).Header.Get("X-Request-Id")
		if _, err := uuid.Parse(got); err != nil {
			t.Errorf("id %q was answered with %q", bad, got)
		}
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, path := range []string{"/", "/v1", "/v1/", "/v1/ticket", "//v1/tickets", "/v1/stores/S1/", "/v1/../metrics"} {
		f.requireProblem(f.do("GET", path, f.admin(), ""), http.StatusNotFound, "not-found")
	}
	a := f.do("DELETE", "/v1/stores/S1", f.admin(), "")
	f.requireProblem(a, http.StatusMethodNotAllowed, "method-not-allowed")
	if got := strings.Join(a.Header.Values("Allow"), ", "); got != "GET, PUT" {
		t.Errorf("Allow: %s", got)
	}
}

// The log names routes, never ids, names or credentials.
func TestLogHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	till := f.store("S1")
	f.requireStatus(f.postTicket(till, uuid.NewString(), newSale(func(s *sale) { s.member = "MEMBER-77" }).json()), 201)
	f.postTicket(till, uuid.NewString(), strings.Replace(newSale(func(s *sale) { s.member = "MEMBER-77" }).json(), `"grand"`, `"total"`, 1))
	f.requireStatus(f.put("/v1/customers/MEMBER-77", `{"name":"Somebody Private"}`), 201)
	f.do("GET", "/v1/customers?search=MEMBER-77", f.admin(), "")
	f.do("GET", "/v1/customers/MEMBER-77", "wrong-credential", "")
	text := f.log.String()
	for _, private := range []string{"MEMBER-77", "Private", till, "wrong-credential"} {
		if strings.Contains(text, private) {
			t.Errorf("the log holds %q", private)
		}
	}
	if !strings.Contains(text, `"route":"/v1/customers/{loyaltyId}"`) {
		t.Errorf("the log does not name the route: %s", text)
	}
}

func TestMetricsCountTickets(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.registerStores("S1")
	ticket := newSale(nil).json()
	f.postTicket(f.store("S1"), uuid.NewString(), ticket)
	f.upload(f.store("S1"), ticket+"\n{}")
	text := string(f.do("GET", "/metrics", "", "").body)
	for _, want := range []string{
		`tillproof_tickets_total{status="accepted"} 1`, `tillproof_tickets_total{status="duplicate"} 1`,
		`tillproof_tickets_total{status="rejected"} 1`,
		`tillproof_http_request_seconds_count{method="POST",route="/v1/tickets",status="201"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
}
