package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// open reads the reader's position, once, trying again each second while the store is away. A reader that was fenced
// off waits for its attempts in flight, drops its window and opens anew.
func (r *reader) open(now time.Time) bool {
	if r.fenced && r.window.flying == 0 {
		r.d.slots.stored(len(r.window.attempts)) // they never will be
		r.leaveLines()
		r.window, r.fenced, r.follows = nil, false, false
		r.await(nil)
		r.account()
		r.pause = now.Add(storePause)
	}
	if r.window != nil {
		return !r.fenced
	}
	if now.Before(r.pause) {
		return false
	}
	var p Position
	var err error
	r.d.desks.do(func() { p, err = r.d.opt.Log.Open(context.Background(), r.id) })
	if errors.Is(err, ErrNoReader) { // a redelivery that has ended, an endpoint that is gone, or an App that nobody knows
		r.over = true
		r.refuse(err)
		return false
	}
	if err != nil {
		r.storeFailed("open a reader", err, now)
		return false
	}
	skips := map[eventlog.Lane]eventlog.Skip{}
	if p.Skips {
		lanes := make([]eventlog.Lane, len(p.Held))
		for i := range p.Held {
			lanes[i] = p.Held[i].Lane
		}
		if skips, err = r.storedSkips(lanes); err != nil {
			r.storeFailed("read announcements", err, now)
			return false
		}
	}
	r.log, r.fence, r.redelivery, r.skips, r.swept, r.to = p.Log, p.Fence, p.Redelivery, p.Skips, 0, nil
	r.window = newWindow(r.d.opt.limits, p, now)
	for _, s := range skips {
		r.window.announced([]eventlog.Skip{s})
	}
	r.settled, r.unsettled = now, false
	r.storeWorks()
	r.doubt = doubtful(p.Held)
	return true
}

// doubtful tells whether a reader begins as a suspect: its App backend refused something when it was asked last, and no lane
// tells that it accepted others meanwhile. Else a start with many hung Apps would take them for sound ones, one by one.
func doubtful(held []eventlog.Held) bool {
	failing := false
	for i := range held {
		if held[i].Failing > 0 {
			return false
		}
		failing = failing || held[i].Attempts > 0
	}
	return failing
}

const storePause = time.Second

func (r *reader) storeFailed(what string, err error, now time.Time) {
	r.pause = now.Add(storePause)
	if r.troubled.IsZero() {
		r.troubled = now
	}
	r.face.trouble(r.troubled)
	r.d.opt.Logger.Warn("the store failed; it is tried again in a second", "what", what, "sdkappid", r.id.App, "reader", r.id.Name, "error", err)
}

// storeWorks notes that the store did what it was asked for.
func (r *reader) storeWorks() {
	if !r.troubled.IsZero() && !r.unsettled {
		r.troubled = time.Time{}
		r.face.trouble(r.troubled)
	}
}
