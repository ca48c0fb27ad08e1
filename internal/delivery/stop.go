package delivery

import (
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// stops are why a window sends nothing.
type stops struct {
	// paused is the reason of a pause that a person asked for; it is stored.
	paused eventlog.Reason
	// gone is that of a pause which answers led to. It is not stored: new settings and a restart end it.
	gone   eventlog.Reason
	since  time.Time     // when the pause began
	passed time.Duration // of pauses that are over
}

// stopped tells whether nothing is sent at all.
func (s *stops) stopped() bool { return s.paused != "" || s.gone != "" }

// standing tells whether nothing but probes is sent, so that nothing is kept in memory.
func (w *window) standing() bool { return w.stopped() || w.breaker.Open() }

// stood is for how long in all nothing but probes was sent. A lane's timer stands still meanwhile, and it does not count for
// giving up.
func (w *window) stood(now time.Time) time.Duration {
	d := w.breaker.Stood(now) + w.passed
	if w.stopped() {
		d += now.Sub(w.since)
	}
	return d
}

// stop begins or ends pauses: paused by a person, gone by answers; empty reasons end them.
func (w *window) stop(paused, gone eventlog.Reason, now time.Time) {
	was := w.stopped()
	w.moved = w.moved || paused != w.paused
	if !was && w.breaker.Open() {
		w.breaker.Close(now) // so that no time stands twice
	}
	if was {
		w.passed += now.Sub(w.since)
	}
	w.paused, w.gone, w.since = paused, gone, now
}
