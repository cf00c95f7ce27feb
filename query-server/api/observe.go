package api

import (
	"context"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"
)

type contextKey int

const (
	requestIDKey contextKey = iota
	callerKey
)

var goodRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// requestID gives the id under which the log tells of this request.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey).(string)
	return id
}

// observed gives each request its id, logs and measures it, and turns a panic into an answer that tells nothing. The log
// has the route and never the path or the query: ids of members are in them.
func (s *server) observed(router *mux.Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		id := r.Header.Get("X-Request-Id")
		if !goodRequestID.MatchString(id) {
			id = uuid.NewString()
		}
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey, id))
		recorder := &statusRecorder{ResponseWriter: w}
		name := routeName(router, r)

		defer func() {
			aborted := s.recovered(recorder, r, recover())
			took := time.Since(began)
			s.metrics.observe(name, r.Method, recorder.status, took)
			s.Log.InfoContext(r.Context(), "request", "requestId", id, "method", r.Method, "route", name,
				"status", recorder.status, "bytes", recorder.bytes, "ms", took.Milliseconds(), "aborted", aborted)
			if aborted {
				panic(http.ErrAbortHandler) // net/http closes the connection, so that half an answer shows as one
			}
		}()
		router.ServeHTTP(recorder, r)
	})
}

// recovered handles a panic. It reports whether the connection must be cut.
func (s *server) recovered(w *statusRecorder, r *http.Request, cause any) bool {
	if cause == nil {
		return false
	}
	if cause != http.ErrAbortHandler {
		s.Log.ErrorContext(r.Context(), "panic", "requestId", requestID(r), "cause", cause, "stack", string(debug.Stack()))
		if w.status == 0 {
			writeProblem(w, internal)
			return false
		}
	}
	return true
}

// routeName gives the route's pattern, of which there are few; the page's files are "other".
func routeName(router *mux.Router, r *http.Request) string {
	var match mux.RouteMatch
	if router.Match(r, &match) && match.Route != nil {
		return match.Route.GetName()
	}
	return "other"
}

// statusRecorder remembers what was answered.
type statusRecorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *statusRecorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusRecorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func statusText(status int) string {
	if status == 0 {
		return "none"
	}
	return strconv.Itoa(status)
}
