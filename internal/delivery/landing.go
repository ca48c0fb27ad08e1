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
	lane     *lane
	attempt  eventlog.Attempt
	app      *live.App     // the settings that it was made with
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

// land takes the end of an attempt into the window.
func (r *reader) land(l landing) {
	now := time.Now()
	r.d.opt.Metrics.inFlight.Dec()
	if l.canceled {
		r.window.abandoned(l.lane, now)
		return
	}
	stale := l.app != r.settings() // what it was sent to may be gone: nothing follows for what is there now
	if l.later > 0 && l.app.Delivery.Profile == live.Durable {
		r.postpone(l, now, stale)
		return
	}
	r.window.landed(l.lane)
	r.window.record(l.attempt)
	verdict := policy.Outcome{Durable: l.attempt.Durable, Cloud: l.attempt.Cloud}.Verdict(l.app.Delivery.Profile)
	r.d.opt.Metrics.attempted(verdict, l.attempt.Duration)
	if verdict != eventlog.Retry {
		r.window.settled(l.lane, now)
		r.d.opt.Metrics.settled(verdict)
	} else {
		wait := policy.Delay(l.attempt.Number, r.d.opt.Jitter())
		if stale {
			wait = r.spread()
		}
		r.window.refused(l.lane, &l.attempt, now, now.Add(wait))
	}
	if stale {
		r.window.breaker.Hurry(now)
	} else if l.app.Delivery.Profile == live.Durable {
		r.judge(l, verdict == eventlog.Delivered, now)
	}
}

// judge lets the breaker see a result. When the endpoint is back, failing lanes need not wait out what they had to wait
// because of it; the quota of retries and the slow start keep them from coming all at once.
func (r *reader) judge(l landing, ok bool, now time.Time) {
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
	r.window.abandoned(l.lane, now)
	r.d.opt.Metrics.postponed.Inc()
	if stale {
		return
	}
	if until := now.Add(l.later); until.After(r.later) {
		if r.later.Before(now) {
			r.d.opt.Logger.Info("the App backend asks to wait", "sdkappid", r.id.App, "status", l.attempt.Status, "for", l.later.String())
		}
		r.later = until
	}
}
