package feed

import "github.com/prometheus/client_golang/prometheus"

// Metrics of a handler.
type Metrics struct {
	readers prometheus.Gauge
	events  prometheus.Counter
	slow    prometheus.Counter
	refused prometheus.Counter
}

// NewMetrics makes the metrics and registers them; a nil registerer leaves them unregistered.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		readers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "callboard_feed_readers", Help: "Callers that read events or rooms, or wait for events."}),
		events:  prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_feed_events_total", Help: "Events that were written to readers of the feed."}),
		slow:    prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_feed_slow_total", Help: "Readers of the feed that were cut off because they took nothing."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_feed_refused_total", Help: "Calls that found as many readers of the feed as may be."}),
	}
	if reg != nil {
		reg.MustRegister(m.readers, m.events, m.slow, m.refused)
	}
	return m
}
