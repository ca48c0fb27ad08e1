package delivery

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/eventlog"
)

// Metrics of a dispatcher. None has a label for the App: there may be many thousands. [Collector] has some for Apps with a
// backlog.
type Metrics struct {
	inFlight  prometheus.Gauge
	lanesHeld *prometheus.GaugeVec
	readers   *prometheus.GaugeVec
	full      prometheus.Gauge
	postponed prometheus.Counter
	attempts  *prometheus.CounterVec
	outcomes  *prometheus.CounterVec
	duration  prometheus.Histogram
	latency   prometheus.Histogram
	settle    prometheus.Histogram
	settlers  prometheus.Histogram
	forgotten prometheus.Counter
	deadGone  *prometheus.CounterVec
}

// Labels of held lanes, by class, and of readers that do not send, by state.
var (
	heldReasons = [3]string{classFailing: "failing", classBehind: "behind", classCatchingUp: "catching up"}
	stateNames  = [3]string{stateSending: "sending", stateProbing: "breaker open", statePaused: "paused"}
)

// NewMetrics makes the metrics and registers them; a nil registerer leaves them unregistered.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "callboard_attempts_in_flight", Help: "Callbacks that are being sent now."}),
		lanesHeld: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "callboard_lanes_held", Help: "Lanes that are set aside, of all Apps, by why: failing, behind, or catching up after a failure.",
		}, []string{"reason"}),
		readers: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "callboard_readers_stopped", Help: "Readers that do not send: the breaker is open and only probes are sent, or paused.",
		}, []string{"state"}),
		full: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "callboard_readers_full", Help: "Readers that hold as many lanes as they may: nothing more is read for them until lanes drain.",
		}),
		postponed: prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_attempts_postponed_total", Help: "Attempts that were answered with a Retry-After."}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callboard_attempts_total", Help: "Attempts that ended, by the verdict of the App's profile.",
		}, []string{"verdict"}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callboard_callbacks_settled_total", Help: "Callbacks that are settled, by how; given up are those that became dead letters.",
		}, []string{"outcome"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_attempt_seconds", Help: "Time of one attempt, from name resolution to the end of the answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15),
		}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_delivery_seconds", Help: "Time from the change, which its commit follows at once, to the answer that accepted its callback.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 24),
		}),
		settle: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_settle_seconds", Help: "Time of one transaction that stores what readers have done.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 16),
		}),
		settlers: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_settle_readers", Help: "Readers whose progress is stored in one transaction.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 7),
		}),
		forgotten: prometheus.NewCounter(prometheus.CounterOpts{Name: "callboard_events_forgotten_total", Help: "Events that were removed by retention."}),
		deadGone: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callboard_dead_letters_forgotten_total", Help: "Dead letters that were removed: by age, or because a reader had too many.",
		}, []string{"why"}),
	}
	if reg != nil {
		reg.MustRegister(m.inFlight, m.lanesHeld, m.readers, m.full, m.postponed, m.attempts, m.outcomes, m.duration, m.latency,
			m.settle, m.settlers, m.forgotten, m.deadGone)
	}
	m.showAll()
	return m
}

// showAll shows every series from the start: the first callback that is given up must be an increase, not a new series.
func (m *Metrics) showAll() {
	for _, reason := range heldReasons {
		m.lanesHeld.WithLabelValues(reason)
	}
	for _, state := range stateNames[stateProbing:] {
		m.readers.WithLabelValues(state)
	}
	for _, v := range []eventlog.Verdict{eventlog.Delivered, eventlog.Retry, eventlog.Failed} {
		m.attempts.WithLabelValues(v.String())
	}
	for _, v := range []eventlog.Verdict{eventlog.Delivered, eventlog.GivenUp, eventlog.Failed, eventlog.Discarded} {
		m.outcomes.WithLabelValues(v.String())
	}
	m.forgottenDead(0, 0)
}

func (m *Metrics) attempted(v eventlog.Verdict, d time.Duration) {
	m.attempts.WithLabelValues(v.String()).Inc()
	m.duration.Observe(d.Seconds())
}

func (m *Metrics) settled(v eventlog.Verdict) { m.outcomes.WithLabelValues(v.String()).Inc() }

// delivered notes an accepted callback and when its answer came.
func (m *Metrics) delivered(e *eventlog.Event, at time.Time) {
	m.latency.Observe(max(at.Sub(time.UnixMilli(e.Time)).Seconds(), 0))
}

func (m *Metrics) forgottenDead(old, beyond int) {
	m.deadGone.WithLabelValues("age").Add(float64(old))
	m.deadGone.WithLabelValues("too many").Add(float64(beyond))
}

// held takes the number of lanes that one reader holds now.
func (m *Metrics) held(t *told, now [3]int) {
	for c, n := range now {
		if n != t.held[c] {
			m.lanesHeld.WithLabelValues(heldReasons[c]).Add(float64(n - t.held[c]))
		}
	}
	t.held = now
}

func (m *Metrics) state(was, is readerState) {
	if was != stateSending {
		m.readers.WithLabelValues(stateNames[was]).Dec()
	}
	if is != stateSending {
		m.readers.WithLabelValues(stateNames[is]).Inc()
	}
}
