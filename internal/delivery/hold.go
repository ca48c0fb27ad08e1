package delivery

import (
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// hold sets a lane aside. What of it is in memory stays there as its first page.
func (w *window) hold(l *lane, h eventlog.Held) {
	for _, e := range l.queue {
		w.mark(e.Seq)
	}
	l.held = &h
	w.held++
	w.reasons[class(&h)]++
	w.changed(l)
	w.fresh = append(w.fresh, &h)
}

// reheld gives a held lane another row.
func (w *window) reheld(l *lane, h eventlog.Held) {
	w.reasons[class(l.held)]--
	w.reasons[class(&h)]++
	l.held = &h
	w.changed(l)
}

// Classes of held lanes.
const (
	classFailing = iota
	classBehind
	classCatchingUp
)

func class(h *eventlog.Held) int {
	switch {
	case h.Attempts > 0:
		return classFailing
	case h.Why == eventlog.Behind:
		return classBehind
	}
	return classCatchingUp
}

// changed notes that the row of a held lane has to be written.
func (w *window) changed(l *lane) {
	w.unsaved.hold[l.name] = struct{}{}
	delete(w.release, l.name)
}

// reach is how far the log is to be read for a held lane.
func (w *window) reach(l *lane) int64 { return max(w.read, l.reach) }

// free ends the holding of a lane: the log has nothing of it up to reach (invariant I4).
func (w *window) free(l *lane) {
	w.held--
	w.reasons[class(l.held)]--
	w.release[l.name] = struct{}{}
	delete(w.unsaved.hold, l.name)
	delete(w.lanes, l.name)
}

// loaded gives a held lane the page of the log that begins at its Next. Only an empty page proves that there is no more up
// to reach, because a page may be short for its bytes: then it returns false, and the lane is released.
func (w *window) loaded(l *lane, page []eventlog.Event) bool {
	l.more = len(page) > 0
	if len(page) == 0 {
		w.free(l)
		return false
	}
	for _, e := range page { // copies: the last event must not keep the whole page in memory
		l.queue = append(l.queue, &e)
		w.events++
		w.bytes += e.Size()
	}
	if l.held.Next != page[0].Seq {
		h := *l.held
		h.Next = page[0].Seq
		w.reheld(l, h)
	}
	return true
}

// catchingUp is the reason of a lane that had failed and is now sent from the log.
const catchingUp eventlog.Reason = "catching up"

// failing is how long the lane's first event, which is refused now, has been failing while the endpoint answered others.
// The time between two attempts counts when the endpoint has accepted something in it; time without sending does not.
func (w *window) failing(l *lane, now time.Time) time.Duration {
	if !l.failing() {
		return 0
	}
	if !w.answered.After(l.refused) {
		return l.held.Failing
	}
	return l.held.Failing + now.Sub(l.refused) - (w.stood(now) - l.stood)
}

// refused holds the lane until try, after an attempt of its first event; the memory that it used is given back.
func (w *window) refused(l *lane, a *eventlog.Attempt, now, try time.Time) {
	next, failing := l.queue[0].Seq, w.failing(l, now)
	if l.held == nil {
		w.hold(l, eventlog.Held{Lane: l.name, Since: now})
	}
	first := l.held.Attempts == 0 && l.held.Why != catchingUp
	h := *l.held
	h.Next, h.Attempts, h.Try, h.Why, h.Failing = next, a.Number, try, a.Why, failing
	w.reheld(l, h)
	l.refused, l.stood = now, w.stood(now)
	if first {
		w.replaceFresh(l.held)
	}
	w.drop(l, len(l.queue))
	l.more = true
	w.schedule(l, now)
}

// replaceFresh makes the lane that begins to fail the newest one to tell of.
func (w *window) replaceFresh(h *eventlog.Held) {
	if n := len(w.fresh); n > 0 && w.fresh[n-1].Lane == h.Lane {
		w.fresh[n-1] = h
		return
	}
	w.fresh = append(w.fresh, h)
}
