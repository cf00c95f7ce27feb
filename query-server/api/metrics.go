package api

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/tillproof/tillproof/query-server/live"
)

// metrics are what /metrics tells, for Prometheus. Labels take few values and name nobody.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	signIns  *prometheus.CounterVec
}

func newMetrics(pool *pgxpool.Pool, feed *live.Feed) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "tillproof_query_request_seconds",
			Help:    "How long requests took, by route, method and status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"route", "method", "status"}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tillproof_query_sign_ins_total",
			Help: "Attempts to sign in or to refresh, by outcome.",
		}, []string{"outcome"}),
	}
	m.registry.MustRegister(m.requests, m.signIns, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), poolGauge("acquired", pool, func(s *pgxpool.Stat) int32 { return s.AcquiredConns() }),
		poolGauge("total", pool, func(s *pgxpool.Stat) int32 { return s.TotalConns() }),
		poolGauge("max", pool, func(s *pgxpool.Stat) int32 { return s.MaxConns() }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tillproof_query_listeners", Help: "Open live streams."},
			func() float64 { return float64(feed.Count()) }))
	return m
}

func poolGauge(what string, pool *pgxpool.Pool, read func(*pgxpool.Stat) int32) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tillproof_query_database_connections_" + what,
		Help: "Connections of the pool: " + what + ".",
	}, func() float64 { return float64(read(pool.Stat())) })
}

// knownMethods keeps a made-up method from becoming a label.
var knownMethods = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "DELETE": true, "OPTIONS": true, "PATCH": true}

func (m *metrics) observe(route, method string, status int, took time.Duration) {
	if !knownMethods[method] {
		method = "other"
	}
	m.requests.WithLabelValues(route, method, statusText(status)).Observe(took.Seconds())
}
