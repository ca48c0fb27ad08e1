package delivery

import (
	"container/heap"
	"time"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
)

// limits bound a window.
type limits struct {
	events, bytes int // in memory; a page of a held lane may go over by one page
	lane          int // events of one lane in memory; with more, the lane is held for being behind
	held          int // held lanes; beyond, nothing is admitted
	attempts      int // recorded and not yet stored; beyond, nothing is sent
}

var standardLimits = limits{events: 4096, bytes: 16 << 20, lane: 64, held: 10_000, attempts: 2048}

// window is the state of one reader: what it has read of the log and not settled. It is pure: its owner, one
// goroutine, does all reading and sending and tells it the results and the time.
//
// Invariant I1: every callback event up to read is exactly one of: settled (cursor.Has), in the queue of a lane that
// is not held, or in a held lane whose Next is not above it (then cursor.Has too).
type window struct {
	limits limits
	read   int64 // the read position: every event up to it was admitted
	cursor eventlog.Cursor
	lanes  map[eventlog.Lane]*lane

	ready   fifo     // lanes whose first event can be sent or read now
	waiting laneHeap // failing lanes, by the time of their next try
	held    int
	events  int // in memory
	bytes   int
	flying  int // attempts in flight; retries of them are of failing lanes
	retries int
	breaker policy.Breaker

	unsaved
	// fresh are lanes that are newly held, for the log of the server.
	fresh []*eventlog.Held
}

// unsaved is what was done since the last settlement.
type unsaved struct {
	moved    bool                       // the cursor
	hold     map[eventlog.Lane]struct{} // lanes whose row is to be written
	release  map[eventlog.Lane]struct{} // lanes whose row is to be deleted
	attempts []eventlog.Attempt
}

func newUnsaved() unsaved {
	return unsaved{hold: map[eventlog.Lane]struct{}{}, release: map[eventlog.Lane]struct{}{}}
}

// newWindow starts where a reader was. All held lanes are in memory before the first event is admitted (invariant I3).
func newWindow(l limits, cursor eventlog.Cursor, held []eventlog.Held, now time.Time) *window {
	w := &window{limits: l, cursor: cursor, unsaved: newUnsaved()}
	w.begin(held, now)
	return w
}

// begin sets the read position back to the cursor, with nothing in memory but the rows of held lanes.
func (w *window) begin(held []eventlog.Held, now time.Time) {
	w.read, w.lanes, w.ready, w.waiting = w.cursor.Done(), map[eventlog.Lane]*lane{}, fifo{}, nil
	w.held, w.events, w.bytes = len(held), 0, 0
	for i := range held {
		l := &lane{name: held[i].Lane, index: -1, held: &held[i], more: true, reach: w.cursor.Last()}
		w.lanes[l.name] = l
		w.schedule(l, now)
	}
}

// empty drops what is in memory while the breaker is open and nothing is in flight: the log has it.
func (w *window) empty(now time.Time) {
	held := make([]eventlog.Held, 0, w.held)
	for _, l := range w.lanes {
		if l.held != nil {
			held = append(held, *l.held)
		}
	}
	w.begin(held, now)
}

// room tells whether more may be admitted.
func (w *window) room() bool {
	return !w.breaker.Open() && w.events < w.limits.events && w.bytes < w.limits.bytes && w.held < w.limits.held
}

// admit takes the next event of the log. The caller asks room before.
func (w *window) admit(e *eventlog.Event, now time.Time) {
	w.read = e.Seq
	if w.cursor.Has(e.Seq) {
		if l := w.lanes[e.Lane]; l != nil && l.held != nil {
			l.more = true
		}
		return
	}
	if !e.Callback {
		w.mark(e.Seq)
		return
	}
	l := w.lanes[e.Lane]
	if l == nil {
		l = &lane{name: e.Lane, index: -1}
		w.lanes[e.Lane] = l
	}
	if l.held == nil && len(l.queue) >= w.limits.lane {
		w.hold(l, eventlog.Held{Lane: l.name, Next: l.queue[0].Seq, Try: now, Since: now, Why: eventlog.Behind})
	}
	if l.held != nil {
		w.mark(e.Seq) // it waits in the log
		l.more = true
		return
	}
	l.queue = append(l.queue, e)
	w.events++
	w.bytes += e.Size()
	w.enqueue(l)
}

