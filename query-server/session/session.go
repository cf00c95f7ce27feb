// Package session signs users in and keeps them signed in.
//
// A session begins with a password. It lives on two tokens: the access token (package token), which every server verifies
// by itself, and the refresh token, 32 random bytes in base64url of which the database keeps the SHA-256. A refresh token
// is good for one use. One that comes a second time tells of a copy in other hands, and ends the session for both.
package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/hotstate/password"
	"github.com/tillproof/tillproof/query-server/token"
)

const (
	lifetime        = 30 * 24 * time.Hour // of a session, however often it is refreshed
	refreshLifetime = 7 * 24 * time.Hour  // of a refresh token: a session not used for so long is over
	refreshBytes    = 32
	maxUsername     = 256
	// Each check of a password takes 19 MiB and tens of milliseconds of one core.
	passwordChecks = 2
)

var (
	// ErrCredentials says that user and password do not fit, and not which of them is wrong.
	ErrCredentials = errors.New("user name or password is wrong")
	// ErrRefresh says that a refresh token is no good, whatever the reason.
	ErrRefresh = errors.New("the refresh token is not valid")
)

// A ThrottledError says how long to wait after too many wrong passwords.
type ThrottledError struct{ Wait time.Duration }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many failed attempts, wait %s", e.Wait.Round(time.Second))
}

// A WeakPasswordError says why a new password cannot be taken.
type WeakPasswordError struct{ Reason error }

func (e *WeakPasswordError) Error() string { return e.Reason.Error() }

// Tokens are what a signed-in user holds.
type Tokens struct {
	Access, Refresh string
	ExpiresIn       time.Duration // of Access
	RefreshIn       time.Duration // how long Refresh is good for
	Username, Role  string
}

// Service keeps the sessions.
type Service struct {
	pool     *pgxpool.Pool
	issuer   token.Issuer
	throttle throttle
	checks   chan struct{} // a slot a running check
	verify   func(hash, secret string) (bool, error)
	decoy    string // the hash that is checked for a user who does not exist
}

// NewService makes the service.
func NewService(pool *pgxpool.Pool, issuer token.Issuer) (*Service, error) {
	secret, err := issuer.Keys.Derive("sign-ins")
	if err != nil {
		return nil, err
	}
	return &Service{
		pool:     pool,
		issuer:   issuer,
		throttle: throttle{secret},
		checks:   make(chan struct{}, passwordChecks),
		verify:   password.Verify,
		decoy:    password.Hash(rand.Text()),
	}, nil
}

// SignIn begins a session.
func (s *Service) SignIn(ctx context.Context, username, secret, address string) (Tokens, error) {
	login, err := s.check(ctx, username, secret, address)
	if err != nil {
		return Tokens{}, err
	}
	var tokens Tokens
	err = hotstate.WithSessions(ctx, s.pool, func(tx pgx.Tx) error {
		tokens, err = s.begin(ctx, tx, login, address)
		return err
	})
	return tokens, err
}

// ChangePassword replaces a password, ends all of the user's sessions, and begins a new one.
func (s *Service) ChangePassword(ctx context.Context, username, current, next, address string) (Tokens, error) {
	if err := password.Check(next); err != nil {
		return Tokens{}, &WeakPasswordError{err}
	}
	login, err := s.check(ctx, username, current, address)
	if err != nil {
		return Tokens{}, err
	}
	hash, err := s.hash(ctx, next)
	if err != nil {
		return Tokens{}, err
	}
	var tokens Tokens
	err = hotstate.WithSessions(ctx, s.pool, func(tx pgx.Tx) error {
		if err := hotstate.SetPassword(ctx, tx, username, hash); err != nil {
			return err
		}
		tokens, err = s.begin(ctx, tx, login, address)
		return err
	})
	return tokens, err
}

// Refresh goes on with a session.
func (s *Service) Refresh(ctx context.Context, refresh string) (Tokens, error) {
	secret, err := base64.RawURLEncoding.DecodeString(refresh)
	if err != nil || len(secret) != refreshBytes {
		return Tokens{}, ErrRefresh
	}
	hash := sha256.Sum256(secret)
	var tokens Tokens
	err = hotstate.WithSessions(ctx, s.pool, func(tx pgx.Tx) error {
		tokens, err = s.refresh(ctx, tx, hash[:])
		return err
	})
	if err == nil && tokens.Access == "" {
		return Tokens{}, ErrRefresh
	}
	return tokens, err
}

