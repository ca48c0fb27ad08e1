package delivery

import (
	"fmt"
	"sync/atomic"
	"time"
)

// face is what others may see of a reader while its goroutine works. Times are in Unix nanoseconds; 0: none.
type face struct {
	working atomic.Int64 // since when it has been in one step
	failing atomic.Int64 // since when the store has failed it
	next    atomic.Int64 // when it tries something next, if it waits for a time
	state   atomic.Int32 // of readerState
}

type readerState int32

const (
	stateSending readerState = iota
	stateProbing             // the breaker is open
	statePaused
)

func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func (f *face) work(now time.Time)      { f.working.Store(nanos(now)) }
func (f *face) trouble(since time.Time) { f.failing.Store(nanos(since)) }

func (f *face) sleep(next time.Time) {
	f.next.Store(nanos(next))
	f.working.Store(0)
}

func (f *face) rest() { f.sleep(time.Time{}) }

// How long something may take before delivery counts as stuck: far above what a busy disk takes, far below what a person
// would notice first.
const (
	stuckStep  = 10 * time.Second
	stuckStore = 10 * time.Second
)

// Ready returns nil as long as delivery is not stuck through a fault of this server. An App backend that is down, slow or
// hung is none, and neither is a pause.
func (d *Dispatcher) Ready() error {
	now := time.Now()
	if since := d.storing.Load(); since != 0 && now.UnixNano()-since > int64(stuckStore) {
		return fmt.Errorf("a settlement has been under way for %s: is the disk too slow?", now.Sub(time.Unix(0, since)).Round(time.Second))
	}
	if d.slots.idle() {
		return fmt.Errorf("slots are free and readers wait for them, which is a bug of callboard")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for id, r := range d.readers {
		if since := r.face.failing.Load(); since != 0 && now.UnixNano()-since > int64(stuckStore) {
			return fmt.Errorf("the store has failed reader %s of the App %d for %s; the log says how", id.Name, id.App, now.Sub(time.Unix(0, since)).Round(time.Second))
		}
		if since := r.face.working.Load(); since != 0 && now.UnixNano()-since > int64(stuckStep) {
			return fmt.Errorf("reader %s of the App %d has been in one step for %s", id.Name, id.App, now.Sub(time.Unix(0, since)).Round(time.Second))
		}
	}
	return nil
}