func (w *window) mark(seq int64) {
	w.cursor.Mark(seq)
	w.moved = true
}

// hold sets a lane aside. What of it is in memory stays there as its first page.
func (w *window) hold(l *lane, h eventlog.Held) {
	for _, e := range l.queue {
		w.mark(e.Seq)
	}
	l.held = &h
	w.held++
	w.changed(l)
	w.fresh = append(w.fresh, &h)
}

// changed notes that the row of a held lane has to be written.
func (w *window) changed(l *lane) {
	w.unsaved.hold[l.name] = struct{}{}
	delete(w.release, l.name)
}

// reach is how far the log is to be read for a held lane.
func (w *window) reach(l *lane) int64 { return max(w.read, l.reach) }

// free ends the holding of a lane: the log has nothing of it up to reach (invariant I4).
func (w *window) free(l *lane) {
	w.held--
	w.release[l.name] = struct{}{}
	delete(w.unsaved.hold, l.name)
	delete(w.lanes, l.name)
}

// enqueue makes the lane ready if its first event can be sent now.
func (w *window) enqueue(l *lane) {
	if !l.queued && !l.flying && l.index < 0 {
		l.queued = true
		w.ready.push(l)
	}
}

// schedule puts a lane that is not in flight where it is found when it is due. Time with the breaker open does not count: the lane's
// timer stands still.
func (w *window) schedule(l *lane, now time.Time) {
	if l.failing() {
		l.due = l.held.Try.Add(-w.breaker.Stood(now))
		w.waiting.add(l)
		return
	}
	w.enqueue(l)
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
	if w.breaker.Open() {
		return w.flying == 0 && len(w.waiting) > 0 && !w.breaker.Probe().After(now) && !w.full()
	}
	return !w.full() && (w.due(now, quota) || w.ready.len() > 0)
}

// full tells whether attempts have to be stored before more are made.
func (w *window) full() bool { return len(w.attempts)+w.flying >= w.limits.attempts }

// due tells whether a failing lane may be tried.
func (w *window) due(now time.Time, quota int) bool {
	return w.retries < quota && w.waiting.due(now.Add(-w.breaker.Stood(now)))
}

// wake returns when the next failing lane or probe is due, if one waits, has a slot and may be recorded.
func (w *window) wake(now time.Time, quota int) (time.Time, bool) {
	switch {
	case len(w.waiting) == 0 || w.full():
		return time.Time{}, false
	case w.breaker.Open():
		return w.breaker.Probe(), w.flying == 0
	}
	return w.waiting[0].due.Add(w.breaker.Stood(now)), w.retries < quota
}

// loaded gives a held lane the page of the log that begins at its Next. Only an empty page proves that there is no more up
// to reach, because a page may be short for its bytes: then it returns false, and the lane is released.
func (w *window) loaded(l *lane, page []eventlog.Event) bool {
	l.more = len(page) > 0
	if len(page) == 0 {
		w.free(l)
		return false
	}
	for _, e := range page { // copies: the last event must not keep the whole page in memory
		l.queue = append(l.queue, &e)
		w.events++
		w.bytes += e.Size()
	}
	if l.held.Next != page[0].Seq {
		l.held.Next = page[0].Seq
		w.changed(l)
	}
	return true
}

// sent notes that the first event of the lane is in flight.
func (w *window) sent(l *lane) {
	l.flying = true
	w.flying++
	if l.failing() {
		w.retries++
	}
}

func (w *window) landed(l *lane) {
	l.flying = false
	w.flying--
	if l.failing() {
		w.retries--
	}
}

// abandoned notes that the attempt in flight ended without an answer worth judging: the server stops, or the App backend
// asks to come later.
func (w *window) abandoned(l *lane, now time.Time) {
	w.landed(l)
	w.schedule(l, now)
}

// catchingUp is the reason of a lane that had failed and is now sent from the log.
const catchingUp eventlog.Reason = "catching up"

// settled is done with the first event of the lane: delivered, failed for good or discarded.
func (w *window) settled(l *lane, now time.Time) {
	e := l.queue[0]
	w.drop(l, 1)
	if l.held == nil {
		w.mark(e.Seq)
		if len(l.queue) == 0 {
			delete(w.lanes, l.name)
			return
		}
		w.enqueue(l)
		return
	}
	if len(l.queue) == 0 && !l.more {
		w.free(l)
		return
	}
	h := *l.held
	h.Next, h.Attempts, h.Try = e.Seq+1, 0, now
	if len(l.queue) > 0 {
		h.Next = l.queue[0].Seq
	}
	if h.Why != eventlog.Behind {
		h.Why = catchingUp
	}
	l.held = &h
	w.changed(l)
	w.enqueue(l)
}

