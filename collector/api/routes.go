package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gorilla/mux"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/problem"
)

// handler answers a caller who has been let in. An error becomes a problem, see refuse.
type handler func(w http.ResponseWriter, r *http.Request, caller auth.Caller) error

// route says who may do what. No roles: anyone, without a credential.
type route struct {
	method, path string
	roles        []string
	handle       handler
}

var (
	anyone  []string
	tills   = []string{auth.Store}
	senior  = []string{auth.Admin}
	both    = []string{auth.Store, auth.Admin}
	members = []string{auth.Customer}
)

func (s *Server) routes() []route {
	routes := []route{
		{"POST", "/v1/tickets", tills, s.postTicket},
		{"GET", "/v1/tickets/{transactionId}", both, s.getTicket},
		{"POST", "/v1/ticket-files", both, s.postTicketFile},

		{"PUT", "/v1/users/{username}", senior, s.putUser},
		{"GET", "/v1/users/{username}", senior, s.getUser},
		{"GET", "/v1/users", senior, s.listUsers},
		{"POST", "/v1/stores/{storeId}/keys", senior, s.postTillKey},
		{"GET", "/v1/stores/{storeId}/keys", senior, s.listTillKeys},
		{"DELETE", "/v1/stores/{storeId}/keys/{keyId}", senior, s.deleteTillKey},
		{"GET", "/v1/keys", senior, s.listAllTillKeys},

		{"GET", "/v1/openapi.json", anyone, s.getOpenAPI},
		{"GET", "/healthz", anyone, s.getHealth},
		{"GET", "/readyz", anyone, s.getReadiness},
		{"GET", "/metrics", anyone, s.getMetrics},
	}
	return slices.Concat(routes, s.spendingRoutes(), s.programmeRoutes(), s.erasureRoutes(),
		s.stores().routes(), s.manufacturers().routes(), s.customers().routes(), s.products().routes())
}

func (s *Server) router() *mux.Router {
	// Ids hold slashes and dots, so a path is matched as it was sent and never tidied.
	router := mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, route := range s.routes() {
		router.Methods(route.method).Path(route.path).HandlerFunc(s.serve(route))
	}
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, problem.NotFound("path"))
	})
	router.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, method := range allowedMethods(router, r) {
			w.Header().Add("Allow", method)
		}
		s.refuse(w, r, problem.New(http.StatusMethodNotAllowed, "method-not-allowed", "Method not allowed",
			"this path knows the methods of the Allow header only"))
	})
	return router
}

func allowedMethods(router *mux.Router, r *http.Request) (allowed []string) {
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		var match mux.RouteMatch
		other := r.Clone(r.Context())
		other.Method = method
		if router.Match(other, &match) && match.MatchErr == nil {
			allowed = append(allowed, method)
		}
	}
	return allowed
}

// serve lets in who may come in, and answers for a handler that fails.
func (s *Server) serve(route route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		about := aboutRequest(r)
		about.route = route.path
		var caller auth.Caller
		if route.roles != nil {
			var err error
			if caller, err = s.Auth.Authenticate(r.Context(), r.Header.Get("Authorization")); err != nil {
				s.refuse(w, r, err)
				return
			}
			about.role = caller.Role
			if !slices.Contains(route.roles, caller.Role) {
				s.refuse(w, r, problem.New(http.StatusForbidden, "forbidden", "Forbidden",
					"the role %s may not do this", caller.Role))
				return
			}
		}
		if err := checkTexts(r); err != nil {
			s.refuse(w, r, err)
			return
		}
		if err := route.handle(w, r, caller); err != nil {
			s.refuse(w, r, err)
		}
	}
}

// checkTexts refuses what no id and no search can be, before a handler takes it to the database.
func checkTexts(r *http.Request) error {
	for name := range mux.Vars(r) {
		if !isText(pathValue(r, name)) {
			return problem.NotFound("resource")
		}
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem.New(http.StatusBadRequest, "parameter", "Bad parameter", "the query of the URL is malformed")
	}
	for name, values := range query {
		for _, value := range values {
			if !isText(name) || !isText(value) {
				return problem.New(http.StatusBadRequest, "parameter", "Bad parameter", "a parameter is not a text")
			}
		}
	}
	return nil
}

// isText accepts what PostgreSQL can hold: UTF-8 without NUL.
func isText(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// pathValue gives an id of the path, decoded. The router has matched the path, so it can be decoded.
func pathValue(r *http.Request, name string) string {
	value, _ := url.PathUnescape(mux.Vars(r)[name])
	return value
}
