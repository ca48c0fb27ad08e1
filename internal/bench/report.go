package bench

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Report is what a run has measured. Its JSON form is stable enough to compare runs by script.
type Report struct {
	Started time.Time `json:"started"`
	Version string    `json:"version"`
	// Quick runs show that everything works; their figures are not judged.
	Quick    bool     `json:"quick"`
	Machine  Machine  `json:"machine"`
	Disks    []Disk   `json:"disks"`
	Figures  []Figure `json:"figures"`
	Problems []string `json:"problems"`
}

// Figure is one line of the table.
type Figure struct {
	Scenario string `json:"scenario"`
	Database string `json:"database"`
	Name     string `json:"name"`
	Unit     string `json:"unit"`
	// Values are those of the repetitions, in the order in which they were measured; of a figure over time the samples.
	Values []float64 `json:"values"`
	Spread Spread    `json:"spread"`
	// Must is nil for a figure that has no bar.
	Must *Must `json:"must,omitempty"`
	// Verdict is "ok" or "missed"; empty without a bar and in a quick run. The median is what is judged.
	Verdict string `json:"verdict,omitempty"`
}

// Must is the bar of a figure.
type Must struct {
	AtLeast bool    `json:"at_least"` // else: at most
	Value   float64 `json:"value"`
}

func (m Must) String() string {
	if m.AtLeast {
		return fmt.Sprintf("≥ %g", m.Value)
	}
	return fmt.Sprintf("≤ %g", m.Value)
}

// met is false for a value that is no number: what could not be measured has not reached its bar.
func (m Must) met(value float64) bool {
	if m.AtLeast {
		return value >= m.Value
	}
	return value <= m.Value
}

func atLeast(v float64) *Must { return &Must{AtLeast: true, Value: v} }

func atMost(v float64) *Must { return &Must{Value: v} }

// Missed returns the figures that missed their bar.
func (r *Report) Missed() []Figure {
	var list []Figure
	for _, f := range r.Figures {
		if f.Verdict == verdictMissed {
			list = append(list, f)
		}
	}
	return list
}

const (
	verdictOK     = "ok"
	verdictMissed = "missed"
)

// add appends a figure. Nothing was measured when there are no values: then there is no line, unless it has a bar.
func (r *Report) add(f Figure) bool {
	f.Values = slices.DeleteFunc(slices.Clone(f.Values), math.IsNaN)
	if len(f.Values) == 0 && f.Must == nil {
		return false
	}
	f.Spread = spread(f.Values)
	if f.Must != nil && !r.Quick {
		f.Verdict = verdictMissed
		if f.Must.met(f.Spread.Median) {
			f.Verdict = verdictOK
		}
	}
	r.Figures = append(r.Figures, f)
	return true
}
