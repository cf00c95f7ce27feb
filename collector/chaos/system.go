package chaos

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/envfile"
	"github.com/tillproof/tillproof/network/identity"
	"github.com/tillproof/tillproof/network/ledger"
	"github.com/tillproof/tillproof/network/material"
	"github.com/tillproof/tillproof/network/peerquery"
	"github.com/tillproof/tillproof/network/stack"
)

// A system is the one on trial, with a store of our own in it.
type system struct {
	env     *envfile.File
	client  *http.Client
	pool    *pgxpool.Pool
	admin   string
	tillKey string

	store, day, time string
}

// requestTimeout ends a request to a part that hangs.
const requestTimeout = 20 * time.Second

func open(ctx context.Context, c stack.Configuration) (*system, error) {
	env, err := envfile.Read(filepath.Join(c.Run, "env"))
	if err != nil {
		return nil, err
	}
	if env.Get("TILLPROOF_COLLECTOR_URL") == "" {
		return nil, fmt.Errorf("no system was brought up in %s: start one with scripts/up", c.Run)
	}
	pool, err := hotstate.Open(ctx, env.Get("TILLPROOF_COLLECTOR_DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	s := &system{
		env: env, pool: pool, client: &http.Client{Timeout: requestTimeout},
		store: "chaos-" + strings.ToLower(rand.Text()[:8]), day: now.Format(time.DateOnly), time: now.Format(time.RFC3339),
	}
	if err := s.register(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

func (s *system) close() { s.pool.Close() }

// register makes the store and the key that its tills use.
func (s *system) register(ctx context.Context) error {
	var session struct{ AccessToken string }
	err := s.call(ctx, http.MethodPost, s.env.Get("TILLPROOF_QUERY_URL")+"/v1/sessions",
		map[string]string{"username": "admin", "password": s.env.Get("TILLPROOF_PASSWORD_ADMIN")}, &session)
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	s.admin = session.AccessToken
	store := s.env.Get("TILLPROOF_COLLECTOR_URL") + "/v1/stores/" + s.store
	if err := s.call(ctx, http.MethodPut, store, map[string]string{"name": "Chaos"}, nil); err != nil {
		return err
	}
	var made struct{ Key string }
	err = s.call(ctx, http.MethodPost, store+"/keys", nil, &made)
	s.tillKey = made.Key
	return err
}

func (s *system) call(ctx context.Context, method, url string, body, answer any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if s.admin != "" {
		request.Header.Set("Authorization", "Bearer "+s.admin)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %s", method, url, response.Status)
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

var errNotQuiet = errors.New("accepted tickets are still not recorded after " + quietWithin.String())

// awaitQuiet waits until no accepted ticket is on its way any more. An error of the database is waited out.
func (s *system) awaitQuiet(ctx context.Context) error {
	deadline := time.Now().Add(quietWithin)
	for time.Now().Before(deadline) {
		waiting, err := hotstate.CountBacklog(ctx, s.pool, 1)
		if err == nil && waiting == 0 {
			return nil
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	return errNotQuiet
}

// onPeers is how many tickets each peer holds, each asked by itself.
type onPeers struct{ Retail, Brands int }

func (s *system) countOnPeers(ctx context.Context) (n onPeers, err error) {
	if n.Retail, err = s.countOn(ctx, "TILLPROOF_RETAIL_PEER", material.RetailAuditor); err != nil {
		return n, err
	}
	n.Brands, err = s.countOn(ctx, "TILLPROOF_BRANDS_PEER", material.BrandsAuditor)
	return n, err
}

func (s *system) countOn(ctx context.Context, peer string, as material.Client) (int, error) {
	crypto := material.Directory(s.env.Get("TILLPROOF_CRYPTO_DIR"))
	files := crypto.Client(as)
	id, err := identity.Load(as.Organisation.MSPID, files.Certificate, files.Key)
	if err != nil {
		return 0, err
	}
	conn, err := identity.Dial(s.env.Get(peer), crypto.TLSCA(as.Organisation))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return peerquery.New(conn, id, ledger.Channel, ledger.Chaincode).CountRecords(ctx)
}
