package delivery

import (
	"context"
	"errors"
	"time"
)

// ErrNoRedelivery says that a reader is none that could be cancelled: what is sent at first is discarded by a setting of the App.
var ErrNoRedelivery = errors.New("the reader is no redelivery")

// Cancel ends a redelivery, paused or not: what is in flight ends, and nothing more is sent. It returns when that is stored.
// The error is [ErrNoReader] when there is no such reader, and [ErrNoRedelivery] when it is none.
func (d *Dispatcher) Cancel(ctx context.Context, id ReaderID) error {
	return d.ask(ctx, id, ask{cancel: true})
}

// cancel begins the end of a redelivery that somebody asked for.
func (r *reader) cancel(done chan error) {
	if !r.again() {
		done <- ErrNoRedelivery
		return
	}
	r.canceled = true
	r.canceling = append(r.canceling, done)
	r.d.slots.leave(&r.seat)
}

// endCanceled finishes a redelivery that was cancelled, when nothing of it is in flight.
func (r *reader) endCanceled(now time.Time) {
	if r.over { // it ended by itself meanwhile
		for _, done := range r.canceling {
			done <- ErrNoReader
		}
		r.canceling = nil
		return
	}
	if r.window.flying > 0 || r.settling != nil || r.window.finished {
		return
	}
	r.leaveLines()
	r.await(nil)
	r.window.empty(now)
	r.window.finished = true
	r.answers, r.canceling = append(r.answers, r.canceling...), nil
}
