package client

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// sessionServer keeps sessions as the query server does: a refresh token is
// good once.
type sessionServer struct {
	calls   []string
	tokens  int
	refresh string
	lose    bool // the next answer
}

func (s *sessionServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := r.Method + " " + r.URL.Path
	s.calls = append(s.calls, call)
	var body struct{ RefreshToken, Password string }
	if r.Method != http.MethodDelete && json.NewDecoder(r.Body).Decode(&body) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch {
	case call == "DELETE /v1/sessions" && r.Header.Get("Authorization") == fmt.Sprintf("Bearer token-%d", s.tokens):
		s.refresh = ""
		w.WriteHeader(http.StatusNoContent)
		return
	case call == "POST /v1/sessions" && body.Password == "secret":
	case call == "POST /v1/sessions/refresh" && s.refresh != "" && body.RefreshToken == s.refresh:
	default:
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.tokens++
	s.refresh = fmt.Sprintf("refresh-%d", s.tokens)
	if s.lose {
		s.lose = false
		panic(http.ErrAbortHandler)
	}
	fmt.Fprintf(w, `{"accessToken":"token-%d","expiresIn":900,"refreshToken":%q}`, s.tokens, s.refresh)
}

func TestSessionGoesOnAndEnds(t *testing.T) {
	server := &sessionServer{}
	listening := httptest.NewServer(server)
	defer listening.Close()
	session, err := NewSession(NewHTTP(), listening.URL, "store-1", "secret")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	session.now = func() time.Time { return now }
	steps := []struct {
		name  string
		do    func() error
		calls []string
	}{
		{"nothing to end yet", func() error { return session.End(t.Context()) }, nil},
		{"log in", func() error { _, err := session.Token(t.Context()); return err }, []string{"POST /v1/sessions"}},
		{"go on", func() error { return session.Renew(t.Context()) }, []string{"POST /v1/sessions/refresh"}},
		{"ended by the server", func() error {
			server.refresh = ""
			return session.Renew(t.Context())
		}, []string{"POST /v1/sessions/refresh", "POST /v1/sessions"}},
		{"answer lost", func() error {
			server.lose = true
			if session.Renew(t.Context()) == nil {
				t.Error("a lost answer is no error")
			}
			return session.Renew(t.Context())
		}, []string{"POST /v1/sessions/refresh", "POST /v1/sessions"}},
		{"end, long after", func() error {
			now = now.Add(time.Hour)
			return session.End(t.Context())
		}, []string{"POST /v1/sessions/refresh", "DELETE /v1/sessions"}},
		{"ended already", func() error { return session.End(t.Context()) }, nil},
	}
	for _, step := range steps {
		server.calls = nil
		if err := step.do(); err != nil || !slices.Equal(server.calls, step.calls) {
			t.Errorf("%s: %v, calls %q, want %q", step.name, err, server.calls, step.calls)
		}
	}
	if server.refresh != "" {
		t.Error("a session is left at the server")
	}
}
