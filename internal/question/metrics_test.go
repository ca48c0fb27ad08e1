package question

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/live"
)

// counts are the questions by outcome, and how many were timed, as a scrape sees them.
func counts(t *testing.T, reg *prometheus.Registry) (outcomes map[string]float64, timed uint64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	outcomes = map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if h := m.GetHistogram(); h != nil {
				timed = h.GetSampleCount()
			}
			for _, l := range m.GetLabel() {
				if l.GetName() == "outcome" {
					outcomes[l.GetValue()] += m.GetCounter().GetValue()
				}
			}
		}
	}
	return outcomes, timed
}

func TestEveryOutcomeIsShownBeforeTheFirstQuestion(t *testing.T) {
	reg := prometheus.NewRegistry()
	NewMetrics(reg)
	outcomes, timed := counts(t, reg)
	if len(outcomes) != 5 || timed != 0 {
		t.Errorf("outcomes %v, %d timed, want all five at 0", outcomes, timed)
	}
}

func TestOutcomesOfGifts(t *testing.T) {
	for want, r := range map[string]live.Ruling{
		allowed: {Answered: true}, refused: {Answered: true, Code: 1}, failed: {Open: true},
	} {
		if got := outcome(live.TopicGift, &r); got != want {
			t.Errorf("outcome of %+v = %s, want %s", r, got, want)
		}
	}
}
