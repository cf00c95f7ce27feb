// Package openid accepts the tokens of an external OpenID provider in place of our own: JWTs with RS256, ES256 or EdDSA,
// whose claims say role and ids under names that are configured. What a token may show is the same as with our own.
package openid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tillproof/tillproof/query-server/token"
	"github.com/tillproof/tillproof/query-server/visibility"
)

const leeway = 10 * time.Second

// Config says whose tokens are good.
type Config struct {
	Issuer   string
	KeySet   string            // URL of its JWK set; "": the provider says it, at Issuer
	Audience string            // that tokens must be for
	Claims   map[string]string // what it calls our claims role, storeIds, retailerId, manufacturerId and loyaltyId; by our own names if left out
}

// A Provider verifies tokens.
type Provider struct {
	config Config
	keys   *keySet
	now    func() time.Time
}

// NewProvider makes a provider; its keys are fetched when they are first needed.
func NewProvider(config Config, now func() time.Time) *Provider {
	return &Provider{config: config, now: now, keys: &keySet{read: newSource(config).keys, now: now}}
}

const (
	refreshEvery = 15 * time.Minute // a fourth of the time that keys are good for
	retryEvery   = 30 * time.Second
)

// Watch fetches the keys now, and again before they are too old, until ctx ends. A provider that is away is logged once; the
// server goes on with its own sessions, and with the keys that it knows.
func (p *Provider) Watch(ctx context.Context, log *slog.Logger) {
	said := ""
	for {
		wait, problem := refreshEvery, ""
		if err := p.keys.refresh(ctx); err != nil {
			wait, problem = retryEvery, err.Error()
		}
		switch {
		case problem == said:
		case problem == "":
			log.InfoContext(ctx, "the OpenID provider's keys are known again", "issuer", p.config.Issuer)
		default:
			log.WarnContext(ctx, "the OpenID provider's keys could not be fetched", "issuer", p.config.Issuer, "error", problem)
		}
		said = problem
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Failure is why the keys could not be fetched the last time, or nil.
func (p *Provider) Failure() error { return p.keys.failure() }

// Verify reads a token into claims as our own tokens have them. The subject is marked, so that it is nobody's user name.
func (p *Provider) Verify(ctx context.Context, text string) (token.Claims, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(text, claims,
		func(t *jwt.Token) (any, error) {
			if t.Header["typ"] != "JWT" && t.Header["typ"] != "at+jwt" && t.Header["typ"] != nil {
				return nil, errors.New("it is no access token")
			}
			kid, _ := t.Header["kid"].(string)
			return p.keys.find(ctx, kid)
		},
		jwt.WithValidMethods([]string{"RS256", "ES256", "EdDSA"}),
		jwt.WithIssuer(p.config.Issuer),
		jwt.WithAudience(p.config.Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(p.now),
	)
	if err != nil {
		return token.Claims{}, fmt.Errorf("verify the provider's token: %w", err)
	}
	return p.claimsOf(claims)
}

func (p *Provider) claimsOf(from jwt.MapClaims) (token.Claims, error) {
	subject, err := from.GetSubject()
	if err != nil || subject == "" {
		return token.Claims{}, errors.New("verify the provider's token: it has no subject")
	}
	expires, err := from.GetExpirationTime()
	if err != nil {
		return token.Claims{}, fmt.Errorf("verify the provider's token: %w", err)
	}
	text := func(name string) string {
		value, _ := from[p.name(name)].(string)
		return value
	}
	claims := token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: "openid:" + subject, ExpiresAt: expires},
		Role:             text("role"), RetailerID: text("retailerId"), ManufacturerID: text("manufacturerId"), LoyaltyID: text("loyaltyId"),
	}
	stores, _ := from[p.name("storeIds")].([]any)
	for _, store := range stores {
		id, _ := store.(string)
		claims.StoreIDs = append(claims.StoreIDs, id)
	}
	if len(claims.StoreIDs) > token.MaxStores {
		return token.Claims{}, fmt.Errorf("verify the provider's token: %d stores, at most %d", len(claims.StoreIDs), token.MaxStores)
	}
	if !slices.Contains(visibility.Roles, claims.Role) {
		return token.Claims{}, fmt.Errorf("verify the provider's token: its claim %s names no role", p.name("role"))
	}
	return claims, nil
}

func (p *Provider) name(claim string) string {
	if name := p.config.Claims[claim]; name != "" {
		return name
	}
	return claim
}
