package policy_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
)

const longestDelay = 5 * time.Minute

func TestDelaysDoubleFromOneSecondToFiveMinutes(t *testing.T) {
	var got []time.Duration
	for attempts := 1; attempts <= 12; attempts++ {
		got = append(got, policy.Delay(attempts, 0))
	}
	s := time.Second
	want := []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 64 * s, 128 * s, 256 * s, longestDelay, longestDelay, longestDelay}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("delays (-want +got):\n%s", diff)
	}
}

func TestJitterAddsUpToAQuarterAndNeverMoreThanTheLongestDelay(t *testing.T) {
	cases := []struct {
		name     string
		attempts int
		jitter   float64
		want     time.Duration
	}{
		{"none", 3, 0, 4 * time.Second},
		{"half", 3, 0.5, 4500 * time.Millisecond},
		{"all", 3, 1, 5 * time.Second},
		{"all of the first", 1, 1, 1250 * time.Millisecond},
		{"over the longest", 9, 1, longestDelay},
		{"at the longest", 10, 1, longestDelay},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := policy.Delay(c.attempts, c.jitter); got != c.want {
				t.Errorf("Delay(%d, %v) = %v, want %v", c.attempts, c.jitter, got, c.want)
			}
		})
	}
}

func TestNoNumberOfAttemptsLeavesTheSchedule(t *testing.T) {
	for _, attempts := range []int{math.MinInt, -1, 0, 1} {
		if got := policy.Delay(attempts, 0); got != time.Second {
			t.Errorf("Delay(%d) = %v, want the first delay", attempts, got)
		}
	}
	for _, attempts := range []int{63, 64, 65, 1 << 20, math.MaxInt} {
		if got := policy.Delay(attempts, 1); got != longestDelay {
			t.Errorf("Delay(%d) = %v, want %v", attempts, got, longestDelay)
		}
	}
}

func TestACallbackTooOldForTheCloudIsFailedThereAndRetriedElsewhere(t *testing.T) {
	got := policy.Unsent()
	if got.Cloud != eventlog.Failed || got.Durable != eventlog.Retry {
		t.Errorf("got cloud %v and durable %v, want failed and retry", got.Cloud, got.Durable)
	}
	if want := policy.CloudPatience.String(); !strings.Contains(string(got.Why), want) {
		t.Errorf("the reason is %q, want %q in it", got.Why, want)
	}
}
