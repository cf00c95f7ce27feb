package auth_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tillproof/tillproof/collector/auth"
)

// oneKey is an issuer with one key, whatever a token calls it.
type oneKey ed25519.PublicKey

func (k oneKey) Key(context.Context, string) (ed25519.PublicKey, error) {
	return ed25519.PublicKey(k), nil
}

// No text but what the issuer signed lets anybody in.
func FuzzVerify(f *testing.F) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	_, another, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	signed := func(key ed25519.PrivateKey) string {
		token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims(nil))
		token.Header["kid"] = "k1"
		text, err := token.SignedString(key)
		if err != nil {
			f.Fatal(err)
		}
		return text
	}
	good := signed(private)
	for _, seed := range []string{"", "..", "a.b.c", good + ".", good[:len(good)-1], signed(another), "eyJhbGciOiJub25lIn0.e30.", "tpk_x"} {
		f.Add(seed)
	}
	tokens := auth.NewTokens(oneKey(public), func() time.Time { return now })
	if _, err := tokens.Verify(context.Background(), good); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if token == good {
			t.Skip("the one good token")
		}
		if caller, err := tokens.Verify(t.Context(), token); err == nil {
			t.Errorf("%q is let in as %+v", token, caller)
		}
	})
}
