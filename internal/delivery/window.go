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
	unsaved       int // attempts, dead letters and announcements that are not stored yet; beyond, nothing is sent
}

var standardLimits = limits{events: 4096, bytes: 16 << 20, lane: 64, held: 10_000, unsaved: 2048}

// window is the state of one reader: what it has read of the log and not settled. It is pure: its owner, one
// goroutine, does all reading and sending and tells it the results and the time.
//
// Invariant I1: every callback event up to read is exactly one of: settled (cursor.Has), in the queue of a lane that
// is not held, or in a held lane whose Next is not above it (then cursor.Has too).
type window struct {
	limits limits
	read   int64 // the read position: every event up to it was admitted
	sparse bool  // not every number concerns the reader: it is a redelivery
	cursor eventlog.Cursor
	lanes  map[eventlog.Lane]*lane

	ready   fifo     // lanes whose first event can be sent or read now
	waiting laneHeap // failing lanes, by the time of their next try
	parked  []*lane  // lanes whose turn it was while another reader was sending of them
	held    int      // lanes
	reasons [3]int   // of them, by class
	events  int      // in memory
	bytes   int
	flying  int // attempts in flight; retries of them are of failing lanes
	retries int
	breaker policy.Breaker
	stops

	// answered is when the endpoint accepted a callback last.
	answered time.Time
	// skips are announcements, of lanes that are in memory and of those whose row is not stored yet. A lane with a zero one
	// has none, whatever the store says.
	skips map[eventlog.Lane]eventlog.Skip

	unsaved
	// fresh are lanes that are newly held, for the log of the server.
	fresh []*eventlog.Held
}

// newWindow starts where a reader was. All held lanes are in memory before the first event is admitted (invariant I3).
func newWindow(l limits, p Position, now time.Time) *window {
	w := &window{
		limits: l, cursor: p.Cursor, sparse: p.Redelivery != nil, stops: stops{paused: p.Paused, since: now},
		skips: map[eventlog.Lane]eventlog.Skip{}, unsaved: newUnsaved(),
	}
	w.begin(p.Held, now)
	return w
}

// begin sets the read position back to the cursor, with nothing in memory but the rows of held lanes.
func (w *window) begin(held []eventlog.Held, now time.Time) {
	w.read, w.lanes, w.ready, w.waiting = w.cursor.Done(), map[eventlog.Lane]*lane{}, fifo{}, nil
	w.parked = nil
	w.held, w.reasons, w.events, w.bytes = len(held), [3]int{}, 0, 0
	for i := range held {
		w.reasons[class(&held[i])]++
		if latest := now.Add(policy.MaxDelay); held[i].Try.After(latest) {
			held[i].Try = latest // the clock was set back since
		}
		l := &lane{name: held[i].Lane, index: -1, held: &held[i], more: true, reach: w.cursor.Last(), refused: now, stood: w.stood(now)}
		w.lanes[l.name] = l
		w.schedule(l, now)
	}
}

// empty drops what is in memory while nothing is sent and nothing is in flight: the log has it.
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
	return !w.standing() && w.events < w.limits.events && w.bytes < w.limits.bytes && w.held < w.limits.held
}

// skipDone moves the read position over what the cursor is done with: what is settled need not be read again, and the log may
// have forgotten it. What of it waits in held lanes is below their reach.
func (w *window) skipDone() { w.read = max(w.read, w.cursor.Done()) }

// admit takes the next event of the log. The caller asks room before.
func (w *window) admit(e *eventlog.Event, now time.Time) {
	if w.sparse && e.Seq > w.read+1 {
		w.pass(e.Seq - 1)
	}
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

// alone tells whether an event that is about to be admitted is a callback of a lane of which nothing is in memory.
func (w *window) alone(e *eventlog.Event) bool {
	return e.Callback && w.lanes[e.Lane] == nil && !w.cursor.Has(e.Seq)
}

// pass is done with the numbers after the read position up to one: they do not concern the reader.
func (w *window) pass(to int64) {
	w.cursor.MarkRange(w.read+1, to)
	w.read, w.moved = max(w.read, to), true
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

// settled is done with the first event of the lane: delivered, given up, failed for good or discarded.
func (w *window) settled(l *lane, now time.Time) {
	if w.advance(l, now) {
		w.enqueue(l)
	}
}

// advance is settled for a lane that the caller has in its hands; false: nothing is left of it.
func (w *window) advance(l *lane, now time.Time) bool {
	e := l.queue[0]
	w.drop(l, 1)
	if l.held == nil {
		w.mark(e.Seq)
		if len(l.queue) == 0 {
			delete(w.lanes, l.name)
			return false
		}
		return true
	}
	if len(l.queue) == 0 && !l.more {
		w.free(l)
		return false
	}
	h := *l.held
	h.Next, h.Attempts, h.Try, h.Failing = e.Seq+1, 0, now, 0
	if len(l.queue) > 0 {
		h.Next = l.queue[0].Seq
	}
	if h.Why != eventlog.Behind {
		h.Why = catchingUp
	}
	w.reheld(l, h)
	return true
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
