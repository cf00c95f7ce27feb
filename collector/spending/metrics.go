package spending

import "github.com/prometheus/client_golang/prometheus"

// metrics count what spending costs.
type metrics struct {
	orders    *prometheus.CounterVec
	conflicts prometheus.Counter
	failures  prometheus.Counter
}

func newMetrics() metrics {
	return metrics{
		orders: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tillproof_spending_orders_total", Help: "Orders carried out, whatever the ledger's answer."}, []string{"action"}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tillproof_spending_conflicts_total", Help: "Transactions that another one overtook, endorsed anew."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tillproof_spending_failures_total", Help: "Orders that failed and were tried again."}),
	}
}

// Metrics are the service's, for a registry.
func (m *metrics) Metrics() []prometheus.Collector {
	return []prometheus.Collector{m.orders, m.conflicts, m.failures}
}
