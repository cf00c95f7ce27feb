package api

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

const readyTimeout = 2 * time.Second

// readiness has the form that the collector's has too: each check is "ok" or "does not answer".
type readiness struct {
	Ready  bool              `json:"ready"`
	Checks map[string]string `json:"checks"`
}

// healthz says that the process is alive.
func (s *server) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
}

// readyz says whether it can do its work, and what is missing if not. The check reads as a customer who is nobody, which
// needs the database, its migrations, and the roles. An external provider that is away is told, and stops nothing.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	err := hotstate.As(ctx, s.Pool, hotstate.Actor{Role: hotstate.RoleCustomer}, func(tx pgx.Tx) error {
		_, err := hotstate.ReadAsOf(ctx, tx)
		return err
	})
	status, answer := http.StatusOK, readiness{Ready: true, Checks: map[string]string{"database": "ok"}}
	if err != nil {
		s.Log.WarnContext(ctx, "not ready", "check", "database", "error", err)
		status, answer = http.StatusServiceUnavailable, readiness{Checks: map[string]string{"database": "does not answer"}}
	}
	if s.OpenID != nil {
		answer.Checks["openid"] = "ok"
		if s.OpenID.Failure() != nil { // it is in the log; whoever signs in here is served all the same
			answer.Checks["openid"] = "does not answer"
		}
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, status, answer)
}
