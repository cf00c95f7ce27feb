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
// first wanted, and goes on by its refresh token shortly before that token ends.
type Session struct {
	http     *http.Client
	endpoint string
	username string
	password string
	now      func() time.Time

	mu      sync.Mutex
	token   string
	renewAt time.Time
	refresh string // good for one use; empty when there is none
}

// NewSession prepares a login; nothing is sent yet.
func NewSession(http *http.Client, loginURL, username, password string) (*Session, error) {
	endpoint, err := Endpoint(loginURL, "/v1/sessions")
	if err != nil {
		return nil, err
	}
	return &Session{http: http, endpoint: endpoint, username: username, password: password, now: time.Now}, nil
}

// Token returns the session's token, getting one where there is none or it is
// about to end.
func (s *Session) Token(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token != "" && s.now().Before(s.renewAt) {
		return s.token, nil
	}
	if err := s.renew(ctx); err != nil {
		return "", err
	}
	return s.token, nil
}

// Renew gets a new token, whatever the present one's end.
func (s *Session) Renew(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renew(ctx)
}

// End ends the session at the server, if there is one.
func (s *Session) End(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" {
		return nil
	}
	if !s.now().Before(s.renewAt) { // too old to log out with
		if err := s.renew(ctx); err != nil {
			return err
		}
	}
	return s.call(ctx, http.MethodDelete, "", nil, func(response *http.Response) error {
		if response.StatusCode/100 != 2 {
			return fmt.Errorf("log out: %w", ReadStatusError(response))
		}
		s.token, s.refresh = "", ""
		return nil
	})
}

// renew goes on with the session, or begins another where the server does not
// know it any more. A refresh token is used once, even if its answer is lost:
// the server takes a second use for a theft.
func (s *Session) renew(ctx context.Context) error {
	refresh := s.refresh
	if refresh == "" {
		return s.login(ctx)
	}
	s.refresh = ""
	over := false
	err := s.call(ctx, http.MethodPost, "/refresh", map[string]string{"refreshToken": refresh}, func(response *http.Response) error {
		if over = response.StatusCode/100 != 2; over {
			return nil
		}
		return s.take(response.Body)
	})
	if over {
		return s.login(ctx)
	}
	return err
}

func (s *Session) login(ctx context.Context) error {
	body := map[string]string{"username": s.username, "password": s.password}
	return s.call(ctx, http.MethodPost, "", body, func(response *http.Response) error {
		switch {
		case response.StatusCode == http.StatusUnauthorized:
			// Not a StatusError: the caller would answer a 401 by logging in.
			return fmt.Errorf("log in as %q: refused; check TILLPROOF_USERNAME and TILLPROOF_PASSWORD", s.username)
		case response.StatusCode/100 != 2:
			return fmt.Errorf("log in: %w", ReadStatusError(response))
		}
		return s.take(response.Body)
	})
}

// call sends a request about the session, as its user where there is no body,
// and lets read have the response.
func (s *Session) call(ctx context.Context, method, path string, body map[string]string, read func(*http.Response) error) error {
	ctx, cancel := context.WithTimeout(ctx, loginTimeout)
	defer cancel()
	content, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write login: %w", err)
	}
	if body == nil {
		content = nil
	}
	request, err := http.NewRequestWithContext(ctx, method, s.endpoint+path, bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("make login request: %w", err)
	}
	if body == nil {
		request.Header.Set("Authorization", "Bearer "+s.token)
	} else {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := s.http.Do(request)
	if err != nil {
		return fmt.Errorf("reach the login server: %w", err)
	}
	defer response.Body.Close()
	return read(response)
}

func (s *Session) take(body io.Reader) error {
	var session struct {
		AccessToken  string `json:"accessToken"`
		ExpiresIn    int    `json:"expiresIn"` // seconds
		RefreshToken string `json:"refreshToken"`
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
	s.refresh = session.RefreshToken
	return nil
}
