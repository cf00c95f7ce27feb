package chaos

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tillproof/tillproof/collector/keyring"
	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/network/demo"
	"github.com/tillproof/tillproof/network/envfile"
	"github.com/tillproof/tillproof/network/servers"
	"github.com/tillproof/tillproof/network/stack"
)

// A system is the one on trial, with a store of our own in it.
type system struct {
	env     *envfile.File
	servers servers.Servers
	client  *http.Client
	pool    *pgxpool.Pool
	keys    *keyring.Keyring
	peers   []*peer
	admin   servers.Caller
	tillKey string
	members []*member

	store, day, time string
}

// requestTimeout ends a request to a part that hangs.
const requestTimeout = 20 * time.Second

func open(ctx context.Context, c stack.Configuration) (s *system, err error) {
	env, err := envfile.Read(filepath.Join(c.Run, "env"))
	if err != nil {
		return nil, err
	}
	if env.Get("TILLPROOF_COLLECTOR_URL") == "" {
		return nil, fmt.Errorf("no system was brought up in %s: start one with scripts/up", c.Run)
	}
	now := time.Now().UTC()
	s = &system{
		env: env, client: &http.Client{Timeout: requestTimeout},
		servers: servers.Servers{Collector: env.Get("TILLPROOF_COLLECTOR_URL"), Query: env.Get("TILLPROOF_QUERY_URL")},
		store:   "chaos-" + strings.ToLower(rand.Text()[:8]), day: now.Format(time.DateOnly), time: now.Format(time.RFC3339),
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.pool, err = hotstate.Open(ctx, env.Get("TILLPROOF_COLLECTOR_DATABASE_URL")); err != nil {
		return nil, err
	}
	if s.keys, err = keyring.Open(env.Get("TILLPROOF_KEYS_DIR")); err != nil {
		return nil, err
	}
	if err := s.openPeers(); err != nil {
		return nil, err
	}
	return s, s.register(ctx)
}

func (s *system) close() {
	if s.pool != nil {
		s.pool.Close()
	}
	for _, p := range s.peers {
		p.close()
	}
}

// register makes the store, the key that its tills use, and the members.
func (s *system) register(ctx context.Context) (err error) {
	if s.admin, err = s.servers.SignIn(ctx, demo.Admin, s.env.Get("TILLPROOF_PASSWORD_ADMIN")); err != nil {
		return err
	}
	if s.tillKey, err = s.admin.OpenStore(ctx, s.store, "Chaos", "EUR"); err != nil {
		return err
	}
	return s.join(ctx)
}

// newTill makes a till whose trade the seed decides.
func (s *system) newTill(n int, seed uint64) *till {
	return &till{
		register: register{store: s.store, day: s.day, time: s.time, till: strconv.Itoa(n)},
		dice:     mathrand.New(mathrand.NewPCG(seed, uint64(n)+1)), members: s.members,
	}
}

// recordsOnPeers counts the tickets on each peer.
func (s *system) recordsOnPeers(ctx context.Context) (records []int, err error) {
	for _, p := range s.peers {
		n, err := p.records(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		records = append(records, n)
	}
	return records, nil
}

func (s *system) tillToken(context.Context) (string, error) { return s.tillKey, nil }

// awaitQuiet waits until no accepted ticket is on its way any more, nor a return that came before its sale, for as long as
// they become fewer. An error of the database is waited out.
func (s *system) awaitQuiet(ctx context.Context) error {
	least, since := int64(math.MaxInt64), time.Now()
	for time.Since(since) < stalledAfter {
		waiting, err := s.underWay(ctx)
		if err == nil && waiting == 0 {
			return nil
		}
		if err == nil && waiting < least {
			least, since = waiting, time.Now()
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	return fmt.Errorf("%d accepted tickets are not recorded, or returns not settled, and for %s they did not become fewer", least, stalledAfter)
}

func (s *system) underWay(ctx context.Context) (int64, error) {
	waiting, err := hotstate.CountBacklog(ctx, s.pool, math.MaxInt32)
	if err != nil {
		return 0, err
	}
	settling, err := hotstate.CountSettling(ctx, s.pool)
	return waiting + settling, err
}

var errLate = errors.New("not there in time")

// await looks again and again until what it waits for is there, and gives the error if it does not come in time.
func await(ctx context.Context, within time.Duration, otherwise error, there func() bool) error {
	for deadline := time.Now().Add(within); !there(); {
		if time.Now().After(deadline) {
			return otherwise
		}
		if err := sleep(ctx, 500*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}
