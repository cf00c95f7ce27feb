// Package api is the collector's HTTP interface: /v1 for tills, stores and administrators, and what operators need.
// A request goes from a route to its handler to a service or query; one function turns errors into answers.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/erasure"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/programme"
	"github.com/tillproof/tillproof/collector/registration"
	"github.com/tillproof/tillproof/collector/spending"
	"github.com/tillproof/tillproof/domain/membercode"
)

// Submitter accepts one ticket at a time, as ingest.Coalescer does.
type Submitter interface {
	Submit(ctx context.Context, submission ingest.Submission) (ingest.Outcome, error)
}

// Backlog says whether the ledger follows what is accepted, as ingest.Backlog does.
type Backlog interface {
	Full() bool     // no more tickets are accepted
	HalfFull() bool // files have to wait
}

// Config is what a server is made of.
type Config struct {
	Log           *slog.Logger
	Pool          *pgxpool.Pool
	Auth          auth.Authenticator
	Tickets       Submitter       // single ones
	TicketGroups  ingest.Acceptor // those of files
	Backlog       Backlog         // nil: any number of tickets may wait for the ledger
	Registrations *registration.Service
	Spending      *spending.Service
	Programme     *programme.Service
	Erasures      *erasure.Service
	MemberCodes   membercode.Key
	Channel       string               // of the ledger, as answers name it
	Checks        []Check              // of /readyz
	Metrics       *prometheus.Registry // of /metrics; the server adds its own
	Stopping      <-chan struct{}      // closed when uploads should come to an end
	Clock         func() time.Time     // time.Now, but in tests
}

// Server answers the collector's requests.
type Server struct {
	Config
	metrics    metrics
	fileGroups chan struct{} // one place for each group of a file on its way to the hot state
	handler    http.Handler
}

// Files share this many of the database's connections, so that they never keep single tickets waiting.
const maxFileGroups = 4

// New makes a server.
func New(config Config) *Server {
	s := &Server{Config: config, metrics: newMetrics(config.Metrics), fileGroups: make(chan struct{}, maxFileGroups)}
	s.handler = s.observed(s.recovered(s.router()))
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }
