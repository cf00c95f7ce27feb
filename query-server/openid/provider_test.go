package openid

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var noon = time.Date(2024, 1, 15, 12, 0, 0, 0, time.UTC)

type fixture struct {
	provider *Provider
	rsa      *rsa.PrivateKey
	ec       *ecdsa.PrivateKey
	ed       ed25519.PrivateKey
	fetches  atomic.Int32
	now      time.Time
	down     atomic.Bool
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{now: noon}
	var err error
	if f.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if f.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	if _, f.ed, err = ed25519.GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	point, err := f.ec.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]any{"keys": []map[string]string{
		{"kty": "RSA", "kid": "r", "use": "sig", "n": encode(f.rsa.N.Bytes()), "e": encode(big.NewInt(int64(f.rsa.E)).Bytes())},
		{"kty": "EC", "kid": "e", "crv": "P-256", "x": encode(point[1:33]), "y": encode(point[33:])},
		{"kty": "OKP", "kid": "d", "crv": "Ed25519", "x": encode(f.ed.Public().(ed25519.PublicKey))},
		{"kty": "RSA", "kid": "enc", "use": "enc", "n": encode(f.rsa.N.Bytes()), "e": "AQAB"},
		{"kty": "oct", "kid": "o", "k": "AAAA"},
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.fetches.Add(1)
		if f.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		json.NewEncoder(w).Encode(set)
	}))
	t.Cleanup(server.Close)
	f.provider = NewProvider(Config{
		Issuer: "https://id.example", KeySet: server.URL, Audience: "tillproof",
		Claims: map[string]string{"role": "https://example/role", "storeIds": "stores"},
	}, func() time.Time { return f.now })
	return f
}

func claims() jwt.MapClaims {
	return jwt.MapClaims{"iss": "https://id.example", "aud": []string{"other", "tillproof"}, "sub": "u1", "exp": noon.Add(time.Hour).Unix(),
		"iat": noon.Unix(), "https://example/role": "store", "stores": []string{"S 1", "S/2"}, "role": "admin"}
}

func sign(t *testing.T, method jwt.SigningMethod, kid string, key crypto.PrivateKey, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, c)
	token.Header["kid"] = kid
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestVerify(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for name, text := range map[string]string{
		"RS256": sign(t, jwt.SigningMethodRS256, "r", f.rsa, claims()),
		"ES256": sign(t, jwt.SigningMethodES256, "e", f.ec, claims()),
		"EdDSA": sign(t, jwt.SigningMethodEdDSA, "d", f.ed, claims()),
	} {
		got, err := f.provider.Verify(context.Background(), text)
		if err != nil || got.Role != "store" || strings.Join(got.StoreIDs, "|") != "S 1|S/2" || got.Subject != "openid:u1" ||
			!got.ExpiresAt.Equal(noon.Add(time.Hour)) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if fetches := f.fetches.Load(); fetches != 1 {
		t.Errorf("the keys were fetched %d times", fetches)
	}
}

func TestVerifyRefusesForgeries(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	with := func(name string, value any) string {
		c := claims()
		if c[name] = value; value == nil {
			delete(c, name)
		}
		return sign(t, jwt.SigningMethodRS256, "r", f.rsa, c)
	}
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := strings.Split(with("sub", "u1"), ".")
	for name, text := range map[string]string{
		"alg none":                  sign(t, jwt.SigningMethodNone, "r", jwt.UnsafeAllowNoneSignatureType, claims()),
		"HS256 with the public key": sign(t, jwt.SigningMethodHS256, "r", f.rsa.N.Bytes(), claims()),
		"another's key":             sign(t, jwt.SigningMethodRS256, "r", foreign, claims()),
		"another kind of key":       sign(t, jwt.SigningMethodEdDSA, "r", f.ed, claims()),
		"a key to encrypt with":     sign(t, jwt.SigningMethodRS256, "enc", f.rsa, claims()),
		"an unknown key":            sign(t, jwt.SigningMethodRS256, "x", f.rsa, claims()),
		"PS256":                     sign(t, jwt.SigningMethodPS256, "r", f.rsa, claims()),
		"a changed claim":           good[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"u2"}`)) + "." + good[2],
		"another issuer":            with("iss", "https://evil.example"),
		"another audience":          with("aud", "other"),
		"no audience":               with("aud", nil),
		"expired":                   with("exp", noon.Add(-time.Minute).Unix()),
		"no expiry":                 with("exp", nil),
		"not yet valid":             with("nbf", noon.Add(time.Minute).Unix()),
		"no subject":                with("sub", nil),
		"no role":                   with("https://example/role", nil), // the claim role is not the one configured
		"an unknown role":           with("https://example/role", "root"),
		"too many stores":           with("stores", make([]string, 51)),
		"our own issuer's name":     with("iss", "tillproof"),
	} {
		if got, err := f.provider.Verify(context.Background(), text); err == nil {
			t.Errorf("%s: let in as %+v", name, got)
		}
	}
	if fetches := f.fetches.Load(); fetches != 1 {
		t.Errorf("made-up keys had the keys fetched %d times", fetches)
	}
}

func TestKeysWhileTheProviderIsAway(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	c := claims()
	c["exp"] = noon.Add(3 * time.Hour).Unix()
	text := sign(t, jwt.SigningMethodES256, "e", f.ec, c)
	verify := func() error { _, err := f.provider.Verify(context.Background(), text); return err }
	if err := verify(); err != nil {
		t.Fatal(err)
	}
	f.down.Store(true)
	f.now = noon.Add(30 * time.Minute)
	if err := verify(); err != nil {
		t.Errorf("half an hour later: %v", err)
	}
	f.now = noon.Add(90 * time.Minute)
	if verify() == nil {
		t.Error("a key is believed for ever")
	}
	f.down.Store(false)
	f.now = f.now.Add(time.Minute)
	if err := verify(); err != nil {
		t.Errorf("with the provider back: %v", err)
	}
}
