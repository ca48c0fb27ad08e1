package delivery

import (
	"time"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// bound is the number up to which everything is settled without an attempt: what was discarded, and what the log is not kept for
// any longer. A redelivery of dead letters needs no log.
func (r *reader) bound(to *target) int64 {
	if r.again() && r.redelivery.DeadOnly {
		return 0
	}
	return max(to.discardTo, r.aged.Load())
}

// decided tells whether an event is settled without an attempt, and notes what follows from that but for the settling.
// number is that of the attempt that would be made.
func (r *reader) decided(to *target, e *eventlog.Event, number int) bool {
	now := time.Now()
	aged := e.Seq <= r.aged.Load()
	switch {
	case r.again():
		if !aged || r.redelivery.DeadOnly {
			return false
		}
		r.agedOut++
		r.d.opt.Metrics.settled(eventlog.Failed)
	case e.Seq <= to.discardTo:
		r.window.skip(e)
		r.d.opt.Metrics.settled(eventlog.Discarded)
	case to.nobody: // it is not announced: who sets a URL later begins there, as an endpoint does that is added
		r.window.skipOn(e)
		r.d.opt.Metrics.settled(eventlog.Discarded)
	case to.Delivery.Profile == live.Cloud && (aged || now.Sub(time.UnixMilli(e.Time)) > policy.CloudPatience):
		o := policy.Unsent()
		r.window.record(eventlog.Attempt{Seq: e.Seq, Number: number, At: now, Durable: o.Durable, Cloud: o.Cloud, Counted: o.Cloud, Why: o.Why})
		r.d.slots.keep(1)
		r.d.opt.Metrics.settled(eventlog.Failed)
	case aged:
		r.window.bury(e, eventlog.Dead{Seq: e.Seq, At: now, Why: policy.Aged, Attempts: number - 1})
		r.agedOut++
		r.d.opt.Metrics.settled(eventlog.GivenUp)
	default:
		return false
	}
	return true
}

// sweepEvery is how long a sweep that could not finish waits for what it needs: attempts in flight, a settlement.
const sweepEvery = 100 * time.Millisecond

// sweep settles what is not above the bound, also while nothing is sent: lanes do not have to wait for their turn. What the
// log has beyond the read position, fill settles.
func (r *reader) sweep(to *target, now time.Time) {
	bound := r.bound(to)
	if bound <= r.swept || now.Before(r.nextSweep) || now.Before(r.pause) {
		return
	}
	r.nextSweep = now.Add(sweepEvery)
	r.leaveLines() // what is parked is to be emptied too
	done := r.window.read >= bound
	for _, l := range r.window.takeUp() {
		done = r.clear(to, l, now) && done
	}
	for _, l := range r.window.lanes {
		done = done && !(l.flying && l.queue[0].Seq <= bound)
	}
	if done {
		r.swept = bound
		r.tellAged()
	}
}

// clear settles what a lane has up to the bound and puts the lane back into its place; false: it has to be done again.
func (r *reader) clear(to *target, l *lane, now time.Time) bool {
	w, bound := r.window, r.bound(to)
	done := true
	for {
		if len(l.queue) == 0 {
			if l.held.Next > bound {
				break
			}
			if now.Before(r.pause) || !r.load(l, w.page(), now) {
				if w.lanes[l.name] == nil {
					return true
				}
				done = false
				break
			}
		}
		if l.queue[0].Seq > bound {
			break
		}
		if w.full() {
			done = false
			break
		}
		r.decided(to, l.queue[0], w.number(l))
		if !w.advance(l, now) {
			return true
		}
	}
	if l.held != nil && len(l.queue) > 0 { // it is read when it is sent
		w.drop(l, len(l.queue))
		l.more = true
	}
	w.putBack(l)
	return done
}
