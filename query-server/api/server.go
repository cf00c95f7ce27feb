// Package api is the read side's HTTP interface. A request reads in three hops: the route table here, a handler, and a
// query of package hotstate, which runs as the caller's role in the database.
package api

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/mux"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tillproof/tillproof/hotstate"
	"github.com/tillproof/tillproof/query-server/live"
	"github.com/tillproof/tillproof/query-server/membercode"
	"github.com/tillproof/tillproof/query-server/openid"
	"github.com/tillproof/tillproof/query-server/session"
	"github.com/tillproof/tillproof/query-server/token"
	"github.com/tillproof/tillproof/query-server/visibility"
)

// Options are what the server is made of.
type Options struct {
	Pool     *pgxpool.Pool
	Issuer   token.Issuer
	Sessions *session.Service
	// MemberCodes makes what members show at tills.
	MemberCodes *membercode.Maker
	Live        *live.Feed
	Collector   *url.URL // for /collector/
	PublicURL   *url.URL // how browsers reach us; https turns on Secure cookies
	Page        http.Handler
	// SmallestCells are the numbers of tickets below which manufacturers see no sum.
	SmallestCells hotstate.SmallestCells
	// SalesWithin is how long sums may take to make; 0: 45 s, which is less than a connection has for its answer.
	SalesWithin time.Duration
	// TrustedProxies are ours: of a request from one of them, X-Forwarded-For says where it comes from.
	TrustedProxies []netip.Prefix
	// OpenID, if there is one, is an external provider whose tokens are as good as ours.
	OpenID *openid.Provider
	Log    *slog.Logger
}

type server struct {
	Options
	cursors  cursors
	lineRefs lineRefs
	metrics  *metrics
	inFlight inFlight
}

// A route is one call of the API. Roles are who may make it at all; anyone, without a token, if it names none.
type route struct {
	method, path string
	roles        []string
	handle       http.HandlerFunc
}

func (s *server) routes() []route {
	var (
		customer      = visibility.Points.May()
		manufacturers = visibility.Lines.May()
		receipts      = visibility.Tickets.May()
		sales         = visibility.Sales.May()
		oversight     = visibility.Reconciliation.May()
		signedIn      = visibility.Session.May()
	)
	return []route{
		{"POST", "/v1/sessions", nil, s.signIn},
		{"GET", "/v1/sessions", nil, s.whoAmI},
		{"DELETE", "/v1/sessions", signedIn, s.signOut},
		{"POST", "/v1/sessions/refresh", nil, s.refresh},
		{"PUT", "/v1/password", signedIn, s.changePassword},
		{"GET", "/.well-known/jwks.json", nil, s.jwks},

		{"GET", "/v1/points", customer, s.points},
		{"GET", "/v1/points/entries", customer, s.pointsEntries},
		{"GET", "/v1/member-code", customer, s.memberCode},
		{"GET", "/v1/tickets", receipts, s.tickets},
		{"GET", "/v1/tickets/{id}", receipts, s.ticket},
		{"GET", "/v1/sales", sales, s.sales},
		{"GET", streamPath, sales, s.salesStream},
		{"GET", "/v1/tickets/{id}/proof", receipts, s.ticketProof},
		{"GET", "/v1/sales/lines", manufacturers, s.salesLines},
		{"GET", "/v1/sales/lines/{lineRef}/proof", manufacturers, s.lineProof},
		{"GET", "/v1/log/checkpoint", nil, s.logCheckpoint},
		{"GET", "/v1/log/tile/{path}", nil, s.logTile},
		{"GET", "/v1/anchors", nil, s.anchors},
		{"GET", "/v1/stores/{storeId}/days", visibility.StoreDays.May(), s.storeDays},
		{"GET", "/v1/export", customer, s.export},
		{"GET", "/v1/reconciliation", oversight, s.reconciliation},

		{"GET", "/healthz", nil, s.healthz},
		{"GET", "/readyz", nil, s.readyz},
		{"GET", "/metrics", nil, promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP},
		{"GET", "/v1/openapi.json", nil, s.openAPI},
	}
}

// New makes the handler of everything the server answers to.
func New(options Options) (http.Handler, error) {
	if options.SalesWithin == 0 {
		options.SalesWithin = 45 * time.Second
	}
	secret, err := options.Issuer.Keys.Derive("cursor")
	if err != nil {
		return nil, err
	}
	cursors := cursors{secret}
	if secret, err = options.Issuer.Keys.Derive("line-ref"); err != nil {
		return nil, err
	}
	refs, err := newLineRefs(secret)
	if err != nil {
		return nil, err
	}
	s := &server{Options: options, cursors: cursors, lineRefs: refs, metrics: newMetrics(options.Pool, options.Live), inFlight: inFlight{byUser: map[string]int{}}}

	// Ids may hold slashes: the path is matched as it was sent, percent-encoded, and never cleaned.
	router := mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, r := range s.routes() {
		handle := r.handle
		if r.roles != nil {
			if r.path != streamPath {
				handle = s.limited(handle)
			}
			handle = s.authenticated(r.roles, handle)
		}
		methods := []string{r.method}
		if r.method == http.MethodGet {
			handle = encoded(handle)
			methods = append(methods, http.MethodHead)
		}
		path := strings.Replace(r.path, "{path}", "{path:.*}", 1) // it may hold slashes
		router.HandleFunc(path, handle).Methods(methods...).Name(r.path)
	}
	router.PathPrefix("/collector/v1/").Handler(s.collectorProxy()).Name("/collector/")
	router.NotFoundHandler = s.pageOrNothing()
	router.MethodNotAllowedHandler = http.HandlerFunc(methodNotAllowed)
	return s.observed(router), nil
}

// pageOrNothing answers for every address that is not the interface's.
func (s *server) pageOrNothing() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") || strings.HasPrefix(r.URL.Path, "/collector/") {
			notFound(w, r)
			return
		}
		s.Page.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, r *http.Request) {
	writeProblem(w, problem{Type: "not-found", Title: "Not found", Status: http.StatusNotFound, Detail: "There is nothing here for you."})
}

func methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	writeProblem(w, problem{Type: "method-not-allowed", Title: "Method not allowed", Status: http.StatusMethodNotAllowed,
		Detail: "This address does not answer to " + r.Method + "."})
}
