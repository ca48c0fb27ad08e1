package delivery

import (
	"time"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// dispatch sends what can be sent now.
func (r *reader) dispatch(now time.Time) {
	r.starved = false
	if r.window.rest(now) || r.window.breaker.Open() && r.follows {
		r.reread() // nothing is kept in memory for an App backend that is not there
	}
	app := r.adopt(now)
	for r.window.flying < r.allowed() && !now.Before(r.pause) && !now.Before(r.later) && r.window.wants(now, r.quota()) && !r.d.ending() {
		if !r.d.take(r.window.flying) {
			r.starved = true
			return
		}
		if !r.launch(app, now) {
			r.d.give()
			return
		}
	}
}

// adopt returns the settings. When they have changed, failing lanes need not wait out what was meant for the old ones.
func (r *reader) adopt(now time.Time) *live.App {
	app := r.settings()
	if r.app != nil && r.app != app {
		r.later = time.Time{}
		r.window.hurry(now, r.spread)
	}
	if app.Delivery.Profile == live.Cloud && r.window.breaker.Open() {
		r.window.breaker.Close(now) // that profile has none
	}
	r.app = app
	return app
}

// looks bounds how many lanes are looked at for one attempt: a long backlog that is decided without one must not keep the
// reader from landing, settling and stopping.
const looks = 1000

// launch begins one attempt, with a slot that it keeps; false: there is nothing to send, and the slot stays free.
func (r *reader) launch(app *live.App, now time.Time) bool {
	for range looks {
		l := r.window.next(now, r.quota())
		if l == nil {
			return false
		}
		if len(l.queue) == 0 && !r.load(l, now) {
			if now.Before(r.pause) {
				return false
			}
			continue
		}
		if r.decided(app, l, now) {
			continue
		}
		if app.Callback == nil { // what was switched on is known to the log, but not here yet
			r.window.schedule(l, now)
			r.later = now.Add(storePause)
			return false
		}
		r.window.sent(l)
		r.d.opt.Metrics.inFlight.Inc()
		e, number := l.queue[0], r.window.number(l)
		r.d.running.Go(func() { r.attempt(app, l, e, number) })
		return true
	}
	r.inbox.signal() // there may be more: look again
	return false
}

// load reads the page of a held lane that begins at its first unsettled event; false: nothing is left of it, or the
// store failed.
func (r *reader) load(l *lane, now time.Time) bool {
	page := r.window.page()
	if l.failing() || !r.memory() {
		page = Page{Events: 1, Bytes: 1} // enough to try; when it is refused, the rest would have been read in vain
	}
	part := LanePart{Lane: l.name, From: l.held.Next, To: r.window.reach(l)}
	events, err := r.d.opt.Log.ReadLane(r.d.attempts, r.id.App, part, page)
	if err != nil {
		r.window.schedule(l, now)
		r.storeFailed("read a lane", err, now)
		return false
	}
	return r.window.loaded(l, events)
}

// decided settles the lane's first event without an attempt where none is to be made.
func (r *reader) decided(app *live.App, l *lane, now time.Time) bool {
	e := l.queue[0]
	if e.Seq <= app.DiscardTo {
		r.window.settled(l, now)
		r.d.opt.Metrics.settled(eventlog.Discarded)
		return true
	}
	if app.Delivery.Profile == live.Cloud && now.Sub(time.UnixMilli(e.Time)) > policy.CloudPatience {
		o := policy.Unsent()
		r.window.record(eventlog.Attempt{Seq: e.Seq, Number: r.window.number(l), At: now, Durable: o.Durable, Cloud: o.Cloud, Why: o.Why})
		r.window.settled(l, now)
		r.d.opt.Metrics.settled(eventlog.Failed)
		return true
	}
	return false
}

// attempt sends one callback and judges the answer. It is a goroutine of its own.
func (r *reader) attempt(app *live.App, l *lane, e *eventlog.Event, number int) {
	defer r.d.give()
	at := time.Now()
	a := r.send(app, e, number, at)
	why := ""
	if a.Failure != egress.None {
		why = a.Err.Error()
	}
	o := policy.Classify(policy.Answer{Failure: why, Status: a.Status, Body: a.Body, TooLarge: a.TooLarge}, app.Delivery.StrictAnswers)
	if a.Resent {
		number++ // a reused connection had ended, and egress has sent it once more: an attempt, not a failure
	}
	r.landings.put(landing{
		lane: l, app: app, canceled: a.Failure == egress.Canceled, later: askedToWait(a),
		attempt: eventlog.Attempt{
			Seq: e.Seq, Number: number, At: at, Duration: a.Duration, Status: a.Status,
			Durable: o.Durable, Cloud: o.Cloud, Why: o.Why, Answer: answerStart(o, a.Body, app),
		},
	})
}

func (r *reader) send(app *live.App, e *eventlog.Event, number int, at time.Time) egress.Answer {
	base, token := "", ""
	if app.Callback != nil {
		base = app.Callback.URL
	}
	if app.Token != nil && app.Token.Enabled {
		token = app.Token.Token
	}
	return r.d.opt.Sender.Send(r.d.attempts, egress.Request{
		URL:     wire.URL(base, r.id.App, e, token, at),
		Header:  wire.Header(r.id.App, r.log, e, number),
		Body:    e.Body,
		Timeout: app.Delivery.Timeout,
		TLS:     egress.TLSFiles(app.CallbackTLS),
	})
}

func concurrency(app *live.App) int {
	return min(max(app.Delivery.Concurrency, 1), concurrencyLimit)
}

// quota is how many slots of the App retries of failing lanes may use.
func (r *reader) quota() int { return max(concurrency(r.settings())/4, 1) }
