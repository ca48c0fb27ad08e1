package bench

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReplaysAreCheckedForOrderAndNumber(t *testing.T) {
	first := time.UnixMilli(1000)
	again := func(id string, prev, seq int64) *arrival {
		return &arrival{id: id, roomPrev: prev, roomSeq: seq, at: first.Add(time.Duration(seq) * time.Second), replay: true}
	}
	cases := []struct {
		name     string
		arrivals []*arrival
		want     []string
	}{
		{"in order", []*arrival{again("a", 1, 2), again("b", 2, 4), again("c", 4, 5)}, nil},
		{"one is missing", []*arrival{again("a", 1, 2), again("b", 2, 4)}, []string{"2 callbacks came again, want 3"}},
		{"a gap", []*arrival{again("a", 1, 2), again("b", 3, 4), again("c", 4, 5)}, []string{"b follows on Room-Seq 3; the last that came again is 2"}},
		{"one twice", []*arrival{again("a", 1, 2), again("a", 1, 2), again("b", 2, 3)}, []string{"a follows on Room-Seq 1; the last that came again is 2"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newReplays(3)
			r.begun = first
			for _, a := range c.arrivals {
				r.arrive(0, a)
			}
			if diff := cmp.Diff(c.want, r.verdict(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
			if last := c.arrivals[len(c.arrivals)-1]; r.took() != last.at.Sub(first) {
				t.Errorf("it took %v, want until the last arrival", r.took())
			}
		})
	}
}

func TestCallsAfterARedeliveryAreNotCounted(t *testing.T) {
	line := newTimeline(3)
	for k, at := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
		line.intend(int64(k), line.begun.Add(at))
		line.arrived[k].Store(int64(at + time.Millisecond))
	}
	line.forget(line.begun.Add(2 * time.Second))
	sorted, unanswered := line.latencies()
	if diff := cmp.Diff([]float64{1, 1}, sorted, cmpopts.EquateApprox(0, 1e-6)); diff != "" || unanswered != 0 {
		t.Errorf("latencies (-want +got), %d unanswered:\n%s", unanswered, diff)
	}
}
