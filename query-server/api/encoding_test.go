package api_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/tillproof/tillproof/query-server/api"
)

// raw asks as a client that undoes no compression by itself.
func (s *testServer) raw(path string, headers ...string) (*http.Response, []byte) {
	s.t.Helper()
	request, err := http.NewRequest("GET", s.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response, body
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	bearer := "Bearer " + s.bearer("auditor")
	const long, csv = "/v1/sales?groupBy=product,store,day", "/v1/sales?groupBy=product,store,day&format=csv"
	for name, test := range map[string]struct {
		path, accept string
		compressed   bool
	}{
		"JSON":                {long, "gzip, deflate, br", true},
		"CSV":                 {csv, "gzip", true},
		"anything":            {long, "br;q=1.0, *;q=0.1", true},
		"refused":             {long, "gzip;q=0", false},
		"not asked for":       {long, "", false},
		"short":               {"/v1/reconciliation", "gzip", false},
		"no GET has a secret": {"/v1/sessions", "gzip", false},
	} {
		plain, want := s.raw(test.path, "Authorization", bearer, "Accept-Encoding", "identity")
		response, body := s.raw(test.path, "Authorization", bearer, "Accept-Encoding", test.accept)
		if got := response.Header.Get("Content-Encoding") == "gzip"; got != test.compressed {
			t.Errorf("%s: Content-Encoding %q", name, response.Header.Get("Content-Encoding"))
			continue
		}
		if test.compressed {
			unpacked, err := gzip.NewReader(strings.NewReader(string(body)))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(unpacked); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !strings.Contains(strings.Join(plain.Header.Values("Vary"), ","), "Accept-Encoding") {
				t.Errorf("%s: a cache would take one for the other", name)
			}
		}
		if string(body) != string(want) {
			t.Errorf("%s: compressed it is\n%s\nand plain\n%s", name, body, want)
		}
	}
}

// A token in an answer beside what the client sent must not be compressed with it.
func TestSecretsAreNotCompressed(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	request, err := http.NewRequest("POST", s.URL+"/v1/sessions", strings.NewReader(`{"username":"north","password":"`+goodPassword+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept-Encoding", "gzip")
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 || response.Header.Get("Content-Encoding") != "" || response.Header.Get("ETag") != "" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}

func TestUnchangedAnswersAreNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	bearer := "Bearer " + s.bearer("maker-1")
	const path = "/v1/sales?groupBy=product,store,day"
	first := s.do("GET", path, "", "Authorization", bearer)
	tag := first.Header.Get("ETag")
	if tag == "" || first.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("headers %v", first.Header)
	}
	for sent, want := range map[string]int{tag: 304, `"other", ` + tag: 304, strings.TrimPrefix(tag, "W/"): 304, "*": 304, `"other"`: 200, "": 200} {
		got := s.do("GET", path, "", "Authorization", bearer, "If-None-Match", sent)
		if got.StatusCode != want || want == 304 && (got.body != "" || got.Header.Get("ETag") != tag) {
			t.Errorf("If-None-Match: %s: %d %q", sent, got.StatusCode, got.body)
		}
	}
	if got := s.do("GET", path, "", "Authorization", "Bearer "+s.bearer("maker-2"), "If-None-Match", tag); got.StatusCode != 200 {
		t.Errorf("another's answer is taken for the own one: %d", got.StatusCode)
	}
	s.record(1, "S2", "main", "m1", "A", 500)
	if got := s.do("GET", path, "", "Authorization", bearer, "If-None-Match", tag); got.StatusCode != 200 {
		t.Errorf("after a change: %d", got.StatusCode)
	}
	if got := s.do("GET", "/v1/sales?limit=0", "", "Authorization", bearer, "If-None-Match", "*"); got.StatusCode != 400 {
		t.Errorf("a problem is hidden: %d", got.StatusCode)
	}
}

func TestOneUserCannotTakeTheWholeServer(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	locked, err := s.db.Owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer locked.Rollback(t.Context())
	if _, err := locked.Exec(t.Context(), "lock table view.checkpoint"); err != nil { // so that every request waits
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	statuses := make(chan int, 40)
	for range 17 {
		wait.Go(func() { statuses <- s.ask("GET", "maker-1", "/v1/sales") })
	}
	if first := <-statuses; first != 429 {
		t.Errorf("the first answer of seventeen is %d", first)
	}
	if err := locked.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	close(statuses)
	for status := range statuses {
		if status != 200 {
			t.Errorf("another is %d", status)
		}
	}
	if got := s.get("maker-1", "/v1/sales"); got.StatusCode != 200 {
		t.Errorf("and afterwards %d", got.StatusCode)
	}
}

// Behind our own proxy each client has its own throttle; from elsewhere the header says nothing.
func TestThrottleBehindAProxy(t *testing.T) {
	t.Parallel()
	wrong := `{"username":"north","password":"wrong"}`
	try := func(s *testServer, from string) int {
		return s.do("POST", "/v1/sessions", wrong, "X-Forwarded-For", from).StatusCode
	}
	behind := newServer(t, "http://127.0.0.1:1", func(o *api.Options) {
		o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	})
	for range 10 {
		try(behind, "203.0.113.7, 10.1.1.1")
	}
	if got := try(behind, "203.0.113.7"); got != 429 {
		t.Errorf("the eleventh of one client: %d", got)
	}
	if got := try(behind, "1.2.3.4, 203.0.113.7"); got != 429 {
		t.Errorf("with a made-up address in front: %d", got)
	}
	if got := try(behind, "203.0.113.8"); got != 401 {
		t.Errorf("the first of another: %d", got)
	}
	for i := range 10 {
		try(behind, "2001:db8:0:1::"+string(rune('1'+i%9)))
	}
	if got := try(behind, "2001:db8:0:1::ffff"); got != 429 {
		t.Errorf("another address of the same network: %d", got)
	}

	direct := newServer(t, "http://127.0.0.1:1")
	for i := range 10 {
		try(direct, "203.0.113."+string(rune('1'+i%9)))
	}
	if got := try(direct, "203.0.113.99"); got != 429 {
		t.Errorf("without a proxy, by a made-up header: %d", got)
	}
}
