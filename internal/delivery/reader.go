package delivery

import (
	"container/list"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// reader is a cursor of one App's log that delivers callbacks. Its goroutine, run, owns everything below face; it
// exists only while there is something to do (invariant I4: it alone admits, holds and releases).
type reader struct {
	d       *Dispatcher
	id      ReaderID
	running bool  // guarded by d.mu
	asks    []ask // guarded by d.mu: pauses that are asked for
	// questions are guarded by d.mu: what is asked about what the reader does.
	questions []question
	rested    *list.Element // guarded by d.mu: its place in d.resting
	inbox     *inbox
	seat      seat
	aged      atomic.Int64 // what is not above it is not kept for any longer
	face      face
	known     known

	burst    bool      // it is one of bursts.going
	begun    time.Time // when the goroutine began
	progress time.Time // when an attempt landed last, or it began

	window *window // nil until the reader was opened
	log    string
	fence  int64
	// redelivery is what it sends again; nil for other readers.
	redelivery *Redelivery
	skips      bool                            // the store may have announcements
	asked      map[eventlog.Lane]eventlog.Skip // what the store said about the lanes of pending; nil: it was not asked
	answers    []chan error                    // of pauses and cancellations, answered when they are stored
	canceled   bool                            // a redelivery: nothing more of it is sent
	canceling  []chan error                    // who asked for that, until nothing is in flight
	turns      []eventlog.Lane                 // parked before, whose turn has come
	pace       pace                            // of a redelivery
	follows    bool                            // the inbox has all that comes after pending
	pending    []eventlog.Event                // taken from inbox or log, not admitted yet; in order
	waiting    int                             // bytes of pending
	counted    int64                           // what of d.used is this reader's

	landings  *landings
	settling  chan error // not nil while a settlement is under way
	taken     unsaved    // what is in that settlement
	fenced    bool       // another one has the right to settle: nothing is sent any more
	settled   time.Time  // when the last one was begun
	pause     time.Time  // the store failed: it is not asked before
	later     time.Time  // the App backend asked to wait until then
	to        *target    // by the settings as last seen
	adopted   *target    // what was sent to last
	doubt     bool       // the last answer was long in coming
	gones     policy.Gones
	swept     int64 // up to there nothing is left to settle without an attempt
	agedOut   int   // dead letters that were made by age and not told of
	told      told
	over      bool      // it has ended: a redelivery that is done, an endpoint that is gone
	troubled  time.Time // since when the store fails; zero: it works
	unsettled bool      // it fails to settle: that it can be read does not end that
	nextSweep time.Time
	alarm     *time.Timer
}

// concurrencyLimit is the largest setting of an App's concurrency.
const concurrencyLimit = 1024

func newReader(d *Dispatcher, id ReaderID) *reader {
	r := &reader{d: d, id: id, inbox: newInbox(&d.used, d.opt.Memory), landings: newLandings()}
	r.seat.call = r.inbox.signal
	return r
}

// again tells whether it is a redelivery.
func (r *reader) again() bool { return r.redelivery != nil }

// run works until there is nothing to do, or until the dispatcher stops.
func (r *reader) run() {
	r.alarm = time.NewTimer(time.Hour)
	r.begun = time.Now()
	r.progress = r.begun
	defer r.alarm.Stop()
	for !r.d.ending() {
		now := time.Now()
		r.face.work(now)
		r.reply(now)
		if r.open(now) && !r.dismissed() {
			r.obey(now)
			r.sweep(r.target(), now) // first, so that fill admits nothing of lanes that are to be emptied
			stood := r.window.standing()
			if r.canceled {
				r.endCanceled(now)
			} else {
				r.fill(now)
				r.dispatch(now)
			}
			if stood && !r.window.standing() {
				r.inbox.signal() // there is room now: what was not read has to be
			}
			r.tell(now)
			r.settle(now)
			r.account()
			r.bursting(now)
			if r.resting() && r.d.rest(r) {
				return
			}
		} else if r.bursting(now); r.over && r.d.rest(r) {
			return
		}
		r.alarm.Reset(r.sleep(now))
		r.face.sleep(r.nextTry(now))
		select {
		case <-r.d.stopping:
		case <-r.inbox.wake:
		case <-r.landings.wake:
			r.landAll()
		case err := <-r.settling:
			r.stored(err)
		case <-r.alarm.C:
		}
	}
	r.finish()
}

// resting tells whether nothing is left to do or to store.
func (r *reader) resting() bool {
	if r.window.dirty() || r.settling != nil || len(r.pending) > 0 || r.window.flying > 0 {
		return false
	}
	switch {
	case r.over:
		return true
	case r.window.stopped():
		return r.swept >= r.bound(r.target())
	}
	return r.follows && r.window.idle()
}

func (r *reader) settings() *live.App { return r.d.opt.Settings(r.id.App) }

// sleep is how long nothing is to be done if nothing comes.
func (r *reader) sleep(now time.Time) time.Duration {
	const long = time.Hour
	switch {
	case r.window == nil:
		return max(r.pause.Sub(now), 0)
	case r.fenced:
		return long // the ends of its attempts wake it
	}
	until := now.Add(long)
	sooner := func(t time.Time) {
		if t.Before(until) {
			until = t
		}
	}
	// A lane that is due and cannot be sent is no reason to wake: what it waits for is.
	if r.later.After(now) {
		sooner(r.later)
	} else if at, ok := r.window.wake(now, r.quota()); ok && r.window.flying < r.allowed() && !r.d.slots.waits(&r.seat) {
		sooner(at)
	}
	if !r.unhurried(now) {
		sooner(r.pace.next)
	}
	if r.burst {
		sooner(r.progress.Add(r.d.burstGap()))
	}
	if r.swept < r.bound(r.target()) {
		sooner(r.nextSweep)
	}
	if r.window.dirty() && r.settling == nil {
		sooner(r.settled.Add(r.d.settleEvery()))
	}
	if r.pause.After(now) {
		until = r.pause // nothing is sent without the store
	}
	return max(until.Sub(now), 0)
}

// allowed is how many attempts may be in flight now.
func (r *reader) allowed() int {
	if r.target().Delivery.Profile == live.Cloud {
		return r.concurrency()
	}
	return r.window.breaker.Allowed(r.concurrency())
}

// nextTry is when something is sent next, if it waits for a time; zero: it does not.
func (r *reader) nextTry(now time.Time) time.Time {
	if r.window == nil || r.fenced {
		return r.pause
	}
	if r.later.After(now) {
		return r.later
	}
	at, _ := r.window.wake(now, r.quota())
	return at
}

// finish ends the reader: attempts in flight are waited for, and what was done is stored.
func (r *reader) finish() {
	defer r.refuse(ErrStopping)
	r.d.slots.leave(&r.seat)
	if r.window == nil || r.fenced {
		return
	}
	r.leaveLines()
	for r.window.flying > 0 {
		<-r.landings.wake
		r.landAll()
	}
	if r.settling != nil {
		r.stored(<-r.settling)
	}
	if r.window.dirty() {
		done := make(chan error, 1)
		r.d.settles.put(settleRequest{Settlement: r.settlement(), done: done})
		err := <-done
		if r.stored(err); err != nil {
			r.d.opt.Logger.Warn("the last settlement is lost; its callbacks are sent again after the start", "sdkappid", r.id.App, "error", err)
		}
	}
	r.window.bytes = 0
	r.await(nil)
	r.account()
}
