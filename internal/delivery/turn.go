package delivery

import (
	"container/heap"
	"slices"
	"time"
)

// enqueue makes the lane ready if its first event can be sent now.
func (w *window) enqueue(l *lane) {
	if !l.queued && !l.flying && !l.parked && l.index < 0 {
		l.queued = true
		w.ready.push(l)
	}
}

// schedule puts a lane that is not in flight where it is found when it is due. Time with the breaker open does not count: the lane's
// timer stands still.
func (w *window) schedule(l *lane, now time.Time) {
	if l.failing() {
		l.due = l.held.Try.Add(-w.stood(now))
		w.waiting.add(l)
		return
	}
	w.enqueue(l)
}

// putBack puts a lane that was taken up into its place again: a failing one is due when it was.
func (w *window) putBack(l *lane) {
	if l.failing() {
		w.waiting.add(l)
		return
	}
	w.enqueue(l)
}

// park sets a lane aside whose turn it is, and of which another reader is sending: its place in line is there.
func (w *window) park(l *lane) {
	l.parked = true
	w.parked = append(w.parked, l)
}

// unpark puts a parked lane before those that are ready; a failing one is due when it was.
func (w *window) unpark(l *lane) {
	l.parked = false
	w.parked = slices.DeleteFunc(w.parked, func(other *lane) bool { return other == l })
	if l.failing() {
		w.waiting.add(l)
		return
	}
	l.queued = true
	w.ready.pushFront(l)
}

// takeUp takes the lanes that are not in flight out of their places; the caller puts each back with putBack.
func (w *window) takeUp() []*lane {
	list := make([]*lane, 0, w.ready.len()+len(w.waiting))
	for w.ready.len() > 0 {
		l := w.ready.pop()
		l.queued = false
		list = append(list, l)
	}
	for _, l := range w.waiting {
		l.index = -1
		list = append(list, l)
	}
	w.waiting = nil
	return list
}

// page bounds what may be read of a held lane now: one event when the window is full.
func (w *window) page() Page {
	return Page{
		Events: max(min(w.limits.events-w.events, w.limits.lane), 1),
		Bytes:  max(min(w.limits.bytes-w.bytes, lanePageBytes), 1),
	}
}

const lanePageBytes = 256 << 10

// next returns the lane whose turn it is, or nil. Retries of failing lanes use at most quota slots. The caller either
// sends the first event of its queue (sent) or, when the queue is empty, reads a page of the lane (loaded).
func (w *window) next(now time.Time, quota int) *lane {
	if !w.wants(now, quota) {
		return nil
	}
	if w.breaker.Open() || w.due(now, quota) {
		return w.waiting.first()
	}
	l := w.ready.pop()
	l.queued = false
	return l
}

// wants tells whether next has a lane to return.
func (w *window) wants(now time.Time, quota int) bool {
	if w.stopped() {
		return false
	}
	if w.breaker.Open() {
		return w.flying == 0 && len(w.waiting) > 0 && !w.breaker.Probe().After(now) && !w.full()
	}
	return !w.full() && (w.due(now, quota) || w.ready.len() > 0)
}

// full tells whether what was done has to be stored before more is.
func (w *window) full() bool { return w.unstored()+w.flying >= w.limits.unsaved }

// due tells whether a failing lane may be tried.
func (w *window) due(now time.Time, quota int) bool {
	return w.retries < quota && w.waiting.due(now.Add(-w.stood(now)))
}

// wake returns when the next failing lane or probe is due, if one waits, has a slot and may be recorded.
func (w *window) wake(now time.Time, quota int) (time.Time, bool) {
	switch {
	case len(w.waiting) == 0 || w.full() || w.stopped():
		return time.Time{}, false
	case w.breaker.Open():
		return w.breaker.Probe(), w.flying == 0
	}
	return w.waiting[0].due.Add(w.stood(now)), w.retries < quota
}

// hurry makes failing lanes due within spread, and a probe at once: what they are sent to has changed.
func (w *window) hurry(now time.Time, spread func() time.Duration) {
	w.breaker.Hurry(now)
	for _, l := range w.waiting {
		if sooner := now.Add(-w.stood(now)).Add(spread()); sooner.Before(l.due) {
			l.due = sooner
		}
	}
	heap.Init(&w.waiting)
}

// rest empties the window while nothing but probes is sent and nothing is in flight: then it returns true, and the log has
// to be read again from the read position. When there is nothing left to probe with, it closes the breaker.
func (w *window) rest(now time.Time) bool {
	if !w.standing() || w.flying > 0 {
		return false
	}
	if w.breaker.Open() && len(w.waiting) == 0 {
		w.breaker.Close(now)
		return false
	}
	if w.events == 0 {
		return false
	}
	w.empty(now)
	return true
}
