package feed

import "sync"

// readers are the answers that are being written, or wait for something to write.
type readers struct {
	most    int
	closing chan struct{}

	mu     sync.Mutex
	open   map[*out]struct{}
	closed bool
}

func newReaders(most int) *readers {
	return &readers{most: most, closing: make(chan struct{}), open: map[*out]struct{}{}}
}

// enter takes a place; false: there is none.
func (r *readers) enter(o *out) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.open) >= r.most || r.closed {
		return false
	}
	r.open[o] = struct{}{}
	return true
}

func (r *readers) leave(o *out) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, o)
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
