package token

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tillproof/tillproof/hotstate"
)

var noon = time.Date(2024, 1, 15, 12, 0, 0, 0, time.UTC)

func newIssuer(t *testing.T) Issuer {
	t.Helper()
	keys, err := OpenKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return Issuer{Name: "tillproof", Keys: keys, Now: func() time.Time { return noon }}
}

// goodClaims are what Sign would write; a test makes one of them bad.
func goodClaims() jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "tillproof", "aud": []string{"tillproof"}, "sub": "maker-1", "role": "manufacturer", "manufacturerId": "m1",
		"iat": noon.Unix(), "exp": noon.Add(Lifetime).Unix(), "jti": "1",
	}
}

func sign(t *testing.T, method jwt.SigningMethod, key any, kid any, claims jwt.Claims) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	if kid != nil {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestVerifyKnowsItsOwn(t *testing.T) {
	t.Parallel()
	issuer := newIssuer(t)
	text, err := issuer.Sign(hotstate.Login{Username: "shop", Actor: hotstate.Actor{Role: "store", StoreIDs: []string{"S 1", "S/2"}}}, "session")
	if err != nil {
		t.Fatal(err)
	}
	claims, err := issuer.Verify(text)
	if err != nil {
		t.Fatal(err)
	}
	actor := claims.Actor()
	if claims.Subject != "shop" || claims.SessionID != "session" || actor.Role != "store" || len(actor.StoreIDs) != 2 || actor.StoreIDs[1] != "S/2" {
		t.Errorf("claims %+v", claims)
	}
	if claims.ID == "" || !claims.ExpiresAt.Equal(noon.Add(15*time.Minute)) {
		t.Errorf("claims %+v", claims)
	}
	tooMany := hotstate.Actor{Role: "store", StoreIDs: make([]string, MaxStores+1)}
	if _, err := issuer.Sign(hotstate.Login{Actor: tooMany}, ""); err == nil {
		t.Error("a token with 51 stores was signed")
	}
}

func TestVerifyRefusesForgeries(t *testing.T) {
	t.Parallel()
	issuer := newIssuer(t)
	good := sign(t, jwt.SigningMethodEdDSA, issuer.Keys.signing, issuer.Keys.kid, goodClaims())
	if _, err := issuer.Verify(good); err != nil {
		t.Fatalf("the good one, from which the bad ones are made: %v", err)
	}
	public := issuer.Keys.public[issuer.Keys.kid]
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, _ := ed25519.GenerateKey(rand.Reader)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(elsewhere.Close)
	parts := strings.Split(good, ".")
	encode := base64.RawURLEncoding.EncodeToString
	with := func(name string, value any) string {
		claims := goodClaims()
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return sign(t, jwt.SigningMethodEdDSA, issuer.Keys.signing, issuer.Keys.kid, claims)
	}
	payload, _ := base64.RawURLEncoding.DecodeString(parts[1])

	signHeader := func(name string, value any) string {
		t.Helper()
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, goodClaims())
		token.Header["kid"] = thumbprint(foreign.Public().(ed25519.PublicKey))
		token.Header[name] = value
		text, err := token.SignedString(foreign)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	foreignKey := map[string]string{"kty": "OKP", "crv": "Ed25519", "x": encode(foreign.Public().(ed25519.PublicKey))}

	for name, text := range map[string]string{
		"jku with another's keys":   signHeader("jku", elsewhere.URL),
		"x5u with another's keys":   signHeader("x5u", elsewhere.URL),
		"jwk of another":            signHeader("jwk", foreignKey),
		"x5c of another":            signHeader("x5c", []string{base64.StdEncoding.EncodeToString(der)}),
		"not valid yet":             with("nbf", noon.Add(time.Minute).Unix()),
		"nothing":                   "",
		"no token":                  "a.b.c",
		"alg none":                  sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, issuer.Keys.kid, goodClaims()),
		"alg none, signature kept":  encode([]byte(`{"alg":"none","kid":"`+issuer.Keys.kid+`"}`)) + "." + parts[1] + "." + parts[2],
		"HS256 with the public key": sign(t, jwt.SigningMethodHS256, []byte(public), issuer.Keys.kid, goodClaims()),
		"HS256 with the public DER": sign(t, jwt.SigningMethodHS256, der, issuer.Keys.kid, goodClaims()),
		"HS256 with the kid":        sign(t, jwt.SigningMethodHS256, []byte(issuer.Keys.kid), issuer.Keys.kid, goodClaims()),
		"RS256":                     sign(t, jwt.SigningMethodRS256, rsaKey, issuer.Keys.kid, goodClaims()),
		"another's key, our kid":    sign(t, jwt.SigningMethodEdDSA, foreign, issuer.Keys.kid, goodClaims()),
		"another's key and kid":     sign(t, jwt.SigningMethodEdDSA, foreign, thumbprint(foreign.Public().(ed25519.PublicKey)), goodClaims()),
		"no kid":                    sign(t, jwt.SigningMethodEdDSA, issuer.Keys.signing, nil, goodClaims()),
		"a kid that is a number":    sign(t, jwt.SigningMethodEdDSA, issuer.Keys.signing, 1, goodClaims()),
		"a kid that is a path":      sign(t, jwt.SigningMethodEdDSA, issuer.Keys.signing, "../../dev/null", goodClaims()),
		"tampered claims":           parts[0] + "." + encode([]byte(strings.Replace(string(payload), `"m1"`, `"m2"`, 1))) + "." + parts[2],
		"cut signature":             good[:len(good)-2],
		"no signature":              parts[0] + "." + parts[1] + ".",
		"expired":                   with("exp", noon.Add(-time.Minute).Unix()),
		"no expiry":                 with("exp", nil),
		"not issued yet":            with("iat", noon.Add(time.Minute).Unix()),
		"no time of issue":          with("iat", nil),
		"good for a year":           with("exp", noon.AddDate(1, 0, 0).Unix()),
		"another issuer":            with("iss", "elsewhere"),
		"no issuer":                 with("iss", nil),
		"another audience":          with("aud", "elsewhere"),
		"no audience":               with("aud", nil),
		"no subject":                with("sub", nil),
		"a role that is a list":     with("role", []string{"admin"}),
	} {
		if claims, err := issuer.Verify(text); err == nil {
			t.Errorf("%s: taken, as %+v", name, claims)
		}
	}
	if asked.Load() != 0 {
		t.Error("a token made the server ask elsewhere for keys")
	}
}

