package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestCollectorThroughOurOrigin(t *testing.T) {
	t.Parallel()
	seen := make(chan *http.Request, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Clone(r.Context())
		w.Header().Set("X-Request-Id", "the collector's own")
		w.Header().Set("Location", "/v1/tickets/1")
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(collector.Close)
	s := newServer(t, collector.URL)

	got := s.do("PUT", "/collector/v1/stores/Nord%2F1?x=1", `{}`, "Authorization", "Bearer tpk_key", "Cookie", "a=b", "X-Request-Id", "r1")
	r := <-seen
	if got.StatusCode != 201 || got.Header.Get("Location") != "/collector/v1/tickets/1" || len(got.Header.Values("X-Request-Id")) != 1 || got.Header.Get("X-Request-Id") != "r1" {
		t.Errorf("the answer: %d %v", got.StatusCode, got.Header)
	}
	if r.Method != "PUT" || r.URL.EscapedPath() != "/v1/stores/Nord%2F1" || r.URL.RawQuery != "x=1" || r.Header.Get("Authorization") != "Bearer tpk_key" ||
		r.Header.Get("Cookie") != "" || r.Header.Get("X-Request-Id") != "r1" {
		t.Errorf("the collector saw %s %s %v", r.Method, r.URL, r.Header)
	}

	// The page has a cookie, which the collector does not know.
	s.Client().Jar, _ = cookiejar.New(nil)
	decode[signedIn](t, s.do("POST", "/v1/sessions?cookie=1", `{"username":"admin","password":"`+goodPassword+`"}`, "Origin", s.URL))
	s.do("PUT", "/collector/v1/stores/1", `{}`, "Origin", s.URL)
	bearer, found := strings.CutPrefix((<-seen).Header.Get("Authorization"), "Bearer ")
	if claims, err := s.issuer.Verify(bearer); !found || err != nil || claims.Subject != "admin" {
		t.Errorf("the collector got %q", bearer)
	}
	if got := s.do("PUT", "/collector/v1/stores/1", `{}`, "Origin", "http://evil.example"); got.StatusCode != 403 {
		t.Errorf("from another origin: %d", got.StatusCode)
	}
	s.Client().Jar = nil
	if got := s.do("PUT", "/collector/v1/stores/1", `{}`); got.StatusCode != 401 {
		t.Errorf("without any credential: %d", got.StatusCode)
	}
	for _, path := range []string{"/collector/metrics", "/collector/v1/../metrics", "/collector/v1/%2e%2e/metrics"} {
		if got := s.do("GET", path, "", "Authorization", "Bearer x"); got.StatusCode != 404 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	if len(seen) > 0 {
		t.Errorf("the collector was asked for %s", (<-seen).URL)
	}
}

// Answers to a ticket file come while it is still being sent.
func TestCollectorStreamsBothWays(t *testing.T) {
	t.Parallel()
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connection := http.NewResponseController(w)
		if err := connection.EnableFullDuplex(); err != nil {
			t.Error(err)
		}
		lines := bufio.NewScanner(r.Body)
		for lines.Scan() {
			fmt.Fprintf(w, "got %s\n", lines.Text())
			connection.Flush()
		}
	}))
	t.Cleanup(collector.Close)
	s := newServer(t, collector.URL)
	body, send := io.Pipe()
	request, err := http.NewRequest("POST", s.URL+"/collector/v1/ticket-files", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer tpk_key")
	go fmt.Fprintln(send, "one")
	response, err := s.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answers := bufio.NewScanner(response.Body)
	for i, line := range []string{"one", "two", "three"} {
		if i > 0 {
			fmt.Fprintln(send, line)
		}
		if !answers.Scan() || answers.Text() != "got "+line {
			t.Fatalf("line %d was answered %q, %v", i, answers.Text(), answers.Err())
		}
	}
	send.Close()
	if answers.Scan() {
		t.Errorf("more: %q", answers.Text())
	}
}

// Whoever still sends when the collector has answered, or gone away, is answered and let go.
func TestCollectorHasEnough(t *testing.T) {
	t.Parallel()
	for name, enough := range map[string]http.HandlerFunc{
		"answers": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"goes":    func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
	} {
		collector := httptest.NewUnstartedServer(enough)
		collector.Config.ReadTimeout = 100 * time.Millisecond // as long as it waits for what is still to come
		collector.Start()
		t.Cleanup(collector.Close)
		s := newServer(t, collector.URL)
		connection, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		fmt.Fprint(connection, "POST /collector/v1/tickets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nContent-Length: 100000\r\n\r\n{")
		go func() {
			for err := error(nil); err == nil; time.Sleep(10 * time.Millisecond) {
				_, err = fmt.Fprint(connection, "x")
			}
		}()
		answer, _ := io.ReadAll(connection) // until the server ends it, be it by a reset
		if want := map[string]string{"answers": "HTTP/1.1 401", "goes": "HTTP/1.1 502"}[name]; !strings.HasPrefix(string(answer), want) {
			t.Errorf("the collector %s:\n%s", name, answer)
		}
	}
}

func TestCollectorIsDown(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1")
	got := s.do("GET", "/collector/v1/stores", "", "Authorization", "Bearer x")
	if got.StatusCode != 502 || got.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(got.body, "refused") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}
