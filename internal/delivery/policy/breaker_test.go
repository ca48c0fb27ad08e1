package policy_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
)

var noon = time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)

func lane(n int) eventlog.Lane { return eventlog.ControlLane(fmt.Sprintf("r%d", n)) }

func TestBreakerOpensWhenFiveLanesFailWithNoSuccessBetween(t *testing.T) {
	var b policy.Breaker
	for n := range 4 {
		for range 3 { // the same lane again counts once
			note(&b, lane(n), 2, false, noon)
		}
	}
	if b.Open() {
		t.Fatal("open after four lanes, want closed")
	}
	note(&b, lane(9), 1, true, noon)
	for n := range 4 {
		note(&b, lane(n), 2, false, noon)
	}
	if b.Open() {
		t.Fatal("open after four lanes since a success, want closed")
	}
	if note(&b, lane(4), 1, false, noon); !b.Open() {
		t.Error("closed after five lanes, want open")
	}
}

func TestBreakerOpensWhenMostFirstAttemptsFail(t *testing.T) {
	cases := []struct {
		name  string
		every int // one in so many succeeds
		pause time.Duration
		want  bool
	}{
		{"two of three, quickly", 3, 10 * time.Millisecond, true},
		{"every other, which is not more than half", 2, 10 * time.Millisecond, false},
		{"two of three, over a long time", 3, time.Second, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var b policy.Breaker
			now := noon
			for n := range 300 {
				if note(&b, lane(n), 1, n%c.every == 0, now); b.Open() {
					break
				}
				now = now.Add(c.pause)
			}
			if got := b.Open(); got != c.want {
				t.Errorf("open: %v, want %v", got, c.want)
			}
		})
	}
}

func TestProbesComeLessAndLessOftenUpToACap(t *testing.T) {
	b, now := open(t)
	var got []time.Duration
	for n := range 7 {
		got = append(got, b.Probe().Sub(now))
		now = b.Probe()
		note(b, lane(n), 5, false, now)
	}
	want := []time.Duration{1e9, 2e9, 4e9, 8e9, 15e9, 15e9, 15e9}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("time to each probe (-want +got):\n%s", diff)
	}
}

func open(t *testing.T) (*policy.Breaker, time.Time) {
	t.Helper()
	b := &policy.Breaker{}
	for n := range 5 {
		note(b, lane(n), 1, false, noon)
	}
	if !b.Open() {
		t.Fatal("the breaker is closed")
	}
	return b, noon
}

func TestSendingStartsWithFourAndDoubles(t *testing.T) {
	b, now := open(t)
	for range 100 {
		note(b, lane(0), 1, true, now) // the first of them closes it
	}
	if got := b.Allowed(1000); got != 64 {
		t.Errorf("%d in flight after 99 successes, want 64", got)
	}
	fresh := policy.Breaker{}
	var got []int
	for range 13 {
		got = append(got, fresh.Allowed(10))
		note(&fresh, lane(0), 1, true, now)
	}
	if diff := cmp.Diff([]int{4, 4, 4, 4, 8, 8, 8, 8, 8, 8, 8, 8, 10}, got); diff != "" {
		t.Errorf("allowed with a concurrency of 10 (-want +got):\n%s", diff)
	}
}

func TestTimeStandsStillWhileTheBreakerIsOpen(t *testing.T) {
	b, now := open(t)
	if got := b.Stood(now.Add(time.Minute)); got != time.Minute {
		t.Errorf("stood for %v, want a minute", got)
	}
	now = now.Add(time.Minute)
	note(b, lane(0), 2, true, now)
	if got := b.Stood(now.Add(time.Hour)); b.Open() || got != time.Minute {
		t.Errorf("open %v, stood for %v, want closed and a minute", b.Open(), got)
	}
}

func note(b *policy.Breaker, l eventlog.Lane, number int, ok bool, at time.Time) {
	b.Note(policy.Result{Lane: l, First: number == 1, OK: ok, Began: at}, at, 0)
}

func TestWhatWasInFlightWhenItOpenedIsNoFailedProbe(t *testing.T) {
	b, now := open(t)
	for n := range 60 {
		b.Note(policy.Result{Lane: lane(n), First: true, Began: now.Add(-time.Second)}, now.Add(3*time.Second), 0)
	}
	if got := b.Probe().Sub(now); got != time.Second {
		t.Errorf("the first probe is after %v, want 1 s", got)
	}
}