// refused holds the lane until try, after an attempt of its first event; the memory that it used is given back.
func (w *window) refused(l *lane, a *eventlog.Attempt, now, try time.Time) {
	next := l.queue[0].Seq
	if l.held == nil {
		w.hold(l, eventlog.Held{Lane: l.name, Since: now})
	}
	first := l.held.Attempts == 0 && l.held.Why != catchingUp
	h := *l.held
	h.Next, h.Attempts, h.Try, h.Why = next, a.Number, try, a.Why
	l.held = &h
	if first {
		w.replaceFresh(&h)
	}
	w.changed(l)
	w.drop(l, len(l.queue))
	l.more = true
	w.schedule(l, now)
}

// replaceFresh makes the lane that begins to fail the newest one to tell of.
func (w *window) replaceFresh(h *eventlog.Held) {
	if n := len(w.fresh); n > 0 && w.fresh[n-1].Lane == h.Lane {
		w.fresh[n-1] = h
		return
	}
	w.fresh = append(w.fresh, h)
}

// drop takes the first n events of the lane out of memory.
func (w *window) drop(l *lane, n int) {
	for i := range n {
		w.events--
		w.bytes -= l.queue[i].Size()
		l.queue[i] = nil
	}
	l.queue = l.queue[n:]
	if len(l.queue) == 0 {
		l.queue = nil
	}
}

// hurry makes failing lanes due within spread, and a probe at once: what they are sent to has changed.
func (w *window) hurry(now time.Time, spread func() time.Duration) {
	w.breaker.Hurry(now)
	for _, l := range w.waiting {
		if sooner := now.Add(-w.breaker.Stood(now)).Add(spread()); sooner.Before(l.due) {
			l.due = sooner
		}
	}
	heap.Init(&w.waiting)
}

// rest empties the window while the breaker is open and nothing is in flight: then it returns true, and the log has to be
// read again from the read position. When there is nothing left to probe with, it closes the breaker.
func (w *window) rest(now time.Time) bool {
	if !w.breaker.Open() || w.flying > 0 {
		return false
	}
	if len(w.waiting) == 0 {
		w.breaker.Close(now)
		return false
	}
	if w.events == 0 {
		return false
	}
	w.empty(now)
	return true
}

// record keeps an attempt for the next settlement.
func (w *window) record(a eventlog.Attempt) { w.attempts = append(w.attempts, a) }

// number is that of the next attempt of the lane's first event.
func (w *window) number(l *lane) int {
	if l.held != nil {
		return l.held.Attempts + 1
	}
	return 1
}

// dirty tells whether there is something to settle.
func (w *window) dirty() bool {
	return w.moved || len(w.unsaved.hold) > 0 || len(w.release) > 0 || len(w.attempts) > 0
}

// idle tells whether nothing is in memory, in flight or held.
func (w *window) idle() bool { return len(w.lanes) == 0 && w.flying == 0 }

// settlement takes what is unsaved; the caller gives it back with restore when it could not be stored.
func (w *window) settlement() (Settlement, unsaved) {
	s := Settlement{Cursor: w.cursor.Clone(), Attempts: w.attempts}
	for name := range w.unsaved.hold {
		s.Hold = append(s.Hold, *w.lanes[name].held)
	}
	for name := range w.release {
		s.Release = append(s.Release, name)
	}
	taken := w.unsaved
	w.unsaved = newUnsaved()
	return s, taken
}

// restore makes what could not be stored unsaved again; what has happened since counts.
func (w *window) restore(u unsaved) {
	w.moved = true
	w.attempts = append(u.attempts, w.attempts...)
	for name := range u.hold {
		w.unsave(name)
	}
	for name := range u.release {
		w.unsave(name)
	}
}

func (w *window) unsave(name eventlog.Lane) {
	if l := w.lanes[name]; l != nil && l.held != nil {
		w.unsaved.hold[name] = struct{}{}
		return
	}
	w.release[name] = struct{}{}
}
