package delivery

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/eventlog"
)

// Metrics of a dispatcher. None has a label for the App: there may be many thousands.
type Metrics struct {
	inFlight     prometheus.Gauge
	lanesHeld    prometheus.Gauge
	breakersOpen prometheus.Gauge
	postponed    prometheus.Counter
	attempts     *prometheus.CounterVec
	outcomes     *prometheus.CounterVec
	duration     prometheus.Histogram
}

// NewMetrics makes the metrics and registers them; a nil registerer leaves them unregistered.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		inFlight:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "callboard_attempts_in_flight", Help: "Callbacks that are being sent now."}),
		lanesHeld:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "callboard_lanes_held", Help: "Lanes that are set aside, of all Apps."}),
		breakersOpen: prometheus.NewGauge(prometheus.GaugeOpts{Name: "callboard_breakers_open", Help: "Apps whose backend is only probed."}),
		postponed:    prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_attempts_postponed_total", Help: "Attempts that were answered with a Retry-After."}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callboard_attempts_total", Help: "Attempts that ended, by the verdict of the App's profile.",
		}, []string{"verdict"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callboard_callbacks_settled_total", Help: "Callbacks that are settled, by how.",
		}, []string{"outcome"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_attempt_seconds", Help: "Time of one attempt, from name resolution to the end of the answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
		}),
	}
	if reg != nil {
		reg.MustRegister(m.inFlight, m.lanesHeld, m.breakersOpen, m.postponed, m.attempts, m.outcomes, m.duration)
	}
	return m
}

func (m *Metrics) attempted(v eventlog.Verdict, d time.Duration) {
	m.attempts.WithLabelValues(v.String()).Inc()
	m.duration.Observe(d.Seconds())
}

func (m *Metrics) settled(v eventlog.Verdict) { m.outcomes.WithLabelValues(v.String()).Inc() }

// held takes the number of lanes that one reader holds now.
func (m *Metrics) held(r *reader, n int) {
	m.lanesHeld.Add(float64(n - r.reported))
	r.reported = n
}
