package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// reader is the cursor of one App's log that delivers callbacks. Its goroutine, run, owns everything below inbox; it
// exists only while there is something to do (invariant I4: it alone admits, holds and releases).
type reader struct {
	d       *Dispatcher
	id      ReaderID
	running bool // guarded by d.mu
	inbox   *inbox

	window  *window // nil until the reader was opened
	log     string
	fence   int64
	follows bool             // the inbox has all that comes after pending
	pending []eventlog.Event // taken from inbox or log, not admitted yet; in order
	waiting int              // bytes of pending
	counted int64            // what of d.used is this reader's

	landings *landings
	settling chan error // not nil while a settlement is under way
	taken    unsaved    // what is in that settlement
	fenced   bool       // another one has the right to settle: nothing is sent any more
	settled  time.Time  // when the last one was begun
	pause    time.Time  // the store failed: it is not asked before
	later    time.Time  // the App backend asked to wait until then
	app      *live.App  // the settings as last seen
	starved  bool       // no slot was free in all
	reported int        // held lanes as last told to the metrics
	tripped  bool       // the breaker as last told
	alarm    *time.Timer
}

// concurrencyLimit is the largest setting of an App's concurrency.
const concurrencyLimit = 1024

func newReader(d *Dispatcher, id ReaderID) *reader {
	return &reader{d: d, id: id, inbox: newInbox(&d.used, d.opt.Memory), landings: newLandings()}
}

// run works until there is nothing to do, or until the dispatcher stops.
func (r *reader) run() {
	r.alarm = time.NewTimer(time.Hour)
	defer r.alarm.Stop()
	for !r.d.ending() {
		now := time.Now()
		if r.open(now) {
			r.fill(now)
			r.dispatch(now)
			r.tell(now)
			r.settle(now)
			r.account()
			if r.resting() && r.d.rest(r) {
				return
			}
		}
		r.alarm.Reset(r.sleep(now))
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

// open reads the reader's position, once, trying again each second while the store is away. A reader that was fenced
// off waits for its attempts in flight, drops its window and opens anew.
func (r *reader) open(now time.Time) bool {
	if r.fenced && r.window.flying == 0 {
		r.window, r.fenced, r.follows = nil, false, false
		r.await(nil)
		r.pause = now.Add(storePause)
	}
	if r.window != nil {
		return !r.fenced
	}
	if now.Before(r.pause) {
		return false
	}
	p, err := r.d.opt.Log.Open(context.Background(), r.id)
	if err != nil {
		r.storeFailed("open a reader", err, now)
		return false
	}
	r.log, r.fence = p.Log, p.Fence
	r.window = newWindow(standardLimits, p.Cursor, p.Held, now)
	r.settled = now
	return true
}

const storePause = time.Second

func (r *reader) storeFailed(what string, err error, now time.Time) {
	r.pause = now.Add(storePause)
	r.d.opt.Logger.Warn("the store failed; it is tried again in a second", "what", what, "sdkappid", r.id.App, "reader", r.id.Name, "error", err)
}

// resting tells whether nothing is left to do or to store.
func (r *reader) resting() bool {
	return r.follows && len(r.pending) == 0 && r.window.idle() && !r.window.dirty() && r.settling == nil
}

func (r *reader) settings() *live.App { return r.d.opt.Settings(r.id.App) }

// tell logs each lane that is newly held, once: what happened, and when it goes on.
func (r *reader) tell(now time.Time) {
	for _, h := range r.window.fresh {
		r.tellHeld(h, now)
	}
	r.window.fresh = r.window.fresh[:0]
	r.tellBreaker()
	r.d.opt.Metrics.held(r, r.window.held)
}

// settle stores what was done, at most every SettleEvery, or sooner when many attempts wait.
func (r *reader) settle(now time.Time) {
	early := len(r.window.attempts) >= standardLimits.attempts/2
	if !r.window.dirty() || r.settling != nil || now.Before(r.pause) || !early && now.Sub(r.settled) < r.d.opt.SettleEvery {
		return
	}
	var s Settlement
	s, r.taken = r.window.settlement()
	s.Reader, s.Fence = r.id, r.fence
	r.settling, r.settled = make(chan error, 1), now
	r.d.settles <- settleRequest{Settlement: s, done: r.settling}
}

// stored takes the result of a settlement.
func (r *reader) stored(err error) {
	taken := r.taken
	r.settling, r.taken = nil, unsaved{}
	switch {
	case err == nil:
	case errors.Is(err, errFenced):
		r.fenced = true
		r.d.opt.Logger.Error("a reader was opened elsewhere; its window is dropped", "sdkappid", r.id.App, "reader", r.id.Name)
	default:
		r.window.restore(taken)
		r.storeFailed("settle", err, time.Now())
	}
}

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
	} else if at, ok := r.window.wake(now, r.quota()); ok && !r.starved && r.window.flying < r.allowed() {
		sooner(at)
	}
	if r.window.dirty() && r.settling == nil {
		sooner(r.settled.Add(r.d.opt.SettleEvery))
	}
	if r.starved {
		sooner(now.Add(5 * time.Millisecond))
	}
	if r.pause.After(now) {
		until = r.pause // nothing is sent without the store
	}
	return max(until.Sub(now), 0)
}

// allowed is how many attempts may be in flight now.
func (r *reader) allowed() int {
	app := r.settings()
	if app.Delivery.Profile == live.Cloud {
		return concurrency(app)
	}
	return r.window.breaker.Allowed(concurrency(app))
}

// finish ends the reader: attempts in flight are waited for, and what was done is stored.
func (r *reader) finish() {
	if r.window == nil || r.fenced {
		return
	}
	for r.window.flying > 0 {
		<-r.landings.wake
		r.landAll()
	}
	if r.settling != nil {
		r.stored(<-r.settling)
	}
	if r.window.dirty() {
		s, _ := r.window.settlement()
		s.Reader, s.Fence = r.id, r.fence
		done := make(chan error, 1)
		r.d.settles <- settleRequest{Settlement: s, done: done}
		if err := <-done; err != nil {
			r.d.opt.Logger.Warn("the last settlement is lost; its callbacks are sent again after the start", "sdkappid", r.id.App, "error", err)
		}
	}
	r.window.bytes = 0
	r.await(nil)
	r.account()
}
