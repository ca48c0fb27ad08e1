package delivery

import (
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/wire"
)

// told is what was logged and counted of a reader, so that only news are.
type told struct {
	state readerState
	held  [3]int
	full  bool // no more lanes may be held
}

// tell logs what is new, once: lanes that are held, what happened and when it goes on.
func (r *reader) tell(now time.Time) {
	for _, h := range r.window.fresh {
		r.tellHeld(h, now)
	}
	r.window.fresh = r.window.fresh[:0]
	r.tellState()
	r.tellFull(r.window.held >= r.window.limits.held)
	r.d.opt.Metrics.held(&r.told, r.window.reasons)
}

// tellFull tells when as many lanes are held as may be, and when there is room again.
func (r *reader) tellFull(is bool) {
	if r.told.full == is {
		return
	}
	r.told.full = is
	if !is {
		r.d.opt.Metrics.full.Dec()
		return
	}
	r.d.opt.Metrics.full.Inc()
	r.d.opt.Logger.Error("as many lanes are held as may be: nothing more is sent until some of them drain",
		"sdkappid", r.id.App, "reader", r.id.Name, "lanes", r.window.held)
}

func (r *reader) state() readerState {
	switch {
	case r.window.stopped():
		return statePaused
	case r.window.breaker.Open():
		return stateProbing
	}
	return stateSending
}

// tellState logs when sending ends, and when it begins again.
func (r *reader) tellState() {
	was, is := r.told.state, r.state()
	if was == is {
		return
	}
	r.told.state = is
	r.face.state.Store(int32(is))
	r.d.opt.Metrics.state(was, is)
	log := r.d.opt.Logger.With("sdkappid", r.id.App, "reader", r.id.Name)
	switch {
	case is == statePaused && r.window.gone != "":
		log.Error("callbacks are paused until the callback's settings change, somebody resumes, or the server starts anew", "reason", string(r.window.gone))
	case is == statePaused:
		log.Warn("callbacks are paused until somebody resumes", "reason", string(r.window.paused))
	case is == stateProbing:
		log.Warn("the App backend does not accept callbacks: one at a time is tried until it does",
			"next_try", r.window.breaker.Probe().UTC().Format(time.RFC3339Nano))
	case was == statePaused:
		log.Info("callbacks are sent again after a pause")
	default:
		log.Info("the App backend answers again")
	}
}

// tellOver takes a reader that has ended out of what is counted.
func (r *reader) tellOver() {
	r.d.opt.Metrics.held(&r.told, [3]int{})
	r.tellFull(false)
	r.d.opt.Metrics.state(r.told.state, stateSending)
	r.told.state = stateSending
}

func (r *reader) tellGivenUp(l landing) {
	text := "a callback is given up and becomes a dead letter; its lane goes on"
	if r.again() {
		text = "a callback is given up in a redelivery, which goes on"
	}
	r.d.opt.Logger.Error(text,
		"event", wire.EventID(r.id.App, r.log, l.event.Seq), "reader", r.id.Name, "lane", string(l.event.Lane), "attempts", l.attempt.Number,
		"reason", string(l.attempt.Why))
}

// tellAged logs how many callbacks became dead letters by age since it was last called.
func (r *reader) tellAged() {
	switch {
	case r.agedOut > 0 && r.again():
		r.d.opt.Logger.Warn("a redelivery leaves out what is older than the log is kept; what of it is a dead letter stays one",
			"sdkappid", r.id.App, "reader", r.id.Name, "count", r.agedOut)
		r.agedOut = 0
	case r.agedOut > 0:
		r.d.opt.Logger.Error("callbacks were not delivered within the time that the log is kept; they are dead letters now",
			"sdkappid", r.id.App, "reader", r.id.Name, "count", r.agedOut)
		r.agedOut = 0
	}
}

func (r *reader) tellHeld(h *eventlog.Held, now time.Time) {
	log := r.d.opt.Logger.With("event", wire.EventID(r.id.App, r.log, h.Next), "reader", r.id.Name, "lane", string(h.Lane), "reason", string(h.Why))
	if h.Attempts == 0 {
		log.Info("a lane is held: more of it waits than is kept in memory; it is sent from the log")
		return
	}
	log.Warn("a lane is held: its first callback was not accepted", "the_cloud", cloudFate(r.window.attempts, h.Next),
		"next_try", h.Try.UTC().Format(time.RFC3339Nano), "in", h.Try.Sub(now).Round(time.Millisecond).String())
}

// cloudFate says in words what the documented service would have done with a callback that was just refused.
func cloudFate(attempts []eventlog.Attempt, seq int64) string {
	for i := len(attempts) - 1; i >= 0; i-- {
		if attempts[i].Seq != seq {
			continue
		}
		if attempts[i].Cloud == eventlog.Delivered {
			return "would have ignored this answer and counted the callback as delivered"
		}
		return "would have lost this callback: it does not try again"
	}
	return "unknown"
}
