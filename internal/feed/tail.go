package feed

import (
	"sync"
	"sync/atomic"

	"github.com/callboard/callboard/internal/live"
)

// A ring has so many bytes for each reader, and no more than an App with many readers needs.
const ringBytes, maxRingBytes = 64 << 10, 4 << 20

// tail is the newest part of one App's log, for all who wait for more of it. Its goroutine asks the store: when a commit of this
// process wakes it, and each second.
type tail struct {
	app     live.AppID
	wake    chan struct{} // holds one token when something was committed
	readers atomic.Int64

	mu      sync.RWMutex
	log     string
	ring    ring
	changed chan struct{} // closed when the ring changes, and made anew
}

// after is what the ring has after a position, and the last number that it knows of.
func (t *tail) after(p Position, events, bytes int) (frames []frame, where place, last int64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if p.Log != t.log {
		return nil, apart, 0
	}
	frames, where = t.ring.after(p.Seq, events, bytes)
	return frames, where, t.ring.last
}

// watch returns a channel that is closed when the ring changes. Whoever looks after the call misses nothing.
func (t *tail) watch() <-chan struct{} {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.changed
}

// end is the position of the newest event.
func (t *tail) end() Position {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return Position{t.log, t.ring.last}
}

// put takes the next events, and tells all readers.
func (t *tail) put(frames []frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ring.put(frames, int(min(max(t.readers.Load(), 1)*ringBytes, maxRingBytes)))
	t.tell()
}

// restart begins anew with another log, and tells all readers.
func (t *tail) restart(b Bounds) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log = b.Log
	t.ring.startAfter(b.Head)
	t.tell()
}

// tell wakes who watches; the caller has the mutex.
func (t *tail) tell() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// signal never blocks.
func (t *tail) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}
