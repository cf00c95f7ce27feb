package token

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/tillproof/tillproof/hotstate"
)

const (
	// Lifetime is how long a token is good for. Nothing takes it back before.
	Lifetime = 15 * time.Minute
	// Audience is who the tokens are for: the servers of a Tillproof installation.
	Audience = "tillproof"
	// MaxStores is how many stores fit into a token; a chain's head office has a retailerId instead.
	MaxStores = 50
	// leeway is for the clocks of two machines.
	leeway = 10 * time.Second
)

// Claims are what a token says of its bearer.
type Claims struct {
	jwt.RegisteredClaims
	Role           string   `json:"role"`
	SessionID      string   `json:"sid,omitempty"`
	StoreIDs       []string `json:"storeIds,omitempty"`
	RetailerID     string   `json:"retailerId,omitempty"`
	ManufacturerID string   `json:"manufacturerId,omitempty"`
	LoyaltyID      string   `json:"loyaltyId,omitempty"`
}

// Actor says on whose behalf the bearer reads.
func (c Claims) Actor() hotstate.Actor {
	return hotstate.Actor{
		Role: c.Role, StoreIDs: c.StoreIDs, RetailerID: c.RetailerID,
		ManufacturerID: c.ManufacturerID, LoyaltyID: c.LoyaltyID,
	}
}

// An Issuer makes tokens and knows its own again.
type Issuer struct {
	Name string // the claim iss
	Keys *Keys
	Now  func() time.Time
}

// Sign makes a token for a user.
func (i Issuer) Sign(login hotstate.Login, sessionID string) (string, error) {
	if len(login.Actor.StoreIDs) > MaxStores {
		return "", fmt.Errorf("sign a token: %d stores, at most %d fit; give the user a retailerId instead",
			len(login.Actor.StoreIDs), MaxStores)
	}
	now := i.Now().UTC()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    i.Name,
			Subject:   login.Username,
			Audience:  jwt.ClaimStrings{Audience},
			ExpiresAt: jwt.NewNumericDate(now.Add(Lifetime)),
			IssuedAt:  jwt.NewNumericDate(now),
			ID:        uuid.NewString(),
		},
		Role:           login.Actor.Role,
		SessionID:      sessionID,
		StoreIDs:       login.Actor.StoreIDs,
		RetailerID:     login.Actor.RetailerID,
		ManufacturerID: login.Actor.ManufacturerID,
		LoyaltyID:      login.Actor.LoyaltyID,
	})
	key, kid := i.Keys.signer()
	t.Header["kid"] = kid
	signed, err := t.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed, nil
}

// Verify reads a token. The algorithm is ours to choose, not the token's.
func (i Issuer) Verify(text string) (Claims, error) {
	var claims Claims
	_, err := jwt.ParseWithClaims(text, &claims, i.keyOf,
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(i.Name),
		jwt.WithAudience(Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(i.Now),
	)
	if err != nil {
		return Claims{}, fmt.Errorf("verify a token: %w", err)
	}
	if claims.IssuedAt == nil || claims.ExpiresAt.Sub(claims.IssuedAt.Time) > Lifetime {
		return Claims{}, fmt.Errorf("verify a token: it is good for longer than %s", Lifetime)
	}
	if claims.Subject == "" {
		return Claims{}, errors.New("verify a token: it has no subject")
	}
	return claims, nil
}

func (i Issuer) keyOf(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	key, ok := i.Keys.verifier(kid)
	if !ok {
		return nil, fmt.Errorf("no key has the id %q", kid)
	}
	return key, nil
}
