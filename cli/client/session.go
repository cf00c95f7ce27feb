package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	loginTimeout    = 30 * time.Second
	maxSessionBytes = 64 << 10
	// renewBefore is how long before its end a token is replaced. A request
	// is judged when it arrives, so this need not cover a whole upload.
	renewBefore = time.Minute
)

// Session is a user's login at the query server. It logs in when a token is
// first wanted and again shortly before that token ends.
type Session struct {
	http     *http.Client
	endpoint string
	username string
	password string
	now      func() time.Time

	mu      sync.Mutex
	token   string
	renewAt time.Time
}

// NewSession prepares a login; nothing is sent yet.
func NewSession(http *http.Client, loginURL, username, password string) (*Session, error) {
	endpoint, err := Endpoint(loginURL, "/v1/sessions")
	if err != nil {
		return nil, err
	}
	return &Session{http: http, endpoint: endpoint, username: username, password: password, now: time.Now}, nil
}

// Token returns the session's token, logging in where there is none or it is
// about to end.
func (s *Session) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" && s.now().Before(s.renewAt) {
		return s.token, nil
	}
	if err := s.login(ctx); err != nil {
		return "", err
	}
	return s.token, nil
}

// Renew logs in again, whatever the present token's end.
func (s *Session) Renew(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.login(ctx)
}

func (s *Session) login(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	body, err := json.Marshal(map[string]string{"username": s.username, "password": s.password})
	if err != nil {
		return fmt.Errorf("write login: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make login request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := s.http.Do(request)
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusUnauthorized:
		// Not a StatusError: the caller would answer a 401 by logging in.
		return fmt.Errorf("log in as %q: refused; check TILLPROOF_USERNAME and TILLPROOF_PASSWORD", s.username)
	case response.StatusCode/100 != 2:
		return fmt.Errorf("log in: %w", ReadStatusError(response))
	}
	return s.take(response.Body)
}

func (s *Session) take(body io.Reader) error {
	var session struct {
		AccessToken string `json:"accessToken"`
		ExpiresIn   int    `json:"expiresIn"` // seconds
	}
	if err := json.NewDecoder(io.LimitReader(body, maxSessionBytes)).Decode(&session); err != nil {
		return fmt.Errorf("read login answer: %w", err)
	}
	if !isTokenText(session.AccessToken) || session.AccessToken == "" {
		return errors.New("read login answer: there is no token in it; is the login address a query server?")
	}
	lifetime := time.Duration(session.ExpiresIn) * time.Second
	// A very short-lived token is still used for half its life.
	s.token, s.renewAt = session.AccessToken, s.now().Add(max(lifetime/2, lifetime-renewBefore))
	return nil
}
