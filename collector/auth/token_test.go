package auth_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tillproof/tillproof/collector/auth"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

// issuer publishes its keys, as the query server does, and counts how often it is asked.
type issuer struct {
	*httptest.Server
	asked atomic.Int64
	down  atomic.Bool
	keys  atomic.Pointer[map[string]ed25519.PublicKey]
}

func newIssuer(t *testing.T) (*issuer, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{}
	i.keys.Store(&map[string]ed25519.PublicKey{"k1": public})
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.asked.Add(1)
		if i.down.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		var jwks []string
		for id, key := range *i.keys.Load() {
			jwks = append(jwks, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","use":"sig","kid":%q,"x":%q}`, id,
				base64.RawURLEncoding.EncodeToString(key)))
		}
		fmt.Fprintf(w, `{"keys":[{"kty":"RSA","kid":"other"},%s]}`, strings.Join(jwks, ","))
	}))
	t.Cleanup(i.Close)
	return i, private
}

func claims(change func(jwt.MapClaims)) jwt.MapClaims {
	c := jwt.MapClaims{"iss": "tillproof", "aud": "tillproof", "sub": "u", "iat": now.Unix(),
		"exp": now.Add(time.Minute).Unix(), "role": "store", "storeIds": []string{"S1"}}
	if change != nil {
		change(c)
	}
	return c
}

