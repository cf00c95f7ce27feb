// Package auth says who is calling: by a JWT of the query server, or by a till's own key. It trusts nothing else of a
// request.
package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// The roles of the API.
const (
	Customer     = "customer"
	Store        = "store"
	Manufacturer = "manufacturer"
	Auditor      = "auditor"
	Admin        = "admin"
)

// MaxStoreIDs is how many stores a token may name. A chain's head office names its retailer instead.
const MaxStoreIDs = 50

// Caller is who a credential stands for.
type Caller struct {
	ID             string // of the user or till key: the scope of idempotency keys
	Role           string
	StoreIDs       []string // of a store, unless
	RetailerID     string   // it is a chain's head office
	ManufacturerID string
	LoyaltyID      string
}

// Owns reports whether a store's tickets are the caller's own. Admins own none.
func (c Caller) Owns(storeID, retailerID string) bool {
	if c.Role != Store {
		return false
	}
	if c.RetailerID != "" {
		return c.RetailerID == retailerID
	}
	return slices.Contains(c.StoreIDs, storeID)
}

// Why a caller is not let in. Unavailable means that nobody can tell at the moment.
var (
	ErrNoCredential = errors.New("no credential")
	ErrInvalid      = errors.New("invalid credential")
	ErrUnavailable  = errors.New("credentials cannot be checked")
)

// A Verifier knows one kind of credential.
type Verifier interface {
	Verify(ctx context.Context, credential string) (Caller, error)
}

// Authenticator takes the Authorization header apart.
type Authenticator struct {
	Tokens   Verifier // JWTs
	TillKeys Verifier // what begins with TillKeyPrefix
}

// Authenticate finds the caller of a request by its Authorization header.
func (a Authenticator) Authenticate(ctx context.Context, header string) (Caller, error) {
	if header == "" {
		return Caller{}, ErrNoCredential
	}
	scheme, credential, _ := strings.Cut(header, " ")
	credential = strings.TrimSpace(credential)
	if !strings.EqualFold(scheme, "Bearer") || credential == "" {
		return Caller{}, ErrInvalid
	}
	if strings.HasPrefix(credential, TillKeyPrefix) {
		return a.TillKeys.Verify(ctx, credential)
	}
	return a.Tokens.Verify(ctx, credential)
}
