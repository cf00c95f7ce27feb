package api

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tillproof/tillproof/collector/auth"
)

type metrics struct {
	requests *prometheus.HistogramVec
	tickets  *prometheus.CounterVec
	handler  http.Handler
}

func newMetrics(registry *prometheus.Registry) metrics {
	m := metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "tillproof_http_request_seconds",
			Help:    "Time from a request's arrival to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method", "status"}),
		tickets: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tillproof_tickets_total",
			Help: "Tickets sent, by what became of them.",
		}, []string{"status"}),
		handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
	}
	registry.MustRegister(m.requests, m.tickets)
	return m
}

func (s *Server) getMetrics(w http.ResponseWriter, r *http.Request, _ auth.Caller) error {
	s.metrics.handler.ServeHTTP(w, r)
	return nil
}
