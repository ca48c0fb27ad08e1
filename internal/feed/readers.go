package feed

import (
	"sync"

	"github.com/callboard/callboard/internal/live"
)

// readers are the answers that are being written, or wait for something to write.
type readers struct {
	most    int
	closing chan struct{}

	mu     sync.Mutex
	open   map[*out]live.AppID
	held   map[live.AppID]int // places of each App that has some
	closed bool
}

func newReaders(most int) *readers {
	return &readers{most: most, closing: make(chan struct{}), open: map[*out]live.AppID{}, held: map[live.AppID]int{}}
}

// enter takes a place for a reader of an App; false: there is none. An App gets one only while it holds fewer than are free, so that
// those that come later always find some: alone it has half of all places, and with n others that want as many, one of n + 2 parts.
func (r *readers) enter(app live.AppID, o *out) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if free := r.most - len(r.open); r.held[app] >= free || r.closed {
		return false
	}
	r.open[o] = app
	r.held[app]++
	return true
}

func (r *readers) leave(o *out) {
	r.mu.Lock()
	defer r.mu.Unlock()
	app := r.open[o]
	delete(r.open, o)
	if r.held[app]--; r.held[app] == 0 {
		delete(r.held, app)
	}
}

// close ends all waiting at once, and soon all writing. Closing again does nothing.
func (r *readers) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.closed = true
	close(r.closing)
	for o := range r.open {
		o.cut()
	}
}
