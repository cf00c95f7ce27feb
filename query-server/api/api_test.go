package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
	"github.com/tillproof/tillproof/hotstate/password"
	"github.com/tillproof/tillproof/query-server/api"
	"github.com/tillproof/tillproof/query-server/live"
	"github.com/tillproof/tillproof/query-server/membercode"
	"github.com/tillproof/tillproof/query-server/page"
	"github.com/tillproof/tillproof/query-server/session"
	"github.com/tillproof/tillproof/query-server/token"
)

// testServer is the whole server on a database with the small shop in it.
type testServer struct {
	*httptest.Server
	db     *hotstatetest.Database
	issuer token.Issuer
	log    *syncBuffer
	t      testing.TB
	keys   string // the folder
	now    *clock

	stopFeed func()
}

// clock is a time that a test moves on.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// The users of the test server; each has the password of the constant below.
var users = map[string]hotstate.Actor{
	"customer-a": {Role: "customer", LoyaltyID: "a"},
	"customer-b": {Role: "customer", LoyaltyID: "b"},
	"north":      {Role: "store", StoreIDs: []string{hotstatetest.TroubleStore}},
	"elsewhere":  {Role: "store", StoreIDs: []string{"X1"}},
	"chain":      {Role: "store", RetailerID: "main"},
	"maker-1":    {Role: "manufacturer", ManufacturerID: "m1"},
	"maker-2":    {Role: "manufacturer", ManufacturerID: "m2"},
	"auditor":    {Role: "auditor"},
	"admin":      {Role: "admin"},
}

const goodPassword = "correct horse battery"

var goodHash = sync.OnceValue(func() string { return password.Hash(goodPassword) })

// newServer starts the server, with other options if a test wants them.
func newServer(t testing.TB, collector string, change ...func(*api.Options)) *testServer {
	t.Helper()
	db := hotstatetest.New(t)
	db.LoadShop(t)
	for name, a := range users {
		if a.StoreIDs == nil {
			a.StoreIDs = []string{}
		}
		_, err := db.Owner.Exec(context.Background(), `
			insert into book.users (username, role, password_hash, store_ids, retailer_id, manufacturer_id, loyalty_id)
			values ($1, $2, $3, $4, nullif($5, ''), nullif($6, ''), nullif($7, ''))`,
			name, a.Role, goodHash(), a.StoreIDs, a.RetailerID, a.ManufacturerID, a.LoyaltyID)
		if err != nil {
			t.Fatal(err)
		}
	}
	first := &testServer{db: db, t: t, keys: t.TempDir(), now: &clock{at: time.Now()}}
	return first.another(collector, change...)
}

// another starts a further server of the same installation: the same database, the same folder of keys.
func (of *testServer) another(collector string, change ...func(*api.Options)) *testServer {
	t, db := of.t, of.db
	t.Helper()
	s := &testServer{db: db, log: &syncBuffer{}, t: t, keys: of.keys, now: of.now}
	keys, err := token.OpenKeys(s.keys)
	if err != nil {
		t.Fatal(err)
	}
	s.issuer = token.Issuer{Name: "tillproof", Keys: keys, Now: s.now.Now}
	pages, err := page.Handler()
	if err != nil {
		t.Fatal(err)
	}
	collectorURL, err := url.Parse(collector)
	if err != nil {
		t.Fatal(err)
	}
	codes, err := membercode.NewMaker(s.keys, s.now.Now)
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := session.NewService(db.Query, s.issuer)
	if err != nil {
		t.Fatal(err)
	}
	options := api.Options{
		MemberCodes: codes,
		Pool:        db.Query, Issuer: s.issuer, Sessions: sessions, Collector: collectorURL,
		PublicURL: &url.URL{Scheme: "http", Host: "127.0.0.1"}, Page: pages, Log: slog.New(slog.NewJSONHandler(s.log, nil)),
	}
	for _, set := range change {
		set(&options)
	}
	options.Live = live.NewFeed(db.Query, options.Log, api.SalesEvents{}, options.SmallestCells)
	ctx, stop := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() { options.Live.Run(ctx) })
	handler, err := api.New(options)
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewServer(handler)
	s.stopFeed = stop
	t.Cleanup(func() { stop(); watching.Wait(); s.Close() })
	return s
}

// bearer gives a token for a user, as signing in would.
func (s *testServer) bearer(username string) string {
	s.t.Helper()
	text, err := s.issuer.Sign(hotstate.Login{Username: username, Actor: users[username]}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

// do sends a request; headers are pairs.
func (s *testServer) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	request, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.Client().Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	got := answer{response, string(text)}
	kept := response.Header.Get("Cache-Control")
	if method == "GET" && request.Header.Get("Authorization") != "" && strings.HasPrefix(path, "/v1/") && !strings.HasPrefix(path, "/v1/log/") &&
		!strings.HasPrefix(kept, "private") && kept != "no-store" {
		s.t.Errorf("%s %s: a shared cache may keep somebody's answer: %q", method, path, kept)
	}
	s.checkDescribed(response, text)
	return got
}

// checkDescribed holds an answer against the published document; without a body, its status.
func (s *testServer) checkDescribed(response *http.Response, body []byte) {
	s.t.Helper()
	document, err := described()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := document.Check(response, body); err != nil {
		s.t.Errorf("%s %s answers otherwise than its description says: %v\n%s", response.Request.Method, response.Request.URL, err, body)
	}
}

// get asks as a user.
func (s *testServer) get(username, path string) answer {
	s.t.Helper()
	return s.do("GET", path, "", "Authorization", "Bearer "+s.bearer(username))
}

// decode reads an answer's body, whose status must be 200.
func decode[T any](t testing.TB, a answer) T {
	t.Helper()
	if a.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s\n%s", a.Request.Method, a.Request.URL, a.Status, a.body)
	}
	var value T
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Fatalf("%s: %v\n%s", a.Request.URL, err, a.body)
	}
	return value
}
