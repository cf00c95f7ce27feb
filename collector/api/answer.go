package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/tillproof/tillproof/collector/auth"
	"github.com/tillproof/tillproof/collector/ingest"
	"github.com/tillproof/tillproof/collector/problem"
	"github.com/tillproof/tillproof/hotstate"
)

// writeJSON answers with a value.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.Encode(value) // an error is the caller's having left
	return nil
}

// refuse answers with a problem. It is the one place where errors become HTTP; what is not for the caller's eyes goes
// to the log.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	about := aboutRequest(r)
	if about.answered {
		return // the answer has begun, there is no other
	}
	p := s.problemOf(r, err)
	switch {
	case errors.Is(err, auth.ErrNoCredential):
		w.Header().Set("WWW-Authenticate", `Bearer realm="tillproof"`)
	case errors.Is(err, auth.ErrInvalid):
		w.Header().Set("WWW-Authenticate", `Bearer realm="tillproof", error="invalid_token"`)
	}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.Header().Set("Content-Type", problem.ContentType)
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

func (s *Server) problemOf(r *http.Request, err error) *problem.Problem {
	var p *problem.Problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, auth.ErrNoCredential):
		return problem.New(http.StatusUnauthorized, "unauthorized", "Credential needed",
			"send a token or a till key in the Authorization header: Bearer …")
	case errors.Is(err, auth.ErrInvalid):
		return problem.New(http.StatusUnauthorized, "unauthorized", "Credential not valid",
			"the token or till key is unknown, expired or revoked; get a new one")
	case errors.As(err, &tooLarge):
		return problem.TooLarge("body", int(tooLarge.Limit))
	case errors.Is(err, hotstate.ErrNotFound):
		return problem.NotFound("resource")
	case errors.Is(err, ingest.ErrBusy):
		return problem.Unavailable()
	case errors.Is(err, ingest.ErrUnavailable), errors.Is(err, auth.ErrUnavailable), isOutage(err):
		s.Log.Warn("unavailable", "request_id", aboutRequest(r).id, "error", err)
		return problem.Unavailable()
	}
	s.Log.Error("internal error", "request_id", aboutRequest(r).id, "error", err)
	return problem.Internal()
}
