package chaos

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/tillproof/tillproof/network/servers"
)

// A member of the programme, who signs in to look and to give points away.
type member struct {
	id, password string
	keeps        bool // never brings anything back: must never owe points

	mu       sync.Mutex
	caller   servers.Caller
	signedIn time.Time
}

const (
	memberCount = 12
	// signInAgain is before a token's end, which comes after 15 minutes.
	signInAgain = 10 * time.Minute
)

// join registers members and their logins.
func (s *system) join(ctx context.Context) error {
	for n := range memberCount {
		m := &member{id: fmt.Sprintf("%s-member-%d", s.store, n), password: strings.ToLower(rand.Text()), keeps: n%4 == 0}
		path := s.servers.Collector + "/v1/customers/" + url.PathEscape(m.id)
		if err := s.admin.Send(ctx, http.MethodPut, path, map[string]string{}, nil); err != nil {
			return err
		}
		if err := s.admin.PutUser(ctx, m.id, "customer", m.password, map[string]any{"loyaltyId": m.id}); err != nil {
			return err
		}
		s.members = append(s.members, m)
	}
	return nil
}

// tokenOf signs a member in when it must be.
func (s *system) tokenOf(m *member) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		caller, err := s.signedIn(ctx, m)
		return caller.Token, err
	}
}

func (s *system) signedIn(ctx context.Context, m *member) (servers.Caller, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.caller.Token != "" && time.Since(m.signedIn) < signInAgain {
		return m.caller, nil
	}
	caller, err := s.servers.SignIn(ctx, m.id, m.password)
	if err == nil {
		m.caller, m.signedIn = caller, time.Now()
	}
	return m.caller, err
}

// shown is what the query server shows a member.
func (s *system) shown(ctx context.Context, m *member) (int64, error) {
	caller, err := s.signedIn(ctx, m)
	if err != nil {
		return 0, err
	}
	var points struct{ Available, Held, Pending int64 }
	err = caller.Send(ctx, http.MethodGet, s.servers.Query+"/v1/points", nil, &points)
	return points.Available + points.Held, err
}
