package crash

import (
	"cmp"
	"maps"
	"slices"

	gocmp "github.com/google/go-cmp/cmp"
)

// step is what one call did to a room: one or two events with the same cause.
type step struct {
	call   *call // nil when no call can have caused it
	events []*event
	// start and end are ticks before and after the commit.
	start, end int64
	after      room
}

// replay is the life of one room, as the numbers of its callbacks order it.
type replay struct {
	*checker
	id      string
	steps   []step
	order   order
	unknown []*call // those without an answer that no step belongs to yet
	updates [2]int  // done, and done or unknown
}

// checkRooms wants every callback to belong to a call that asked for it, and every answer to be possible at some point of
// the room's life that lies between the start and the end of the call.
func (c *checker) checkRooms() {
	byCause := map[string]*call{}
	lives := map[string]*replay{}
	life := func(id string) *replay {
		if lives[id] == nil {
			lives[id] = &replay{checker: c, id: id}
		}
		return lives[id]
	}
	for _, call := range c.history.calls {
		if call.cause != "" {
			byCause[call.cause] = call
		}
		life(call.room).take(call)
	}
	for _, e := range slices.SortedFunc(slices.Values(c.events), func(a, b *event) int {
		return cmp.Compare(a.first.head.RoomSeq, b.first.head.RoomSeq)
	}) {
		if e.first.head.Lane != e.first.change.Room {
			c.report("event %s of room %s arrived in lane %s", e.first.head.ID, e.first.change.Room, e.first.head.Lane)
		}
		life(e.first.head.Lane).append(e, byCause[e.first.head.Cause])
	}
	for _, id := range slices.Sorted(maps.Keys(lives)) {
		lives[id].check()
	}
	for _, call := range c.history.calls {
		lives[call.room].answered(call)
	}
}

func (r *replay) take(c *call) {
	if c.outcome == unknown && c.cause == "" && c.op != opList && c.op != opInfo {
		r.unknown = append(r.unknown, c)
	}
	if c.op == opUpdate {
		if c.outcome == done {
			r.updates[0]++
		}
		if c.outcome != refused {
			r.updates[1]++
		}
	}
}

// append adds the room's next event; consecutive events of one cause are one step.
func (r *replay) append(e *event, c *call) {
	if n := len(r.steps); n > 0 && r.steps[n-1].events[0].first.head.Cause == e.first.head.Cause {
		r.steps[n-1].events = append(r.steps[n-1].events, e)
		return
	}
	s := step{call: c, events: []*event{e}, end: e.first.at}
	if c != nil {
		s.bind(c)
	}
	r.steps = append(r.steps, s)
}

func (s *step) bind(c *call) {
	s.call, s.start, s.end = c, c.start, min(s.end, c.end)
}

// check follows the room from step to step.
func (r *replay) check() {
	r.order = newOrder(r.steps)
	var now room
	for i := range r.steps {
		s := &r.steps[i]
		if s.call == nil {
			r.trace(i, now)
		}
		r.checkStep(s, now)
		for _, e := range s.events {
			now = now.after(&e.first.change)
			if got, want := e.first.head.State, now.state(); got != want {
				r.report("state: %s has Callboard-Room-State %q, the mirror of room %s has %q", e.first.head.ID, got, r.id, want)
			}
		}
		s.after = now
	}
	for i := range r.steps {
		r.checkOrder(i)
	}
	r.checkNumbers()
}

// trace finds the call behind a step among those whose outcome is unknown.
func (r *replay) trace(i int, before room) {
	s := &r.steps[i]
	for n, c := range r.unknown {
		first, last := r.order.window(c)
		if _, want, _ := before.answer(c); i+1 > first && i+1 <= last && gocmp.Equal(want, s.changes()) {
			s.bind(c)
			r.unknown = slices.Delete(r.unknown, n, n+1)
			r.order = newOrder(r.steps) // what is known now bounds those that come
			return
		}
	}
}

func (s *step) changes() []change {
	var list []change
	for _, e := range s.events {
		list = append(list, e.first.change)
	}
	return list
}

// checkStep wants the events of a step to be what its call does.
func (r *replay) checkStep(s *step, before room) {
	id := s.events[0].first.head.ID
	switch {
	case s.call == nil:
		r.report("invented: no call asked for %s: %+v", id, s.changes())
	case s.call.outcome == refused:
		r.report("invented: %s was caused by a call that was refused with %d: %s", id, s.call.code, s.call.describe())
	default:
		code, want, _ := before.answer(s.call)
		if diff := gocmp.Diff(want, s.changes()); code != 0 || diff != "" {
			r.report("altered: %s is not what the call does (code %d): %s (-want +got):\n%s", id, code, s.call.describe(), diff)
		}
	}
}

// checkOrder wants a step to stand where its call was under way.
func (r *replay) checkOrder(i int) {
	s := &r.steps[i]
	if s.call == nil {
		return
	}
	if first, last := r.order.window(s.call); i+1 <= first || i+1 > last {
		r.report("reordered: %s is number %d of room %s; the times of the calls allow %d to %d: %s",
			s.events[0].first.head.ID, i+1, r.id, first+1, last, s.call.describe())
	}
}

// checkNumbers wants the numbers that no callback shows to be those of the updates, which are not subscribed.
func (r *replay) checkNumbers() {
	shown, last := 0, int64(0)
	for _, s := range r.steps {
		shown += len(s.events)
		last = s.events[len(s.events)-1].first.head.RoomSeq
	}
	if hidden := int(last) - shown; hidden < r.updates[0] || hidden > r.updates[1] {
		r.report("numbers: room %s has %d numbers without a callback; between %d and %d updates were made", r.id, hidden, r.updates[0], r.updates[1])
	}
}

// answered wants an answer without a callback to be possible at some point of its window.
func (r *replay) answered(c *call) {
	if c.outcome == unknown || slices.ContainsFunc(r.around(c), func(s step) bool { return s.call == c }) {
		return
	}
	first, last := r.order.window(c)
	for i := first; i <= last; i++ {
		var now room
		if i > 0 {
			now = r.steps[i-1].after
		}
		code, changes, read := now.answer(c)
		if c.outcome == refused && code == c.code || c.outcome == done && code == 0 && len(changes) == 0 && slices.Equal(read, c.read) {
			return
		}
	}
	r.report("lost: no state of room %s between its changes %d and %d gives this answer (code %d, read %q) without a callback: %s",
		r.id, first, last, c.code, c.read, c.describe())
}

// around are the steps that can belong to a call.
func (r *replay) around(c *call) []step {
	first, last := r.order.window(c)
	return r.steps[min(first, last):last]
}
