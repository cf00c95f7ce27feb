package api

import (
	"context"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tillproof/tillproof/hotstate"
)

const readyTimeout = 2 * time.Second

type readiness struct {
	Ready  bool         `json:"ready"`
	Checks []readyCheck `json:"checks"`
}

type readyCheck struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// healthz says that the process is alive.
func (s *server) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
}

// readyz says whether it can do its work, and what is missing if not. The check reads as a customer who is nobody, which
// needs the database, its migrations, and the roles.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	check := readyCheck{Name: "database", OK: true}
	err := hotstate.As(ctx, s.Pool, hotstate.Actor{Role: hotstate.RoleCustomer}, func(tx pgx.Tx) error {
		_, err := hotstate.ReadAsOf(ctx, tx)
		return err
	})
	status := http.StatusOK
	if err != nil {
		s.Log.WarnContext(ctx, "not ready", "check", check.Name, "error", err)
		check.OK, check.Detail = false, "the database does not answer, or is not migrated"
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, status, readiness{Ready: check.OK, Checks: []readyCheck{check}})
}
