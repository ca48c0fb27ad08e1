package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// fill admits what is there, as far as there is room.
func (r *reader) fill(now time.Time) {
	to := r.target()
	bound := r.bound(to)
	for r.room(bound) {
		if len(r.pending) == 0 && !r.refill(now) {
			return
		}
		e := r.pending[0] // a copy: one event in the window must not keep its whole page in memory
		if e.Seq > bound && !r.window.room() {
			if r.again() && r.window.read < bound {
				r.window.pass(bound) // nothing up to there concerns it
			}
			return
		}
		if !r.announcements(&e, now) || !r.gapless(&e, now) {
			return
		}
		r.storeWorks()
		r.waiting -= e.Size()
		if r.pending = r.pending[1:]; len(r.pending) == 0 {
			r.pending = nil
		}
		switch {
		case e.Seq <= r.window.read:
		case (e.Seq <= bound || to.nobody) && r.window.alone(&e):
			r.decided(to, &e, 1)
			r.window.pass(e.Seq)
		default:
			r.window.admit(&e, now)
		}
	}
}

// stuck tells whether what is taken cannot be admitted for as long as nothing is sent.
func (r *reader) stuck() bool { return len(r.pending) > 0 && r.pending[0].Seq > r.bound(r.target()) }

// room tells whether another event may be admitted: within the reader's budget and within that of all. What is settled
// without an attempt needs none.
func (r *reader) room(bound int64) bool {
	return r.memory() && (r.window.room() || r.window.read < bound && !r.window.full())
}

// gapless tells whether the event is the next one of the log. A log has no gaps; one that has some is not read on, because
// what is missing may be a callback.
func (r *reader) gapless(e *eventlog.Event, now time.Time) bool {
	if r.again() || e.Seq <= r.window.read+1 {
		return true
	}
	r.storeFailed("read the log", fmt.Errorf("number %d follows on %d: the log has a gap", e.Seq, r.window.read), now)
	r.reread()
	return false
}

// announcements makes the window know what the event's lane has to announce; false: the store failed.
func (r *reader) announcements(e *eventlog.Event, now time.Time) bool {
	if !r.skips || !r.window.asks(e) {
		return true
	}
	if r.asked == nil {
		if now.Before(r.pause) {
			return false
		}
		if !r.askSkips(now) {
			return false
		}
	}
	if s, ok := r.asked[e.Lane]; ok {
		r.window.announced([]eventlog.Skip{s})
	}
	return true
}

// askSkips asks the store for the announcements of all lanes of what is not admitted yet. The answer is good until a
// settlement is stored.
func (r *reader) askSkips(now time.Time) bool {
	var lanes []eventlog.Lane
	seen := map[eventlog.Lane]bool{}
	for i := range r.pending {
		if e := &r.pending[i]; !seen[e.Lane] && r.window.asks(e) {
			seen[e.Lane] = true
			lanes = append(lanes, e.Lane)
		}
	}
	asked, err := r.storedSkips(lanes)
	if err != nil {
		r.storeFailed("read announcements", err, now)
		return false
	}
	r.asked = asked
	return true
}

// maxSkips is how many lanes the store is asked for at one time.
const maxSkips = 1000

func (r *reader) storedSkips(lanes []eventlog.Lane) (map[eventlog.Lane]eventlog.Skip, error) {
	found := map[eventlog.Lane]eventlog.Skip{}
	for part := range slices.Chunk(lanes, maxSkips) {
		var skips []eventlog.Skip
		var err error
		r.d.desks.do(func() { skips, err = r.d.opt.Log.Skips(context.Background(), r.id, part) })
		if err != nil {
			return nil, err
		}
		for _, s := range skips {
			found[s.Lane] = s
		}
	}
	return found, nil
}

// memory tells whether the budget of all Apps has some left. Each reader may have one event at any time.
func (r *reader) memory() bool {
	w := r.window
	return w.events == 0 || r.d.used.Load()-r.counted+int64(w.bytes+r.waiting) < r.d.opt.Memory
}

// refill gets the next events, from the inbox while the reader follows it, else from the log.
func (r *reader) refill(now time.Time) bool {
	if r.again() {
		return !now.Before(r.pause) && r.window.read < r.redelivery.To && r.readAgain(now)
	}
	if r.follows {
		var events []eventlog.Event
		events, r.follows = r.inbox.take()
		r.await(events)
		if len(r.pending) > 0 || r.follows {
			return len(r.pending) > 0
		}
	}
	if now.Before(r.pause) {
		return false
	}
	return r.readLog(now)
}

// await takes events that are not admitted yet.
func (r *reader) await(events []eventlog.Event) {
	r.pending, r.waiting, r.asked = events, 0, nil
	for i := range events {
		r.waiting += events[i].Size()
	}
}

const (
	logPageEvents = 256
	logPageBytes  = 1 << 20
)

// readLog gets the next page of the log. When it is the last one, the reader follows the inbox from there.
func (r *reader) readLog(now time.Time) bool {
	r.inbox.reading()
	r.window.skipDone()
	defer r.account()
	var page []eventlog.Event
	var end bool
	var err error
	r.d.desks.do(func() { page, end, err = r.d.opt.Log.Read(context.Background(), r.id.App, r.window.read, r.reserve()) })
	if err != nil {
		r.storeFailed("read the log", err, now)
		return false
	}
	r.await(page)
	last := r.window.read
	if len(page) > 0 {
		last = page[len(page)-1].Seq
	} else {
		r.storeWorks()
	}
	if end {
		r.follows = r.inbox.follow(last + 1)
		if !r.follows {
			r.inbox.signal() // something came meanwhile: look again
		}
	}
	return len(page) > 0
}

// reserve bounds one read that is made now, and takes the memory for it out of the budget of all Apps before others do; account gives back what
// is not used. A page has at least one event, which is the one that a reader may have at any time.
func (r *reader) reserve() Page {
	for {
		used := r.d.used.Load()
		bytes := max(min(r.d.opt.Memory-used, logPageBytes), 1)
		if r.d.used.CompareAndSwap(used, used+bytes) {
			r.counted += bytes
			return Page{Events: logPageEvents, Bytes: int(bytes)}
		}
	}
}

// readAgain gets the next page of what a redelivery names. When there is none, everything was read.
func (r *reader) readAgain(now time.Time) bool {
	rest := *r.redelivery
	rest.From = r.window.read + 1
	defer r.account()
	var page []eventlog.Event
	var err error
	r.d.desks.do(func() { page, err = r.d.opt.Log.ReadAgain(context.Background(), r.id.App, rest, r.reserve()) })
	if err != nil {
		r.storeFailed("read what is sent again", err, now)
		return false
	}
	r.await(page)
	if len(page) == 0 {
		r.storeWorks()
		r.window.pass(rest.To)
	}
	return len(page) > 0
}

// account reports the memory of the window, and of what waits for it, to the budget of all Apps.
func (r *reader) account() {
	bytes := int64(r.waiting)
	if r.window != nil {
		bytes += int64(r.window.bytes)
	}
	r.d.used.Add(bytes - r.counted)
	r.counted = bytes
}

// reread forgets what was taken from the inbox and the log but not admitted: the window was emptied.
func (r *reader) reread() {
	r.await(nil)
	r.follows = false
	r.inbox.lose()
}
