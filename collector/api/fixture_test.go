package api_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tillproof/tillproof/collector/api"
	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/erasure"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/collector/programme"
	"github.com/tillproof/tillproof/collector/registration"
	"github.com/tillproof/tillproof/collector/spending"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/hotstatetest"
)

// fixture is a whole collector without its workers for the ledger: a real database, real keys, real HTTP. The issuer of
// tokens is the test's own.
type fixture struct {
	*testing.T
	db     *hotstatetest.Database
	server *httptest.Server
	signer ed25519.PrivateKey
	log    *lockedBuffer
	keys   *keyring.Keyring

	spending *spending.Service // takes orders; nothing carries them out
}

// options replace a part, where faults are tried.
type options struct {
	acceptor func(ingest.Acceptor) ingest.Acceptor
	checks   []api.Check
	stopping chan struct{}
	backlog  func(*fixture) *ingest.Backlog

	programme *programme.Service
}

func newFixture(t *testing.T, replace ...func(*options)) *fixture {
	t.Helper()
	o := options{acceptor: func(a ingest.Acceptor) ingest.Acceptor { return a }}
	for _, r := range replace {
		r(&o)
	}
	f := &fixture{T: t, db: hotstatetest.New(t), log: &lockedBuffer{}}
	f.keys = must(keyring.Open(t.TempDir()))
	f.spending = spending.New(f.db.Collector, nil, f.keys, spending.DefaultConfig)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f.signer = private
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k1","x":%q}]}`, base64.RawURLEncoding.EncodeToString(public))
	}))
	t.Cleanup(issuer.Close)

	log := slog.New(slog.NewJSONHandler(f.log, nil))
	service := o.acceptor(ingest.NewService(f.db.Collector, f.keys, time.Now))
	coalescer := ingest.NewCoalescer(service, log)
	running, stop := context.WithCancel(context.Background())
	stopped := make(chan struct{})
	go func() { coalescer.Run(running); close(stopped) }()
	t.Cleanup(func() { stop(); <-stopped })

	config := api.Config{
		Log:  log,
		Pool: f.db.Collector,
		Auth: auth.Authenticator{
			Tokens:   auth.NewTokens(auth.NewKeySet(issuer.URL, time.Now), time.Now),
			TillKeys: auth.NewTillKeys(f.db.Collector, time.Now),
		},
		Tickets: coalescer, TicketGroups: service,
		Registrations: registration.NewService(f.db.Collector, time.Now),
		Erasures:      erasure.New(f.db.Collector, nil, f.keys, erasure.DefaultConfig), // requests alone: nothing carries them out
		Spending:      f.spending,
		Programme:     o.programme,
		MemberCodes:   must(f.keys.MemberCodes()),
		Channel:       "tickets",
		Checks:        o.checks,
		Metrics:       prometheus.NewRegistry(),
		Stopping:      o.stopping,
		Clock:         time.Now,
	}
	if o.backlog != nil {
		config.Backlog = o.backlog(f)
	}
	f.server = httptest.NewServer(api.New(config))
	t.Cleanup(f.server.Close)
	return f
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// token signs claims as the query server does. Claims given stand in for, or add to, the usual ones.
func (f *fixture) token(claims jwt.MapClaims) string {
	now := time.Now()
	all := jwt.MapClaims{"iss": "tillproof", "aud": "tillproof", "sub": "somebody", "jti": uuid.NewString(),
		"iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix()}
	for name, value := range claims {
		all[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, all)
	token.Header["kid"] = "k1"
	return must(token.SignedString(f.signer))
}

func (f *fixture) admin() string { return f.token(jwt.MapClaims{"sub": "admin", "role": "admin"}) }

func (f *fixture) store(ids ...string) string {
	return f.token(jwt.MapClaims{"sub": "store-" + ids[0], "role": "store", "storeIds": ids})
}

// registerStores puts stores straight into the database.
func (f *fixture) registerStores(ids ...string) {
	f.Helper()
	for _, id := range ids {
		store := hotstate.Store{StoreID: id, Name: "Store " + id, RetailerID: "main", TimeZone: "UTC"}
		if err := hotstate.UpsertStores(f.Context(), f.db.Collector, []hotstate.Store{store}); err != nil {
			f.Fatal(err)
		}
	}
}

type answer struct {
	*http.Response
	body []byte
}

func (f *fixture) do(method, path, token, body string, headers ...string) answer {
	f.Helper()
	request := must(http.NewRequest(method, f.server.URL+path, strings.NewReader(body)))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := f.server.Client().Do(request)
	if err != nil {
		f.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	a := answer{response, must(io.ReadAll(response.Body))}
	f.checkDescribed(a)
	return a
}

func (f *fixture) postTicket(token, key, body string) answer {
	f.Helper()
	return f.do("POST", "/v1/tickets", token, body, "Idempotency-Key", key)
}

// problem is a problem as a client sees it.
type problem struct {
	Type   string
	Status int
	Detail string
	Errors []struct{ Pointer, Rule, Detail string }
}

// requireProblem wants a problem of a status and kind, and gives it.
func (f *fixture) requireProblem(a answer, status int, kind string) problem {
	f.Helper()
	var p problem
	if err := json.Unmarshal(a.body, &p); err != nil {
		f.Fatalf("status %d, not a problem: %s", a.StatusCode, a.body)
	}
	if a.StatusCode != status || p.Status != status || p.Type != "urn:tillproof:problem:"+kind {
		f.Errorf("got %d %s, want %d %s: %s", a.StatusCode, p.Type, status, kind, a.body)
	}
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		f.Errorf("content type of a problem is %q", got)
	}
	if a.Header.Get("X-Request-Id") == "" {
		f.Error("a problem without X-Request-Id")
	}
	return p
}

func (f *fixture) requireStatus(a answer, status int) answer {
	f.Helper()
	if a.StatusCode != status {
		f.Fatalf("got %d, want %d: %s", a.StatusCode, status, a.body)
	}
	return a
}

// count asks the database for a number.
func (f *fixture) count(query string, args ...any) (n int) {
	f.Helper()
	if err := f.db.Owner.QueryRow(f.Context(), query, args...).Scan(&n); err != nil {
		f.Fatal(err)
	}
	return n
}

func (f *fixture) exec(query string, args ...any) {
	f.Helper()
	if _, err := f.db.Owner.Exec(f.Context(), query, args...); err != nil {
		f.Fatal(err)
	}
}

// sale is a ticket with what tests vary.
type sale struct {
	id, store, till, day, member string
	number, amount               int
}

var base = sale{store: "S1", till: "1", day: "2026-03-02", number: 1, amount: 13900}

func newSale(change func(*sale)) sale {
	s := base
	s.id = uuid.NewString()
	if change != nil {
		change(&s)
	}
	return s
}

func (s sale) json() string {
	member := ""
	if s.member != "" {
		member = fmt.Sprintf(`"loyaltyId":%q,`, s.member)
	}
	return fmt.Sprintf(`{"schemaVersion":"1","transactionId":%q,"transactionType":"Sale","storeId":%q,"workstationId":%q,`+
		`"sequenceNumber":%d,"businessDayDate":%q,"endDateTime":"%sT10:00:00Z","currencyCode":"EUR",%s`+
		`"lineItems":[{"sequenceNumber":1,"itemId":"A","quantity":"1","extendedAmount":%d}],"totals":{"grand":%d}}`,
		s.id, s.store, s.till, s.number, s.day, s.day, member, s.amount, s.amount)
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}