func TestKeysChange(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "jwt")
	keys, err := OpenKeys(folder)
	if err != nil {
		t.Fatal(err)
	}
	issuer := Issuer{Name: "tillproof", Keys: keys, Now: func() time.Time { return noon }}
	signed := func() (text, kid string) {
		t.Helper()
		_, kid = keys.signer()
		text, err := issuer.Sign(hotstate.Login{Username: "u", Actor: hotstate.Actor{Role: "admin"}}, "")
		if err != nil {
			t.Fatal(err)
		}
		return text, kid
	}
	reload := func(later time.Duration) {
		t.Helper()
		if err := keys.Reload(time.Now().Add(later)); err != nil {
			t.Fatal(err)
		}
	}
	oldText, oldKid := signed()
	if err := makeKey(filepath.Join(folder, "0002.pem")); err != nil {
		t.Fatal(err)
	}

	reload(time.Minute)
	if _, kid := signed(); kid != oldKid || len(keys.JWKS().Keys) != 2 {
		t.Errorf("a new key must be published, and not sign yet: %+v", keys.JWKS())
	}
	reload(overlap + time.Minute)
	newText, newKid := signed()
	if newKid == oldKid {
		t.Error("the new key does not sign after the overlap")
	}
	for name, text := range map[string]string{"old": oldText, "new": newText} {
		if _, err := issuer.Verify(text); err != nil {
			t.Errorf("a token of the %s key, while both are there: %v", name, err)
		}
	}
	for _, key := range keys.JWKS().Keys {
		if key.KeyType != "OKP" || key.Curve != "Ed25519" || key.Algorithm != "EdDSA" || key.KeyID == "" || len(key.X) != 43 {
			t.Errorf("JWK %+v", key)
		}
	}

	if err := os.Remove(filepath.Join(folder, "0001.pem")); err != nil {
		t.Fatal(err)
	}
	reload(overlap + time.Hour)
	if _, err := issuer.Verify(oldText); err == nil {
		t.Error("a token of a key that was rotated out is still good")
	}
	if _, err := issuer.Verify(newText); err != nil {
		t.Errorf("a token of the key that is left: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "0003.pem"), []byte("half a k"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := keys.Reload(time.Now()); err == nil {
		t.Error("a broken key file is not noticed")
	}
	if _, err := issuer.Verify(newText); err != nil {
		t.Errorf("after a broken file the good keys are gone: %v", err)
	}
}

// Servers that start at once must end up with one key, and it must not be readable by others.
func TestFirstKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "jwt")
	kids, secrets := make([]string, 8), make([]string, 8)
	var wait sync.WaitGroup
	for i := range kids {
		wait.Go(func() {
			if keys, err := OpenKeys(folder); err == nil {
				kids[i], secrets[i] = keys.kid, string(keys.secret)
			} else {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for i := range kids {
		if kids[i] != kids[0] || secrets[i] != secrets[0] {
			t.Fatalf("servers have different keys, %v, or secrets", kids)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 { // the key and the secret
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	for _, name := range []string{firstKey, secretFile} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

// What is made with the secret outlives the key that signed when it was made, on a server that starts later too.
func TestTheSecretOutlivesKeys(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	derived := func() string {
		t.Helper()
		keys, err := OpenKeys(folder)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := keys.Derive("cursor")
		if err != nil {
			t.Fatal(err)
		}
		return string(secret)
	}
	before := derived()
	if err := makeKey(filepath.Join(folder, "0002.pem")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folder, firstKey)); err != nil {
		t.Fatal(err)
	}
	if derived() != before {
		t.Error("with the key went what clients hold")
	}
	if err := os.WriteFile(filepath.Join(folder, secretFile), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(folder); err == nil || !strings.Contains(err.Error(), secretFile) {
		t.Errorf("a damaged secret: %v", err)
	}
}

func TestOpenKeysNamesTheBadFile(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty": nil, "no PEM": []byte("key"), "a broken one": pemOf([]byte("x")), "an RSA key": pemOfKey(t, rsaKey),
	} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "bad.pem"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeys(folder); err == nil || !strings.Contains(err.Error(), "bad.pem") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func pemOf(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func pemOfKey(t *testing.T, key crypto.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf(der)
}
