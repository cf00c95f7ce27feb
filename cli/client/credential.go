package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrNoCredential says that the environment names nobody to act as.
var ErrNoCredential = errors.New(
	"no credential: set TILLPROOF_TOKEN, or TILLPROOF_USERNAME and TILLPROOF_PASSWORD")

// Credential is who a request is made as.
type Credential interface {
	// Token returns what goes into the Authorization header now.
	Token(ctx context.Context) (string, error)
	// Renew replaces a token that the server has refused, or says why that
	// cannot be done.
	Renew(ctx context.Context) error
	// End lets the server forget what it keeps for this credential.
	End(ctx context.Context) error
}

// StaticToken is a till key or a token made elsewhere. It cannot be renewed.
type StaticToken string

// Token returns the token.
func (t StaticToken) Token(context.Context) (string, error) { return string(t), nil }

// Renew always fails.
func (t StaticToken) Renew(context.Context) error {
	return errors.New("the server refuses TILLPROOF_TOKEN: it is wrong, expired or revoked; " +
		"for long runs use a till key, or TILLPROOF_USERNAME and TILLPROOF_PASSWORD")
}

// End does nothing: the token may be in use elsewhere.
func (t StaticToken) End(context.Context) error { return nil }

// NewCredential takes the token if there is one, else a session of the user.
func NewCredential(http *http.Client, token, loginURL, username, password string) (Credential, error) {
	switch {
	case token != "":
		if !isTokenText(token) {
			return nil, errors.New("TILLPROOF_TOKEN holds characters that no token has (a space or line break, perhaps)")
		}
		return StaticToken(token), nil
	case username == "" && password == "":
		return nil, ErrNoCredential
	case username == "" || password == "":
		return nil, errors.New("TILLPROOF_USERNAME and TILLPROOF_PASSWORD must be set together")
	}
	session, err := NewSession(http, loginURL, username, password)
	if err != nil {
		return nil, fmt.Errorf("log in: %w", err)
	}
	return session, nil
}

// isTokenText reports whether text can stand in a header: the HTTP client's
// own message would print it.
func isTokenText(text string) bool {
	for _, b := range []byte(text) {
		if b <= ' ' || b >= 0x7f {
			return false
		}
	}
	return true
}
