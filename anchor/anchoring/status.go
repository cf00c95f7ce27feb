package anchoring

import (
	"math/big"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// A status is what the last round found. It belongs to the service and is read by the API.
type status struct {
	mutex  sync.Mutex
	begun  bool
	failed error
	wait   error // the budget's

	registry                  *prometheus.Registry
	logSize, anchored, rounds prometheus.Gauge
	spent, budget, waiting    prometheus.Gauge
	failures                  prometheus.Counter
}

func newStatus() *status {
	s := &status{
		registry: prometheus.NewRegistry(),
		logSize:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_log_size", Help: "Entries of the log."}),
		anchored: prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_anchored_size", Help: "Entries under the root that the contract holds."}),
		rounds:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_last_round_ok", Help: "Whether the last round found nothing wrong."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "tillproof_anchor_failed_rounds_total", Help: "Rounds that found something wrong."}),
		spent:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_spent_wei", Help: "What anchors have cost on the day of the chain's newest block, UTC."}),
		budget:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_budget_wei", Help: "What they may cost on a day, by the rate when that was last asked; 0: not asked yet, or no budget."}),
		waiting:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "tillproof_anchor_waits_for_budget", Help: "Whether an anchor waits for the next day's budget."}),
	}
	s.registry.MustRegister(s.logSize, s.anchored, s.rounds, s.spent, s.budget, s.waiting, s.failures)
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

// Gauges are floating point; nothing is reckoned with them.
func (s *status) paid(wei *big.Int)   { setWei(s.spent, wei) }
func (s *status) mayPay(wei *big.Int) { setWei(s.budget, wei) }

func setWei(gauge prometheus.Gauge, wei *big.Int) {
	value, _ := new(big.Float).SetInt(wei).Float64()
	gauge.Set(value)
}

// waits notes why an anchor waits for the budget, nil if none does, and whether that has begun or ended.
func (s *status) waits(why error) (begins, ends bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	begins, ends = why != nil && s.wait == nil, why == nil && s.wait != nil
	s.wait = why
	s.waiting.Set(0)
	if why != nil {
		s.waiting.Set(1)
	}
	return begins, ends
}

func (s *status) last() (begun bool, failed, wait error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.begun, s.failed, s.wait
}
