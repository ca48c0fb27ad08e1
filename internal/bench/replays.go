package bench

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// replays are callbacks that are sent again, and their check: each comes once, in the order of its lane and without a gap. Its
// methods may be called from many goroutines.
type replays struct {
	expected int
	begun    time.Time // when they were asked for

	mu       sync.Mutex
	lanes    map[int]int64 // Room-Seq of the last, by room
	count    int
	last     time.Time
	problems []string      // the first of them
	all      chan struct{} // closed when all have come
}

func newReplays(expected int) *replays {
	return &replays{expected: expected, lanes: map[int]int64{}, all: make(chan struct{})}
}

// arrive takes one.
func (r *replays) arrive(room int, a *arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if last := r.lanes[room]; last != 0 && a.roomPrev != last && len(r.problems) < maxSamples {
		r.problems = append(r.problems, fmt.Sprintf("%s follows on Room-Seq %d; the last that came again is %d", a.id, a.roomPrev, last))
	}
	r.lanes[room], r.last = a.roomSeq, a.at
	if r.count++; r.count == r.expected {
		close(r.all)
	}
}

// await returns when all have come, or with an error when none comes for long.
func (r *replays) await(ctx context.Context, stall time.Duration) error {
	for {
		before := r.counted()
		limit := time.NewTimer(stall)
		select {
		case <-r.all:
			limit.Stop()
			return nil
		case <-ctx.Done():
			limit.Stop()
			return ctx.Err()
		case <-limit.C:
		}
		if now := r.counted(); now == before {
			return fmt.Errorf("%d of %d callbacks came again, and none for %v", now, r.expected, stall)
		}
	}
}

func (r *replays) counted() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// ended is when the last has come, and took how long all took.
func (r *replays) ended() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

func (r *replays) took() time.Duration { return r.ended().Sub(r.begun) }

// verdict returns what was wrong.
func (r *replays) verdict() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count != r.expected {
		return append(r.problems, fmt.Sprintf("%d callbacks came again, want %d", r.count, r.expected))
	}
	return r.problems
}
