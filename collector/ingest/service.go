package ingest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Keyring derives, from the retailer's secret keys, what the hot state holds of a ticket.
type Keyring interface {
	TicketKey(retailerID, storeID, workstationID, businessDay string, sequenceNumber int64) [32]byte
	ContentMAC(content []byte) []byte
}

// Foreteller says at once how many points an amount will earn.
type Foreteller interface {
	Foretell(amount int64, currency, businessDay string) int64
}

// Service accepts groups of tickets.
type Service struct {
	Points Foreteller // nil: by the default programme

	pool    *pgxpool.Pool
	keyring Keyring
	clock   func() time.Time
	stores  knownStores
}

// NewService makes a service. The clock is time.Now, but in tests.
func NewService(pool *pgxpool.Pool, keyring Keyring, clock func() time.Time) *Service {
	return &Service{pool: pool, keyring: keyring, clock: clock}
}

// ErrUnavailable says that the hot state could not be asked, or did not answer: the tickets may or may not have been
// accepted. To send them again is safe.
var ErrUnavailable = errors.New("hot state unavailable")

// errMoved says that a ticket in the way was gone when we looked for it.
var errMoved = errors.New("a ticket in the way has moved")

const (
	maxAttempts = 6
	firstPause  = 5 * time.Millisecond
)

// Accept decides on all submissions in one transaction. Outcomes are in the order of the submissions; they hold once
// Accept has returned without an error.
func (s *Service) Accept(ctx context.Context, submissions []Submission) ([]Outcome, error) {
	outcomes, err := s.acceptRetrying(ctx, submissions)
	if isAboutData(err) {
		return s.acceptSingly(ctx, submissions) // one that PostgreSQL cannot hold must not take the others with it
	}
	return outcomes, err
}

func (s *Service) acceptSingly(ctx context.Context, submissions []Submission) ([]Outcome, error) {
	outcomes := make([]Outcome, len(submissions))
	for i := range submissions {
		one, err := s.acceptRetrying(ctx, submissions[i:i+1])
		switch {
		case isAboutData(err):
			outcomes[i] = rejected(unstorable())
		case err != nil:
			return nil, err
		default:
			outcomes[i] = one[0]
		}
	}
	return outcomes, nil
}

// acceptRetrying begins anew when PostgreSQL broke a deadlock, or a ticket moved under our hands.
func (s *Service) acceptRetrying(ctx context.Context, submissions []Submission) ([]Outcome, error) {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		outcomes, err := s.acceptOnce(ctx, submissions)
		switch {
		case err == nil:
			return outcomes, nil
		case isAboutData(err):
			return nil, err
		case !isTransient(err) || attempt == maxAttempts:
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		select {
		case <-time.After(pause + rand.N(pause)):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
		}
		pause *= 2
	}
}

func (s *Service) acceptOnce(ctx context.Context, submissions []Submission) ([]Outcome, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("accept tickets: %w", err)
	}
	defer conn.Release()
	g := newGroup(conn.Conn(), s.keyring, s.Points, submissions, s.clock())
	if err := g.acceptAtOnce(ctx, &s.stores); err != nil {
		return nil, err
	}
	if len(g.open) == 0 {
		return g.outcomes, nil
	}
	if err := g.accept(ctx); err != nil {
		return nil, fmt.Errorf("accept tickets: %w", err)
	}
	s.stores.add(g.stores)
	return g.outcomes, nil
}

func isTransient(err error) bool {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) {
		return pgErr.Code == "40P01" || pgErr.Code == "40001" // deadlock_detected, serialization_failure
	}
	return errors.Is(err, errMoved)
}

// isAboutData recognises SQLSTATE classes 22 (data exception) and 23 (integrity constraint violation).
func isAboutData(err error) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && (pgErr.Code[:2] == "22" || pgErr.Code[:2] == "23")
}
