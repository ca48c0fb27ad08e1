package delivery

import (
	"slices"
	"sync"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// crossings keep one attempt of a lane in flight before one App backend, whichever readers send there: what is sent again
// goes through the same lanes as what is sent at first. Who finds a lane in use stands in line for it. What is sent at first
// goes before all redeliveries, but not twice while one of them waits: so it waits for one attempt at most, and steady changes
// do not shut a redelivery out.
type crossings struct {
	mu    sync.Mutex
	lanes map[crossing]usage // those in use
}

// crossing is a lane before an App backend.
type crossing struct {
	app     live.AppID
	backend string // the reader that sends there at first
	lane    eventlog.Lane
}

// usage is who uses a crossing.
type usage struct {
	holder *reader   // nil: the first in line may
	line   []*reader // who waits; none is in it twice
}

// enter gives a reader the lane until it leaves; false: another one has it or comes first, and the reader stands in line. It is
// signalled when its turn has come, and then either enters or leaves.
func (c *crossings) enter(k crossing, r *reader) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, used := c.lanes[k]
	switch {
	case !used:
	case t.next(r):
		t.line = t.line[1:]
	default:
		t.join(r)
		c.lanes[k] = t
		return false
	}
	t.holder = r
	c.lanes[k] = t
	return true
}

// next tells whether it is the turn of a reader.
func (u *usage) next(r *reader) bool { return u.holder == nil && len(u.line) > 0 && u.line[0] == r }

// join puts a reader into the line, unless it stands there. Whose turn it is already stays the first.
func (u *usage) join(r *reader) {
	if slices.Contains(u.line, r) {
		return
	}
	at := len(u.line)
	if !r.again() && u.holder != nil {
		at = 0
	} else if !r.again() {
		at = min(1, at)
	}
	u.line = slices.Insert(u.line, at, r)
}

// mayEnter tells whether the lane waits for a reader in line.
func (c *crossings) mayEnter(k crossing, r *reader) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.lanes[k]
	return t.next(r)
}

// leave gives up the lane, or the reader's place in line.
func (c *crossings) leave(k crossing, r *reader) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, used := c.lanes[k]
	if !used {
		return
	}
	if t.holder == r {
		t.holder = nil
	} else if i := slices.Index(t.line, r); i >= 0 {
		t.line = slices.Delete(t.line, i, i+1)
	}
	switch {
	case t.holder == nil && len(t.line) == 0:
		delete(c.lanes, k)
		return
	case t.holder == nil:
		t.line[0].inbox.signal()
	}
	c.lanes[k] = t
}

// crossing is that of a lane for this reader: a redelivery sends where the reader does whose callbacks they are.
func (r *reader) crossing(name eventlog.Lane) crossing { return crossing{r.id.App, r.of(), name} }

// takeTurns puts parked lanes whose turn has come first.
func (r *reader) takeTurns() {
	for _, l := range slices.Clone(r.window.parked) {
		if r.d.crossings.mayEnter(r.crossing(l.name), r) {
			r.window.unpark(l)
			r.turns = append(r.turns, l.name)
		}
	}
}

// passTurns leaves lanes whose turn had come and of which nothing was sent to others: they must not wait for a reader that has
// no slot, or nothing to send any more.
func (r *reader) passTurns() {
	for _, name := range r.turns {
		if l := r.window.lanes[name]; l == nil || !l.flying && !l.parked {
			r.d.crossings.leave(r.crossing(name), r)
		}
	}
	r.turns = r.turns[:0]
}

// leaveLines gives all places in line up, and puts parked lanes back.
func (r *reader) leaveLines() {
	r.passTurns()
	for _, l := range slices.Clone(r.window.parked) {
		r.d.crossings.leave(r.crossing(l.name), r)
		r.window.unpark(l)
	}
}
