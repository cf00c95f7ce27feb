package api

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// collectorProxy passes /collector/v1/… on to the collector, so that the page reaches it through its own origin. The
// page's cookie becomes a bearer token on the way, since the collector knows no cookies; other callers bring their own.
func (s *server) collectorProxy() http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(out *httputil.ProxyRequest) { rewriteToCollector(out, s.Collector) },
		ModifyResponse: fromCollector,
		FlushInterval:  -1, // answers to a ticket file come while it is still being sent
		ErrorHandler:   s.collectorDown,
		ErrorLog:       slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if climbs(r.URL) {
			notFound(w, r)
			return
		}
		if r.Header.Get("Authorization") == "" {
			_, bearer, err := s.authenticate(r)
			if err != nil {
				s.refuse(w, r, err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+bearer)
		} else if s.OpenID != nil {
			// Only the provider's tokens are exchanged; what else there is, tills' keys too, the collector judges itself.
			if _, bearer, err := s.authenticate(r); err == nil {
				r.Header.Set("Authorization", "Bearer "+bearer)
			}
		}
		// A file may take longer than any timeout of ours: as with the collector, each step has its own.
		connection := http.NewResponseController(w)
		if err := connection.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
			s.fail(w, r, err)
			return
		}
		if r.ContentLength != 0 {
			// An answer may come before the end of the body, and net/http would then take the rest for the next request.
			w.Header().Set("Connection", "close")
			body := &passedBody{ReadCloser: r.Body, connection: connection}
			r.Body = body
			defer body.end()
		}
		proxy.ServeHTTP(passedAnswer{w, connection}, r)
	})
}

// climbs reports whether a path has a segment . or .., with which it could leave /collector/v1/. Dots within an id's
// encoded slashes are the id's own.
func climbs(u *url.URL) bool {
	for segment := range strings.SplitSeq(u.EscapedPath(), "/") {
		if name, err := url.PathUnescape(segment); err != nil || name == "." || name == ".." {
			return true
		}
	}
	return false
}

// rewriteToCollector takes the prefix off the path as it was sent: an id in it may hold an encoded slash.
func rewriteToCollector(p *httputil.ProxyRequest, collector *url.URL) {
	p.Out.URL.Scheme, p.Out.URL.Host = collector.Scheme, collector.Host
	p.Out.URL.Path = strings.TrimPrefix(p.In.URL.Path, "/collector")
	p.Out.URL.RawPath = strings.TrimPrefix(p.In.URL.EscapedPath(), "/collector")
	p.Out.Host = collector.Host
	p.Out.Header.Del("Cookie")
	p.Out.Header.Set("X-Request-Id", requestID(p.In))
}

func fromCollector(answer *http.Response) error {
	answer.Header.Del("X-Request-Id") // it is ours, and set already
	answer.Header.Del("X-Content-Type-Options")
	if location := answer.Header.Get("Location"); strings.HasPrefix(location, "/v1/") {
		answer.Header.Set("Location", "/collector"+location)
	}
	return nil
}

func (s *server) collectorDown(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	s.Log.WarnContext(r.Context(), "the collector does not answer", "requestId", requestID(r), "error", err)
	w.Header().Set("Retry-After", "5")
	writeProblem(w, problem{Type: "collector", Title: "The collector does not answer", Status: http.StatusBadGateway,
		Detail: "The write side cannot be reached at the moment. Try again in a few seconds."})
}
