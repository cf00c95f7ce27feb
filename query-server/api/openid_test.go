package api_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tillproof/tillproof/query-server/api"
	"github.com/tillproof/tillproof/query-server/openid"
)

// A token of the external provider shows what one of ours shows, also to the collector; without a provider it is nothing.
func TestExternalProvider(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"%s"}]}`, base64.RawURLEncoding.EncodeToString(public))
	}))
	t.Cleanup(provider.Close)
	seen := make(chan string, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen <- r.Header.Get("Authorization") }))
	t.Cleanup(collector.Close)
	unsigned := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"iss": "https://id.example", "aud": "tillproof", "sub": "admin",
		"exp": time.Now().Add(time.Hour).Unix(), "groups": "manufacturer", "manufacturerId": "m1"})
	unsigned.Header["kid"] = "k"
	text, err := unsigned.SignedString(private)
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, collector.URL, func(o *api.Options) {
		o.OpenID = openid.NewProvider(openid.Config{Issuer: "https://id.example", KeySet: provider.URL, Audience: "tillproof",
			Claims: map[string]string{"role": "groups"}}, time.Now)
	})
	ask := func(s *testServer, path string) answer { return s.do("GET", path, "", "Authorization", "Bearer "+text) }
	if got := ask(s, "/v1/sales?groupBy=product"); got.body != s.get("maker-1", "/v1/sales?groupBy=product").body {
		t.Errorf("sales: %d %s", got.StatusCode, got.body)
	}
	if got := ask(s, "/v1/reconciliation"); got.StatusCode != 403 {
		t.Errorf("a subject that is called admin reads as one: %d", got.StatusCode)
	}
	if got := s.do("GET", "/v1/sales", "", "Cookie", "tillproof-access="+text); got.StatusCode != 401 {
		t.Errorf("as our cookie: %d", got.StatusCode)
	}
	ask(s, "/collector/v1/stores")
	own, _ := strings.CutPrefix(<-seen, "Bearer ")
	if claims, err := s.issuer.Verify(own); err != nil || claims.ManufacturerID != "m1" || claims.Subject != "openid:admin" {
		t.Errorf("the collector got %+v, %v", claims, err)
	}
	s.do("GET", "/collector/v1/stores", "", "Authorization", "Bearer tpk_key")
	if got := <-seen; got != "Bearer tpk_key" {
		t.Errorf("of a till's key the collector got %s", got)
	}
	without := newServer(t, collector.URL)
	if got := ask(without, "/v1/sales"); got.StatusCode != 401 {
		t.Errorf("without a provider: %d", got.StatusCode)
	}
}

// With the provider away, our own sessions go on, and the server says what is amiss.
func TestExternalProviderThatIsAway(t *testing.T) {
	t.Parallel()
	s := newServer(t, "http://127.0.0.1:1", func(o *api.Options) {
		o.OpenID = openid.NewProvider(openid.Config{Issuer: "http://127.0.0.1:1", Audience: "tillproof"}, time.Now)
	})
	if got := s.do("GET", "/readyz", ""); got.StatusCode != 200 || !strings.Contains(got.body, `"openid":"ok"`) {
		t.Errorf("before anybody asked: %d %s", got.StatusCode, got.body)
	}
	foreign := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{})
	foreign.Header["alg"], foreign.Header["kid"] = "EdDSA", "k"
	text, err := foreign.SignedString([]byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.do("GET", "/v1/points", "", "Authorization", "Bearer "+text); got.StatusCode != 401 {
		t.Errorf("a token of it: %d", got.StatusCode)
	}
	if got := s.do("GET", "/readyz", ""); got.StatusCode != 200 || !strings.Contains(got.body, `"openid":"does not answer"`) {
		t.Errorf("after: %d %s", got.StatusCode, got.body)
	}
	if got := s.get("customer-a", "/v1/points"); got.StatusCode != 200 {
		t.Errorf("a session of ours: %d", got.StatusCode)
	}
}
