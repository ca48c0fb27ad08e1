package delivery

import (
	"context"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// fill admits what is there, as far as there is room.
func (r *reader) fill(now time.Time) {
	for r.room() {
		if len(r.pending) == 0 && !r.refill(now) {
			return
		}
		e := r.pending[0] // a copy: one event in the window must not keep its whole page in memory
		r.waiting -= e.Size()
		if r.pending = r.pending[1:]; len(r.pending) == 0 {
			r.pending = nil
		}
		if e.Seq > r.window.read {
			r.window.admit(&e, now)
		}
	}
}

// room tells whether another event may be admitted: within the reader's budget and within that of all.
func (r *reader) room() bool { return r.window.room() && r.memory() }

// memory tells whether the budget of all Apps has some left. Each reader may have one event at any time.
func (r *reader) memory() bool {
	w := r.window
	return w.events == 0 || r.d.used.Load()-r.counted+int64(w.bytes+r.waiting) < r.d.opt.Memory
}

// refill gets the next events, from the inbox while the reader follows it, else from the log.
func (r *reader) refill(now time.Time) bool {
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
	r.pending, r.waiting = events, 0
	for i := range events {
		r.waiting += events[i].Size()
	}
}

const (
	logPageEvents = 256
	logPageBytes  = 1 << 20
)

// readLog gets the next page of the log. When there is none, the reader follows the inbox from there.
func (r *reader) readLog(now time.Time) bool {
	r.inbox.reading()
	// A page has at least one event, which is the one that a reader may have at any time.
	bounds := Page{Events: logPageEvents, Bytes: int(max(min(r.d.opt.Memory-r.d.used.Load(), logPageBytes), 1))}
	page, err := r.d.opt.Log.Read(context.Background(), r.id.App, r.window.read, bounds)
	if err != nil {
		r.storeFailed("read the log", err, now)
		return false
	}
	r.await(page)
	if len(page) == 0 {
		r.follows = r.inbox.follow(r.window.read + 1)
		if !r.follows {
			r.inbox.signal() // something came meanwhile: look again
		}
	}
	return len(page) > 0
}

// account reports the memory of the window, and of what waits for it, to the budget of all Apps.
func (r *reader) account() {
	bytes := int64(r.window.bytes + r.waiting)
	r.d.used.Add(bytes - r.counted)
	r.counted = bytes
}

// reread forgets what was taken from the inbox and the log but not admitted: the window was emptied.
func (r *reader) reread() {
	r.await(nil)
	r.follows = false
	r.inbox.lose()
}
