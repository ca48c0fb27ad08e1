package bench

import (
	"context"
	"slices"
	"sync"
	"time"
)

// closedLoop has that many clients make one change after the other for a time. Calls that have begun are finished.
func closedLoop(ctx context.Context, clients int, d time.Duration, change func(context.Context, time.Time)) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for ctx.Err() == nil {
				change(ctx, time.Now())
			}
		})
	}
	running.Wait()
}

// openWorkers is how many calls of an open loop may wait for their answers at one time. A call that finds none free is
// late, and its latency counts from when it was to be made all the same.
const openWorkers = 512

// dueLimit is how many calls may be late at one time. More of them would hold up the loop, which would then be seen to be
// late itself.
const dueLimit = 1 << 20

// openLoop makes calls at a steady rate, whether those before were answered or not. It returns how late the loop itself
// was, in milliseconds in ascending order: that much of every latency is the instrument's own.
func openLoop(ctx context.Context, rate int, d time.Duration, call func(i int, intended time.Time)) (late []float64, err error) {
	clock, err := newPacer()
	if err != nil {
		return nil, err
	}
	defer clock.close()
	n := int(int64(rate) * int64(d) / int64(time.Second))
	due := make(chan int, min(n, dueLimit))
	gap := time.Second / time.Duration(rate)
	start := time.Now().Add(10 * time.Millisecond)
	var running sync.WaitGroup
	for range min(openWorkers, n) {
		running.Go(func() {
			for i := range due {
				call(i, start.Add(time.Duration(i)*gap))
			}
		})
	}
	late = make([]float64, 0, n)
	for i := range n {
		at := start.Add(time.Duration(i) * gap)
		if err = clock.until(at); err != nil {
			break
		}
		if err = ctx.Err(); err != nil {
			break
		}
		late = append(late, max(milliseconds(time.Since(at)), 0))
		due <- i
	}
	close(due)
	running.Wait()
	slices.Sort(late)
	return late, err
}