func sign(t *testing.T, method jwt.SigningMethod, key any, header map[string]any, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	token.Header["kid"] = "k1"
	for name, value := range header {
		token.Header[name] = value
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func verifier(i *issuer) *auth.Tokens {
	clock := func() time.Time { return now }
	return auth.NewTokens(auth.NewKeySet(i.URL, clock), clock)
}

func TestVerifyToken(t *testing.T) {
	t.Parallel()
	i, key := newIssuer(t)
	for role, c := range map[string]struct {
		ids  jwt.MapClaims
		want auth.Caller
	}{
		"store":        {jwt.MapClaims{"storeIds": []string{"S1", "S2"}}, auth.Caller{StoreIDs: []string{"S1", "S2"}}},
		"customer":     {jwt.MapClaims{"loyaltyId": "M1"}, auth.Caller{LoyaltyID: "M1"}},
		"manufacturer": {jwt.MapClaims{"manufacturerId": "P1"}, auth.Caller{ManufacturerID: "P1"}},
		"auditor":      {nil, auth.Caller{}},
		"admin":        {nil, auth.Caller{}},
	} {
		token := sign(t, jwt.SigningMethodEdDSA, key, nil, claims(func(m jwt.MapClaims) {
			delete(m, "storeIds")
			m["role"] = role
			for name, value := range c.ids {
				m[name] = value
			}
		}))
		c.want.Role, c.want.ID = role, "user:u"
		got, err := verifier(i).Verify(t.Context(), token)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %+v, %v", role, got, err)
		}
	}
}

func TestVerifyRefusesForgeries(t *testing.T) {
	t.Parallel()
	i, key := newIssuer(t)
	public := key.Public().(ed25519.PublicKey)
	_, foreign, _ := ed25519.GenerateKey(rand.Reader)
	ed := jwt.SigningMethodEdDSA
	good := sign(t, ed, key, nil, claims(nil))
	parts := strings.Split(good, ".")
	adminClaims := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"tillproof","aud":"tillproof","sub":"u","role":"admin","exp":4102444800}`))
	with := func(name string, value any) string {
		return sign(t, ed, key, nil, claims(func(m jwt.MapClaims) {
			if value == nil {
				delete(m, name)
			} else {
				m[name] = value
			}
		}))
	}
	fiftyOne := make([]string, 51)
	for name, token := range map[string]string{
		"alg none":                    sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil, claims(nil)),
		"HS256 with the public key":   sign(t, jwt.SigningMethodHS256, []byte(public), nil, claims(nil)),
		"another's key":               sign(t, ed, foreign, nil, claims(nil)),
		"another's key id":            sign(t, ed, key, map[string]any{"kid": "k2"}, claims(nil)),
		"no key id":                   sign(t, ed, key, map[string]any{"kid": nil}, claims(nil)),
		"a key in the header":         sign(t, ed, foreign, map[string]any{"kid": "k2", "jwk": map[string]any{"kty": "OKP"}}, claims(nil)),
		"a critical header":           sign(t, ed, key, map[string]any{"crit": []string{"exp"}}, claims(nil)),
		"other claims":                parts[0] + "." + adminClaims + "." + parts[2],
		"no signature":                parts[0] + "." + parts[1] + ".",
		"garbage":                     "a.b.c",
		"too long":                    good + strings.Repeat("A", 20_000),
		"expired":                     with("exp", now.Add(-time.Minute).Unix()),
		"without expiry":              with("exp", nil),
		"issued in the future":        with("iat", now.Add(time.Minute).Unix()),
		"not yet valid":               with("nbf", now.Add(time.Minute).Unix()),
		"another issuer":              with("iss", "somebody"),
		"another audience":            with("aud", "somebody"),
		"no subject":                  with("sub", nil),
		"an unknown role":             with("role", "root"),
		"no role":                     with("role", nil),
		"a store without stores":      with("storeIds", nil),
		"a store of too many":         with("storeIds", fiftyOne),
		"a store and a head office":   with("retailerId", "main"),
		"a customer without an id":    with("role", "customer"),
		"a manufacturer without one":  with("role", "manufacturer"),
		"stores that are not a list":  with("storeIds", "S1"),
		"an empty string for a token": "",
	} {
		if caller, err := verifier(i).Verify(t.Context(), token); !errors.Is(err, auth.ErrInvalid) {
			t.Errorf("%s: %+v, %v", name, caller, err)
		}
	}
}

func TestKeySetRotation(t *testing.T) {
	t.Parallel()
	i, key := newIssuer(t)
	at := now
	set := auth.NewKeySet(i.URL, func() time.Time { return at })
	find := func(id string) error {
		_, err := set.Key(t.Context(), id)
		return err
	}
	if err := find("k1"); err != nil {
		t.Fatal(err)
	}
	// Made-up ids do not make us ask again and again.
	for range 100 {
		if err := find("made-up"); err == nil || errors.Is(err, auth.ErrUnavailable) {
			t.Fatalf("made-up key: %v", err)
		}
	}
	if n := i.asked.Load(); n != 1 {
		t.Errorf("the issuer was asked %d times", n)
	}
	// A new key is found once a moment has passed.
	public := key.Public().(ed25519.PublicKey)
	i.keys.Store(&map[string]ed25519.PublicKey{"k1": public, "k2": public})
	at = at.Add(11 * time.Second)
	if err := find("k2"); err != nil {
		t.Errorf("new key: %v", err)
	}
	// While the issuer is away, known keys stay good, however old.
	i.down.Store(true)
	at = at.Add(time.Hour)
	if err := find("k1"); err != nil {
		t.Errorf("issuer away: %v", err)
	}
	// A key withdrawn is refused once the set is fetched again.
	i.down.Store(false)
	i.keys.Store(&map[string]ed25519.PublicKey{"k2": public})
	at = at.Add(11 * time.Second)
	if err := find("k1"); err == nil {
		t.Error("a withdrawn key is still good")
	}
}

// When no key was ever fetched nobody can say that a token is bad, and nobody is let in.
func TestKeySetNeverFetched(t *testing.T) {
	t.Parallel()
	i, key := newIssuer(t)
	i.down.Store(true)
	token := sign(t, jwt.SigningMethodEdDSA, key, nil, claims(nil))
	if _, err := verifier(i).Verify(t.Context(), token); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestAuthenticateHeader(t *testing.T) {
	t.Parallel()
	i, key := newIssuer(t)
	a := auth.Authenticator{Tokens: verifier(i), TillKeys: refuseAll{}}
	good := sign(t, jwt.SigningMethodEdDSA, key, nil, claims(nil))
	for header, want := range map[string]error{
		"Bearer " + good: nil, "bearer " + good: nil, "": auth.ErrNoCredential, "Bearer": auth.ErrInvalid, "Bearer ": auth.ErrInvalid,
		good: auth.ErrInvalid, "Basic " + good: auth.ErrInvalid, "Bearer tpk_" + good: auth.ErrInvalid,
	} {
		if _, err := a.Authenticate(t.Context(), header); !errors.Is(err, want) {
			t.Errorf("%.20q: %v", header, err)
		}
	}
}

type refuseAll struct{}

func (refuseAll) Verify(context.Context, string) (auth.Caller, error) {
	return auth.Caller{}, auth.ErrInvalid
}

func TestOwns(t *testing.T) {
	t.Parallel()
	stores := auth.Caller{Role: auth.Store, StoreIDs: []string{"S1"}}
	headOffice := auth.Caller{Role: auth.Store, RetailerID: "main"}
	for _, c := range []struct {
		caller          auth.Caller
		store, retailer string
		want            bool
	}{
		{stores, "S1", "main", true}, {stores, "S2", "main", false}, {stores, "", "", false},
		{headOffice, "S9", "main", true}, {headOffice, "S9", "other", false}, {headOffice, "S9", "", false},
		{auth.Caller{Role: auth.Store}, "", "", false}, {auth.Caller{Role: auth.Admin}, "S1", "main", false},
		{auth.Caller{Role: auth.Customer, StoreIDs: []string{"S1"}}, "S1", "main", false},
	} {
		if got := c.caller.Owns(c.store, c.retailer); got != c.want {
			t.Errorf("%+v owns %s of %s: %v", c.caller, c.store, c.retailer, got)
		}
	}
}
