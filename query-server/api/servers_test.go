package api_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/query-server/api"
)

const noCollector = "http://127.0.0.1:1"

// Behind a load balancer, any server goes on with what another began.
func TestTwoServersAreOne(t *testing.T) {
	t.Parallel()
	one := newServer(t, noCollector)
	two := one.another(noCollector)
	session := decode[signedIn](t, one.signIn("north", goodPassword))
	if got := two.do("GET", "/v1/tickets", "", "Authorization", "Bearer "+session.AccessToken); got.StatusCode != 200 {
		t.Errorf("a token of the other server: %d", got.StatusCode)
	}
	renewed := decode[signedIn](t, two.refresh(session.RefreshToken))
	if got := one.refresh(session.RefreshToken); got.StatusCode != 401 {
		t.Errorf("a refresh token that the other server took: %d", got.StatusCode)
	}
	if got := two.refresh(renewed.RefreshToken); got.StatusCode != 401 {
		t.Errorf("the session goes on after a reuse at the other server: %d", got.StatusCode)
	}
	session = decode[signedIn](t, two.signIn("north", goodPassword))
	if got := one.do("DELETE", "/v1/sessions", "", "Authorization", "Bearer "+session.AccessToken); got.StatusCode != 204 {
		t.Errorf("signing out at the other server: %d", got.StatusCode)
	}
	if got := two.refresh(session.RefreshToken); got.StatusCode != 401 {
		t.Errorf("the session goes on after signing out at the other server: %d", got.StatusCode)
	}

	// Pages of a list, and the references in it.
	type list struct {
		Items      []struct{ LineRef string }
		NextCursor string
	}
	first := decode[list](t, one.get("maker-1", "/v1/sales/lines?limit=1"))
	if rest := two.get("maker-1", "/v1/sales/lines?limit=1&cursor="+first.NextCursor); rest.StatusCode != 200 {
		t.Errorf("a cursor of the other server: %d %s", rest.StatusCode, rest.body)
	}
	again := decode[list](t, two.get("maker-1", "/v1/sales/lines?limit=1"))
	if again.Items[0] != first.Items[0] {
		t.Error("the servers name a line differently")
	}

	// Wrong passwords count together.
	for i := range 10 {
		server := []*testServer{one, two}[i%2]
		if got := server.signIn("customer-b", "wrong"); got.StatusCode != 401 {
			t.Fatalf("wrong password %d: %d", i+1, got.StatusCode)
		}
	}
	for _, server := range []*testServer{one, two} {
		if got := server.signIn("customer-b", goodPassword); got.StatusCode != 429 {
			t.Errorf("after ten wrong passwords at two servers: %d", got.StatusCode)
		}
	}
}

// A key is published by every server before one of them signs with it, and a token of a key that was rotated out is good at
// none of them.
func TestKeysRotateOnAllServers(t *testing.T) {
	t.Parallel()
	one := newServer(t, noCollector)
	two := one.another(noCollector)
	look := func(server *testServer, later time.Duration) {
		t.Helper()
		if err := server.issuer.Keys.Reload(time.Now().Add(later)); err != nil {
			t.Fatal(err)
		}
	}
	good := func(server *testServer, bearer string) bool {
		t.Helper()
		return server.do("GET", "/v1/tickets", "", "Authorization", "Bearer "+bearer).StatusCode == 200
	}
	before := one.bearer("north")
	makeTokenKey(t, filepath.Join(one.keys, "0002.pem"))
	look(two, time.Minute)
	if keys := two.do("GET", "/.well-known/jwks.json", "").body; strings.Count(keys, `"kid"`) != 2 {
		t.Errorf("the new key is not published: %s", keys)
	}
	look(one, time.Hour) // the other server's clock is ahead, or it looked later
	after := one.bearer("north")
	if !good(two, before) || !good(two, after) {
		t.Error("tokens of the old and the new key are not both good while both keys are there")
	}
	if strings.Split(before, ".")[0] == strings.Split(after, ".")[0] {
		t.Error("the new key does not sign")
	}
	if err := os.Remove(filepath.Join(one.keys, "0001.pem")); err != nil {
		t.Fatal(err)
	}
	for _, server := range []*testServer{one, two, one.another(noCollector)} {
		look(server, time.Hour)
		if good(server, before) || !good(server, after) {
			t.Error("once the old key is gone, its tokens alone must be refused")
		}
	}
}

func makeTokenKey(t *testing.T, name string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// All but sessions is read from a replica, where nothing can be written.
func TestReadingFromAReplica(t *testing.T) {
	t.Parallel()
	one := newServer(t, noCollector)
	replica := one.another(noCollector, func(o *api.Options) { o.Pool = readOnly(t, one.db.URL) })
	replica.checkProbes(t)
	decode[signedIn](t, replica.signIn("north", goodPassword))
	for _, path := range []string{"/v1/reconciliation", "/v1/sales?groupBy=day", "/v1/stores/S2/days", "/readyz"} {
		if got := replica.get("admin", path); got.StatusCode != 200 {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.body)
		}
	}
}

// readOnly opens a database as a replica is: every transaction that writes fails.
func readOnly(t *testing.T, url string) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 4
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "set session authorization tillproof_query; set default_transaction_read_only = on")
		return err
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if _, err := pool.Exec(t.Context(), "create table written ()"); err == nil {
		t.Fatal("the replica can be written")
	}
	return pool
}
