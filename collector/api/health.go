package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/tillproof/tillproof/collector/auth"
)

// Check is something that the collector cannot do without.
type Check struct {
	Name string
	Ask  func(ctx context.Context) error // nil: it answers
}

// A told error is one whose reason anyone may read: what is wrong and what to do, with nothing about anybody.
type told interface{ Reason() string }

const checkTimeout = 2 * time.Second

func (s *Server) getHealth(w http.ResponseWriter, _ *http.Request, _ auth.Caller) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
}

// getReadiness asks all at once, and says which does not answer. Why is in the log, and here as well where it may be told.
func (s *Server) getReadiness(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	answers := make([]error, len(s.Checks))
	var asked sync.WaitGroup
	for i, check := range s.Checks {
		asked.Go(func() { answers[i] = check.Ask(ctx) })
	}
	asked.Wait()

	status, checks := http.StatusOK, map[string]string{}
	for i, check := range s.Checks {
		checks[check.Name] = "ok"
		if answers[i] != nil {
			status, checks[check.Name] = http.StatusServiceUnavailable, "does not answer"
			if reason := told(nil); errors.As(answers[i], &reason) {
				checks[check.Name] = reason.Reason()
			}
			s.Log.Warn("not ready", "check", check.Name, "error", answers[i])
		}
	}
	return writeJSON(w, status, map[string]any{"ready": status == http.StatusOK, "checks": checks})
}
