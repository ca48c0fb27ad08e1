package delivery

import (
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
		if latest := now.Add(policy.MaxDelay); held[i].Try.After(latest) {
			held[i].Try = latest // the clock was set back since
		}
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

// number is that of the next attempt of the lane's first event.
func (w *window) number(l *lane) int {
	if l.held != nil {
		return l.held.Attempts + 1
	}
	return 1
}

// idle tells whether nothing is in memory, in flight or held.
func (w *window) idle() bool { return len(w.lanes) == 0 && w.flying == 0 }
