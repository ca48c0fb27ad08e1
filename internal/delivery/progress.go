package delivery

import (
	"errors"
	"time"
)

// settle stores what was done, at most every SettleEvery; sooner when much waits, or somebody does.
func (r *reader) settle(now time.Time) {
	if r.again() && !r.over && r.window.read >= r.redelivery.To && r.window.idle() {
		r.window.finished = true
	}
	early := len(r.answers) > 0 || r.burst && r.follows && r.window.idle() || r.window.unstored() >= r.window.limits.unsaved/2
	if !r.window.dirty() || r.settling != nil || now.Before(r.pause) || !early && now.Sub(r.settled) < r.d.settleEvery() {
		return
	}
	r.settling, r.settled = make(chan error, 1), now
	r.d.settles.put(settleRequest{Settlement: r.settlement(), done: r.settling})
}

func (r *reader) settlement() Settlement {
	var s Settlement
	s, r.taken = r.window.settlement()
	s.Reader, s.Fence = r.id, r.fence
	// With nothing in flight it may be the last one for long, and what is stored whole each time is stored no more.
	s.Promised = len(r.answers) > 0
	s.Durable = s.Durable || s.Promised || r.window.flying == 0
	if r.again() {
		s.RevivedOf = r.redelivery.Of()
	}
	r.taken.answers, r.answers = r.answers, nil
	r.skips = r.skips || len(s.Skip) > 0
	return s
}

// stored takes the result of a settlement.
func (r *reader) stored(err error) {
	taken := r.taken
	r.settling, r.taken = nil, unsaved{}
	switch {
	case err == nil:
		r.window.forgetStored()
		r.asked, r.unsettled = nil, false
		r.storeWorks()
		r.over = taken.finished
	case errors.Is(err, errFenced):
		r.fenced = true
		r.d.slots.leave(&r.seat)
		taken.answers = append(taken.answers, r.answers...) // what they wait for goes with the window
		r.answers = nil
		if r.target().there { // else it went with its endpoint
			r.d.opt.Logger.Error("a reader was opened elsewhere; its window is dropped", "sdkappid", r.id.App, "reader", r.id.Name)
		}
	default:
		r.window.restore(taken)
		r.answers = append(taken.answers, r.answers...)
		r.unsettled = true
		r.storeFailed("settle", err, time.Now())
		return
	}
	r.d.slots.stored(len(taken.attempts))
	for _, done := range taken.answers {
		done <- err
	}
}
