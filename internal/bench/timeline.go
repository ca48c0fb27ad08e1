package bench

import (
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// timeline matches the moment at which each call was to be made with the arrival of its callback. The keys are those of
// [key]. Its methods may be called from many goroutines.
type timeline struct {
	begun    time.Time
	intended []atomic.Int64 // nanoseconds since begun, 0: no call
	arrived  []atomic.Int64 // 0: not yet
}

// newTimeline has room for that many calls.
func newTimeline(calls int) *timeline {
	// A call needs a key of its own, and each of them may be the first of an account that has two.
	keys := 2 * (calls + 1)
	return &timeline{begun: time.Now().Add(-time.Nanosecond), intended: make([]atomic.Int64, keys), arrived: make([]atomic.Int64, keys)}
}

func (t *timeline) intend(key int64, at time.Time) { t.intended[key].Store(int64(at.Sub(t.begun))) }

// arrive notes the first arrival of the callback with that body. Accounts that are not timed are passed over.
func (t *timeline) arrive(body []byte, at time.Time) {
	account := field(body, `"Admin_Account":["`)
	if len(account) < 2 || account[0] != timedAccount {
		return
	}
	number, err := strconv.ParseInt(string(account[1:]), 10, 64)
	k := key(number, string(field(body, `"opType":"`)) == "delete")
	if err != nil || k < 0 || k >= int64(len(t.arrived)) {
		return
	}
	t.arrived[k].CompareAndSwap(0, int64(at.Sub(t.begun)))
}

// forget takes out calls that were to be made after a time.
func (t *timeline) forget(after time.Time) {
	last := int64(after.Sub(t.begun))
	for k := range t.intended {
		if t.intended[k].Load() > last {
			t.intended[k].Store(0)
		}
	}
}

// latencies returns milliseconds from the intended start to the arrival, in ascending order, and how many calls had no
// arrival.
func (t *timeline) latencies() (sorted []float64, unanswered int) {
	for k := range t.intended {
		start, end := t.intended[k].Load(), t.arrived[k].Load()
		switch {
		case start == 0:
		case end == 0:
			unanswered++
		default:
			sorted = append(sorted, milliseconds(time.Duration(end-start)))
		}
	}
	slices.Sort(sorted)
	return sorted, unanswered
}
