package engine

import "github.com/prometheus/client_golang/prometheus"

// Metrics of an engine.
type Metrics struct {
	groupSize  prometheus.Histogram
	commitTime prometheus.Histogram
	events     prometheus.Counter
	refused    prometheus.Counter
	failed     prometheus.Counter
	unknown    prometheus.Counter
}

// NewMetrics makes the metrics and registers them; a nil registerer leaves them unregistered.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		groupSize: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_commit_group_size", Help: "Commands that were committed together.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 10),
		}),
		commitTime: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_commit_seconds", Help: "Time of writing and committing one group, the sync included.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16),
		}),
		events:  prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_events_total", Help: "Events committed to the logs of all Apps."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_commands_rejected_total", Help: "Commands that found the queue full or closed."}),
		failed:  prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_commands_failed_total", Help: "Commands that failed before their commit; nothing of them is stored."}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_commands_unknown_total", Help: "Commands whose commit had an unknown outcome."}),
	}
	if reg != nil {
		reg.MustRegister(m.groupSize, m.commitTime, m.events, m.refused, m.failed, m.unknown)
	}
	return m
}
