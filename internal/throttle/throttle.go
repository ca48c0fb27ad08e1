// Package throttle keeps failures that all have one reason from filling a log: while a store or an App backend is away, every
// call fails. It may be used from many goroutines, and starts none.
package throttle

import (
	"sync"
	"time"
)

// Throttle lets one failure a second be told of. The zero value is ready to use.
type Throttle struct {
	mu     sync.Mutex
	told   time.Time
	untold int
}

// Next tells whether a failure is due to be told of, and then how many were not told of since the last that was.
func (t *Throttle) Next(now time.Time) (untold int, due bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if since := now.Sub(t.told); since >= 0 && since < time.Second {
		t.untold++
		return 0, false
	}
	untold, t.untold, t.told = t.untold, 0, now
	return untold, true
}
