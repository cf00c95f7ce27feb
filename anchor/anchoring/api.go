package anchoring

import (
	"encoding/json"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

type readiness struct {
	Ready  bool    `json:"ready"`
	Checks []check `json:"checks"`
}

type check struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// Handler answers /healthz, /readyz and /metrics. It is for operators on this machine: readyz says what is wrong.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.status.registry, promhttp.HandlerOpts{}))
	return mux
}

func (s *Service) readyz(w http.ResponseWriter, _ *http.Request) {
	begun, failed, wait := s.status.last()
	c := check{Name: "anchoring", OK: begun && failed == nil}
	switch {
	case !begun:
		c.Detail = "the first look at the chain is not over"
	case failed != nil:
		c.Detail = failed.Error()
	}
	status := http.StatusOK
	if !c.OK {
		status = http.StatusServiceUnavailable
	}
	budget := check{Name: "budget", OK: true} // to wait for it is what was configured
	if wait != nil {
		budget.Detail = wait.Error()
	}
	answer(w, status, readiness{Ready: c.OK, Checks: []check{c, budget}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // too late to tell the client of an error
}
