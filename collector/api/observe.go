package api

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/tillproof/tillproof/collector/problem"
)

// about is what the log and the metrics say of a request. It names the route, never the path, which holds ids.
type about struct {
	id       string
	route    string
	role     string
	answered bool
}

type aboutKey struct{}

func aboutRequest(r *http.Request) *about {
	if a, ok := r.Context().Value(aboutKey{}).(*about); ok {
		return a
	}
	return &about{}
}

var goodRequestID = regexp.MustCompile(`^[0-9A-Za-z._-]{1,64}$`)

// observed gives every answer its X-Request-Id (the caller's own, if it is a decent one), and counts and logs it.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &about{id: r.Header.Get("X-Request-Id"), route: "none"}
		if !goodRequestID.MatchString(a.id) {
			a.id = uuid.NewString()
		}
		w.Header().Set("X-Request-Id", a.id)
		watched := &watchedWriter{ResponseWriter: w, about: a, status: http.StatusOK}
		begin := time.Now()
		defer func() {
			took := time.Since(begin)
			s.metrics.requests.WithLabelValues(a.route, r.Method, strconv.Itoa(watched.status)).Observe(took.Seconds())
			s.Log.Info("request", "request_id", a.id, "method", r.Method, "route", a.route, "role", a.role,
				"status", watched.status, "bytes", watched.bytes, "ms", took.Milliseconds())
		}()
		next.ServeHTTP(watched, r.WithContext(context.WithValue(r.Context(), aboutKey{}, a)))
	})
}

// recovered turns a panic into an answer that tells nothing.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			recovered := recover()
			if recovered == nil {
				return
			}
			if recovered == http.ErrAbortHandler {
				panic(recovered) // the server's own way of dropping a connection
			}
			s.logPanic(aboutRequest(r).id, recovered)
			s.refuse(w, r, problem.Internal())
		}()
		next.ServeHTTP(w, r)
	})
}

// logPanic notes where a panic came from and of what kind it was, not its text, which may hold somebody's data.
func (s *Server) logPanic(requestID string, recovered any) {
	s.Log.Error("panic", "request_id", requestID, "kind", fmt.Sprintf("%T", recovered), "stack", string(debug.Stack()))
}

// watchedWriter remembers what was answered.
type watchedWriter struct {
	http.ResponseWriter
	about  *about
	status int
	bytes  int64
}

func (w *watchedWriter) WriteHeader(status int) {
	if !w.about.answered {
		w.about.answered, w.status = true, status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watchedWriter) Write(data []byte) (int, error) {
	w.about.answered = true
	n, err := w.ResponseWriter.Write(data)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
