package auth

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What a token must say to be meant for us.
const (
	issuer   = "tillproof"
	audience = "tillproof"
	leeway   = 10 * time.Second // between our clock and the issuer's
)

// maxTokenBytes bounds what is parsed before a signature is checked.
const maxTokenBytes = 16 << 10

// Keys finds the issuer's public keys.
type Keys interface {
	Key(ctx context.Context, keyID string) (ed25519.PublicKey, error)
}

// Tokens verifies JWTs: EdDSA and nothing else, whatever the token's header asks for.
type Tokens struct {
	keys   Keys
	parser *jwt.Parser
}

// NewTokens makes a verifier. The clock is time.Now, but in tests.
func NewTokens(keys Keys, clock func() time.Time) *Tokens {
	return &Tokens{keys: keys, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(clock),
	)}
}

type claims struct {
	jwt.RegisteredClaims
	Role           string   `json:"role"`
	StoreIDs       []string `json:"storeIds"`
	RetailerID     string   `json:"retailerId"`
	ManufacturerID string   `json:"manufacturerId"`
	LoyaltyID      string   `json:"loyaltyId"`
}

// Verify checks a token's signature, its time and whom it is for, and that its claims make a whole caller.
func (t *Tokens) Verify(ctx context.Context, token string) (Caller, error) {
	if len(token) > maxTokenBytes {
		return Caller{}, fmt.Errorf("%w: token too long", ErrInvalid)
	}
	var c claims
	_, err := t.parser.ParseWithClaims(token, &c, func(parsed *jwt.Token) (any, error) {
		if _, critical := parsed.Header["crit"]; critical {
			return nil, errors.New("critical header that we do not know") // RFC 7515, 4.1.11
		}
		keyID, _ := parsed.Header["kid"].(string)
		return t.keys.Key(ctx, keyID)
	})
	if errors.Is(err, ErrUnavailable) {
		return Caller{}, ErrUnavailable
	}
	if err != nil {
		return Caller{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return c.caller()
}

// caller refuses a role without its id: it would be nobody, or worse, anybody.
func (c claims) caller() (Caller, error) {
	caller := Caller{ID: "user:" + c.Subject, Role: c.Role}
	whole := c.Subject != ""
	switch c.Role {
	case Store:
		caller.StoreIDs, caller.RetailerID = c.StoreIDs, c.RetailerID
		whole = whole && (len(c.StoreIDs) > 0) != (c.RetailerID != "") && len(c.StoreIDs) <= MaxStoreIDs
	case Manufacturer:
		caller.ManufacturerID = c.ManufacturerID
		whole = whole && c.ManufacturerID != ""
	case Customer:
		caller.LoyaltyID = c.LoyaltyID
		whole = whole && c.LoyaltyID != ""
	case Auditor, Admin:
	default:
		whole = false
	}
	if !whole {
		return Caller{}, fmt.Errorf("%w: claims of role %q are not whole", ErrInvalid, c.Role)
	}
	return caller, nil
}
