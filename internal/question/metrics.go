package question

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// Metrics of an [Asker]. None has a label for the App.
type Metrics struct {
	questions *prometheus.CounterVec
	seconds   prometheus.Histogram
}

// outcomes of questions: failed is one without a valid answer, whatever follows from that.
const (
	allowed = "allowed"
	changed = "changed"
	dropped = "dropped"
	refused = "refused"
	failed  = "failed"
)

// NewMetrics makes the metrics and registers them; a nil registerer leaves them unregistered.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		questions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callboard_questions_total", Help: "Questions that App backends were asked before a gift or a message, by what came of them; failed: no valid answer in time.",
		}, []string{"command", "outcome"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "callboard_question_seconds", Help: "Time from a question to its answer, or to the end of the time for it.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 13),
		}),
	}
	for _, topic := range wire.QuestionCommands() {
		for _, outcome := range []string{allowed, changed, dropped, refused, failed} {
			m.questions.WithLabelValues(topic, outcome)
		}
	}
	if reg != nil {
		reg.MustRegister(m.questions, m.seconds)
	}
	return m
}

func (m *Metrics) observe(topic live.Topic, r *live.Ruling, took time.Duration) {
	m.seconds.Observe(took.Seconds())
	m.questions.WithLabelValues(wire.TopicCommand(topic), outcome(topic, r)).Inc()
}

func outcome(topic live.Topic, r *live.Ruling) string {
	if !r.Answered {
		return failed
	}
	if topic == live.TopicGift {
		if r.Gift() != nil {
			return refused
		}
		return allowed
	}
	ruling, err := r.Message()
	switch {
	case err != nil:
		return refused
	case ruling == nil:
		return failed // a code that is not documented
	case ruling.Drop:
		return dropped
	case ruling.Body != nil || ruling.CloudCustomData != nil:
		return changed
	}
	return allowed
}
