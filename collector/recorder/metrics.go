package recorder

import (
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what the recorder does.
type metrics struct {
	inFlight        prometheus.Gauge
	committed       prometheus.Counter
	failures        prometheus.Counter
	rejectedTickets prometheus.Counter
	inARow          *atomic.Int64
}

func newMetrics() metrics {
	return metrics{
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "tillproof_recorder_batches_in_flight", Help: "Batches on their way to the ledger."}),
		committed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tillproof_recorder_batches_committed_total", Help: "Batches whose transaction is valid on the ledger."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tillproof_recorder_batch_failures_total", Help: "Batches given up and tried again."}),
		rejectedTickets: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tillproof_recorder_tickets_rejected_total", Help: "Accepted tickets that the ledger refuses."}),
		inARow: new(atomic.Int64),
	}
}

// Metrics are the recorder's, for a registry.
func (m *metrics) Metrics() []prometheus.Collector {
	return []prometheus.Collector{m.inFlight, m.committed, m.failures, m.rejectedTickets}
}

func (m *metrics) started() { m.inFlight.Inc() }
func (m *metrics) ended()   { m.inFlight.Dec() }

func (m *metrics) succeeded() {
	m.inARow.Store(0)
	m.committed.Inc()
}

func (m *metrics) failed() {
	m.inARow.Add(1)
	m.failures.Inc()
}

func (m *metrics) rejected(tickets int) { m.rejectedTickets.Add(float64(tickets)) }

func (m *metrics) consecutiveFailures() int { return int(m.inARow.Load()) }
