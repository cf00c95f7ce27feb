package api_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// The id of every ticket there is, asked for by everybody who may ask for tickets.
func TestAnothersTicketIsNotFound(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	own := map[string]string{"customer-a": "1467", "customer-b": "28", "north": "12567", "elsewhere": "4", "chain": "1235678"}
	for name, numbers := range own {
		for _, number := range strings.Split("12345678", "") {
			want := 404
			if strings.Contains(numbers, number) {
				want = 200
			}
			got := s.get(name, "/v1/tickets/00000000-0000-4000-8000-00000000000"+number)
			if got.StatusCode != want {
				t.Errorf("%s, ticket %s: %d, want %d", name, number, got.StatusCode, want)
			}
		}
	}
	missing := s.get("customer-a", "/v1/tickets/00000000-0000-4000-8000-000000000009")
	anothers := s.get("customer-a", "/v1/tickets/00000000-0000-4000-8000-000000000002")
	if missing.body != anothers.body {
		t.Errorf("another's ticket and none are told apart:\n%s%s", missing.body, anothers.body)
	}
	for _, id := range []string{"x", "%2e%2e", "a%2Fb", "%00", "00000000-0000-4000-8000-00000000000Z", "{00000000-0000-4000-8000-000000000001}",
		"urn:uuid:00000000-0000-4000-8000-000000000001", "00000000000040008000000000000001", url.PathEscape("' or true --")} {
		if got := s.get("customer-a", "/v1/tickets/"+id); got.StatusCode != 404 {
			t.Errorf("ticket %s: %d", id, got.StatusCode)
		}
	}
	if got := s.get("customer-a", "/v1/tickets/00000000-0000-4000-8000-00000000000"+"1"); got.StatusCode != 200 {
		t.Error("the own ticket is not found")
	}
}

// A filter narrows what is one's own, and never widens it.
func TestFiltersDoNotReachOthers(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	north := url.QueryEscape(hotstatetest.TroubleStore)
	for name, paths := range map[string][]string{
		"elsewhere":  {"/v1/sales?storeId=" + north, "/v1/sales?storeId=S2&groupBy=store", "/v1/tickets?storeId=" + north},
		"north":      {"/v1/sales?storeId=X1", "/v1/tickets?storeId=X1"},
		"chain":      {"/v1/sales?storeId=X1", "/v1/tickets?storeId=X1"},
		"maker-1":    {"/v1/sales?itemId=C&groupBy=product", "/v1/sales?itemId=D", "/v1/sales?storeId=X1&groupBy=month"},
		"maker-2":    {"/v1/sales?itemId=B&groupBy=product", "/v1/sales?storeId=S2&groupBy=day"},
		"customer-b": {"/v1/tickets?from=2024-02-10&to=2024-02-10", "/v1/tickets?storeId=X1"},
	} {
		for _, path := range paths {
			list := decode[struct{ Items []json.RawMessage }](t, s.get(name, path))
			if len(list.Items) != 0 {
				t.Errorf("%s asks for %s: %s", name, path, list.Items)
			}
		}
	}
}

func TestCursorsBelongToOneListAndOneCaller(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	type list struct{ NextCursor string }
	cursor := decode[list](t, s.get("north", "/v1/tickets?limit=1")).NextCursor
	if cursor == "" {
		t.Fatal("no cursor")
	}
	if got := s.get("north", "/v1/tickets?limit=3&cursor="+cursor); got.StatusCode != 200 {
		t.Errorf("the next page, larger: %d %s", got.StatusCode, got.body)
	}
	changed := cursor[:len(cursor)-1] + string(cursor[len(cursor)-1]^1)
	for name, ask := range map[string]func() answer{
		"another caller": func() answer { return s.get("chain", "/v1/tickets?limit=1&cursor="+cursor) },
		"another filter": func() answer { return s.get("north", "/v1/tickets?limit=1&from=2020-01-01&cursor="+cursor) },
		"another list":   func() answer { return s.get("north", "/v1/sales?limit=1&cursor="+cursor) },
		"changed":        func() answer { return s.get("north", "/v1/tickets?limit=1&cursor="+changed) },
		"made up":        func() answer { return s.get("north", "/v1/tickets?limit=1&cursor=AAAA") },
		"no base64":      func() answer { return s.get("north", "/v1/tickets?limit=1&cursor=!") },
	} {
		if got := ask(); got.StatusCode != 400 || !strings.Contains(got.body, `"/cursor"`) {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.body)
		}
	}
}

func TestBadParametersAreNamed(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for query, pointer := range map[string]string{
		"from=2024-13-01": "/from", "to=yesterday": "/to", "from=2024-02-01&to=2024-01-01": "/to", "from=0000-01-01": "/from",
		"limit=0": "/limit", "limit=1001": "/limit", "limit=x": "/limit", "form=2024-01-01": "/form", "from=2024-01-01&from=2024-01-02": "/from",
		"groupBy=day,month": "/groupBy", "groupBy=customer": "/groupBy", "groupBy=store,store": "/groupBy", "changedSince=-1": "/changedSince",
		"storeId=%00": "/storeId", "itemId=%ff": "/itemId", "storeId=" + strings.Repeat("x", 65): "/storeId", "format=xml": "/format",
		"limit=%zz": "/",
	} {
		got := s.get("auditor", "/v1/sales?"+query)
		var p struct {
			Type   string
			Errors []struct{ Pointer, Rule, Detail string }
		}
		if err := json.Unmarshal([]byte(got.body), &p); err != nil {
			t.Fatal(err)
		}
		if got.StatusCode != 400 || got.Header.Get("Content-Type") != "application/problem+json" || len(p.Errors) != 1 || p.Errors[0].Pointer != pointer {
			t.Errorf("%s: %d %s", query, got.StatusCode, got.body)
		}
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	for request, want := range map[string]int{
		"GET /v1/nothing": 404, "GET /v1/": 404, "POST /v1/sales": 405, "DELETE /v1/tickets": 405, "GET /nothing": 404,
		"GET /v1/tickets/a/b": 404, "GET //v1/sales": 404, "GET /collector/metrics": 404, "GET /v1/stores/S2": 404,
	} {
		method, path, _ := strings.Cut(request, " ")
		if got := s.do(method, path, ""); got.StatusCode != want || got.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %d, want %d", request, got.StatusCode, want)
		}
	}
	if got := s.do("GET", "/healthz", "", "X-Request-Id", "mine-1"); got.Header.Get("X-Request-Id") != "mine-1" {
		t.Error("the client's request id is not kept")
	}
	if got := s.do("GET", "/healthz", "", "X-Request-Id", strings.Repeat("x", 65)); len(got.Header.Get("X-Request-Id")) != 36 {
		t.Error("an overlong request id is taken over")
	}
}