// refresh gives no tokens, and no error, where it ends the session: that must be committed.
func (s *Service) refresh(ctx context.Context, tx pgx.Tx, hash []byte) (Tokens, error) {
	known, err := hotstate.RefreshTokenByHash(ctx, tx, hash)
	if errors.Is(err, hotstate.ErrNotFound) {
		return Tokens{}, nil
	}
	if err != nil {
		return Tokens{}, err
	}
	if known.Used || known.Stale {
		return Tokens{}, hotstate.EndSession(ctx, tx, known.SessionID)
	}
	if err := hotstate.UseRefreshToken(ctx, tx, hash); err != nil {
		return Tokens{}, err
	}
	return s.issue(ctx, tx, known.Login, known.SessionID)
}

// End ends a session; its access token stays good until it expires.
func (s *Service) End(ctx context.Context, sessionID string) error {
	return hotstate.WithSessions(ctx, s.pool, func(tx pgx.Tx) error {
		return hotstate.EndSession(ctx, tx, sessionID)
	})
}

// check verifies a password. An unknown user costs the same work and gives the same error as a wrong password.
func (s *Service) check(ctx context.Context, username, secret, address string) (hotstate.Login, error) {
	if len(username) > maxUsername || len(secret) > password.MaxBytes || strings.ContainsRune(username, 0) || !utf8.ValidString(username) {
		return hotstate.Login{}, ErrCredentials
	}
	login, known, err := s.attempt(ctx, username, address)
	if err != nil {
		return hotstate.Login{}, err
	}
	hash := login.PasswordHash
	if !known {
		hash = s.decoy
	}
	right, err := s.compare(ctx, hash, secret)
	if err != nil {
		return hotstate.Login{}, err
	}
	if !right || !known {
		return hotstate.Login{}, ErrCredentials
	}
	return login, nil
}

// attempt counts an attempt to sign in and reads whom it is for, in one commit.
func (s *Service) attempt(ctx context.Context, username, address string) (login hotstate.Login, known bool, err error) {
	err = hotstate.WithSessions(ctx, s.pool, func(tx pgx.Tx) error {
		wait, err := hotstate.CountSignIn(ctx, tx, s.throttle.limits(username, address), window)
		if err != nil {
			return err
		}
		if wait > 0 {
			return &ThrottledError{wait} // which also undoes the counting
		}
		login, err = hotstate.LoginByUsername(ctx, tx, username)
		if known = err == nil; errors.Is(err, hotstate.ErrNotFound) {
			return nil
		}
		return err
	})
	return login, known, err
}

func (s *Service) compare(ctx context.Context, hash, secret string) (bool, error) {
	release, err := s.slot(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	return s.verify(hash, secret)
}

func (s *Service) hash(ctx context.Context, secret string) (string, error) {
	release, err := s.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return password.Hash(secret), nil
}

// slot waits until a password may be checked.
func (s *Service) slot(ctx context.Context) (release func(), err error) {
	select {
	case s.checks <- struct{}{}:
		return func() { <-s.checks }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to check a password: %w", ctx.Err())
	}
}

// begin opens a session for a user whose password was right, and does not hold the attempt against them.
func (s *Service) begin(ctx context.Context, tx pgx.Tx, login hotstate.Login, address string) (Tokens, error) {
	if err := hotstate.ForgiveSignIn(ctx, tx, s.throttle.limits(login.Username, address)); err != nil {
		return Tokens{}, err
	}
	sessionID := uuid.NewString()
	if err := hotstate.BeginSession(ctx, tx, sessionID, login.Username, lifetime); err != nil {
		return Tokens{}, err
	}
	return s.issue(ctx, tx, login, sessionID)
}

func (s *Service) issue(ctx context.Context, tx pgx.Tx, login hotstate.Login, sessionID string) (Tokens, error) {
	secret := make([]byte, refreshBytes)
	rand.Read(secret)
	hash := sha256.Sum256(secret)
	if err := hotstate.AddRefreshToken(ctx, tx, sessionID, hash[:], refreshLifetime); err != nil {
		return Tokens{}, err
	}
	access, err := s.issuer.Sign(login, sessionID)
	if err != nil {
		return Tokens{}, err
	}
	return Tokens{
		Access:    access,
		Refresh:   base64.RawURLEncoding.EncodeToString(secret),
		ExpiresIn: token.Lifetime,
		RefreshIn: refreshLifetime,
		Username:  login.Username,
		Role:      login.Actor.Role,
	}, nil
}
