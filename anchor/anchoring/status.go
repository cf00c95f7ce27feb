package anchoring

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// A status is what the last round found. It belongs to the service and is read by the API.
type status struct {
	mutex  sync.Mutex
	begun  bool
	failed error

	registry                  *prometheus.Registry
	logSize, anchored, rounds prometheus.Gauge
	failures                  prometheus.Counter
}

func newStatus() *status {
	s := &status{
		registry: prometheus.NewRegistry(),
		logSize:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_log_size", Help: "Entries of the log."}),
		anchored: prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_anchored_size", Help: "Entries under the root that the contract holds."}),
		rounds:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_last_round_ok", Help: "Whether the last round found nothing wrong."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "tillproof_anchor_failed_rounds_total", Help: "Rounds that found something wrong."}),
	}
	s.registry.MustRegister(s.logSize, s.anchored, s.rounds, s.failures)
	return s
}

// round notes how a round ended, and says whether that is news.
func (s *status) round(err error) (changed bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	changed = !s.begun || (err == nil) != (s.failed == nil) || err != nil && err.Error() != s.failed.Error()
	s.begun, s.failed = true, err
	s.rounds.Set(1)
	if err != nil {
		s.rounds.Set(0)
		s.failures.Inc()
	}
	return changed
}

func (s *status) saw(anchored, size uint64) {
	s.anchored.Set(float64(anchored))
	s.logSize.Set(float64(size))
}

func (s *status) last() (begun bool, failed error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.begun, s.failed
}
