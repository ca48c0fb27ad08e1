package delivery

import (
	"net/http"
	"sync"
	"time"

	"github.com/callboard/callboard/internal/delivery/policy"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// landing is the end of an attempt.
type landing struct {
	try
	attempt  eventlog.Attempt
	canceled bool          // the server stopped before an answer
	later    time.Duration // the App backend asks to wait so long; 0: it does not
}

// landings are the ends of attempts on their way to the reader: at most as many as are in flight.
type landings struct {
	wake chan struct{} // holds one token when there are some

	mu   sync.Mutex
	list []landing
}

func newLandings() *landings { return &landings{wake: make(chan struct{}, 1)} }

func (q *landings) put(l landing) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, l)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *landings) take() []landing {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := q.list
	q.list = nil
	return list
}

// landAll takes all that has landed.
func (r *reader) landAll() {
	r.progress = time.Now()
	for _, l := range r.landings.take() {
		r.land(l)
	}
}

// maxLater bounds what an App backend can ask for.
const maxLater = 5 * time.Minute

// askedToWait is how long the App backend asks to be left alone; 0: it does not.
func askedToWait(a egress.Answer) time.Duration {
	if a.Status != http.StatusTooManyRequests && a.Status != http.StatusServiceUnavailable {
		return 0
	}
	return min(a.RetryAfter, maxLater)
}

// longAnswer is how long an answer takes that makes its App a suspect before the slots: a slot that is held for so long is
// missing to others, whatever the answer is. A quick refusal costs them nothing.
const longAnswer = time.Second

// land takes the end of an attempt into the window.
func (r *reader) land(l landing) {
	now := time.Now()
	r.d.opt.Metrics.inFlight.Dec()
	r.d.crossings.leave(r.crossing(l.lane.name), r)
	if l.canceled {
		r.d.slots.stored(1)
		r.window.abandoned(l.lane, now)
		return
	}
	stale := l.to != r.target() // what it was sent to may be gone: nothing follows for what is there now
	if l.later > 0 && l.to.Delivery.Profile == live.Durable {
		r.postpone(l, now, stale)
		return
	}
	verdict := policy.Outcome{Durable: l.attempt.Durable, Cloud: l.attempt.Cloud}.Verdict(l.to.Delivery.Profile)
	r.d.opt.Metrics.attempted(verdict, l.attempt.Duration)
	r.doubt = l.attempt.Duration >= longAnswer
	if l.attempt.Counted = verdict; verdict == eventlog.Retry && !stale && r.givesUp(l, now) {
		l.attempt.Counted = eventlog.GivenUp
	}
	r.window.landed(l.lane)
	r.window.record(l.attempt)
	r.follow(l, stale, now)
	if stale {
		r.window.breaker.Hurry(now)
	} else if l.to.Delivery.Profile == live.Durable {
		r.judge(l, l.attempt.Counted == eventlog.Delivered, now)
	}
}

// givesUp tells whether an attempt that was refused is the last one.
func (r *reader) givesUp(l landing, now time.Time) bool {
	return policy.GivesUp(l.attempt.Number, r.window.failing(l.lane, now), l.to.Delivery.GiveUpAfter)
}

// follow is what comes after an attempt: the next event of the lane, or another attempt.
func (r *reader) follow(l landing, stale bool, now time.Time) {
	w := r.window
	switch {
	case l.attempt.Counted == eventlog.Delivered:
		w.answered = now
		r.d.answered(l.attempt.Duration)
		w.told(l.lane)
		if r.again() {
			w.revive(l.event.Seq)
		}
		r.d.opt.Metrics.delivered(l.event, l.attempt.At.Add(l.attempt.Duration))
	case l.attempt.Counted == eventlog.Failed:
		w.told(l.lane) // what it announced is lost with it: that profile announces nothing
	case stale:
		w.refused(l.lane, &l.attempt, now, now.Add(r.spread()))
		return
	case l.attempt.Counted == eventlog.GivenUp:
		r.giveUp(l, now)
		return
	default:
		w.refused(l.lane, &l.attempt, now, now.Add(policy.Delay(l.attempt.Number, r.d.opt.Jitter())))
		return
	}
	w.settled(l.lane, now)
	r.d.opt.Metrics.settled(l.attempt.Counted)
}

// giveUp makes the lane's first event a dead letter. A redelivery just goes on: what it sends was settled before.
func (r *reader) giveUp(l landing, now time.Time) {
	r.tellGivenUp(l)
	if r.again() {
		r.window.settled(l.lane, now)
		return
	}
	r.window.bury(l.event, eventlog.Dead{Seq: l.event.Seq, At: now, Why: l.attempt.Why, Attempts: l.attempt.Number})
	r.window.settled(l.lane, now)
	r.d.opt.Metrics.settled(eventlog.GivenUp)
}

// judge lets the breaker see a result. When the endpoint is back, failing lanes need not wait out what they had to wait
// because of it; the quota of retries and the slow start keep them from coming all at once.
func (r *reader) judge(l landing, ok bool, now time.Time) {
	if r.window.stopped() {
		return // it was in flight when the pause began
	}
	if r.gones.Note(l.lane.name, l.attempt.Status) {
		r.window.stop(r.window.paused, policy.Gone, now)
		return
	}
	b := &r.window.breaker
	was := b.Open()
	result := policy.Result{Lane: l.lane.name, First: l.attempt.Number == 1, OK: ok, Began: l.attempt.At}
	if b.Note(result, now, r.d.opt.Jitter()); was && !b.Open() {
		r.window.hurry(now, r.spread)
	}
}

// spread is a random time of up to a second.
func (r *reader) spread() time.Duration {
	return time.Duration(r.d.opt.Jitter() * float64(time.Second))
}

// postpone leaves the App backend alone for as long as it asked to; nothing is counted against the callback.
func (r *reader) postpone(l landing, now time.Time, stale bool) {
	r.d.slots.stored(1)
	r.window.abandoned(l.lane, now)
	r.d.opt.Metrics.postponed.Inc()
	if stale {
		return
	}
	if until := now.Add(l.later); until.After(r.later) {
		if r.later.Before(now) {
			r.d.opt.Logger.Info("the App backend asks to wait", "sdkappid", r.id.App, "reader", r.id.Name, "status", l.attempt.Status, "for", l.later.String())
		}
		r.later = until
	}
}
