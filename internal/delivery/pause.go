package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// ErrStopping is returned when the server stops before a request was stored.
var ErrStopping = errors.New("the server stops")

// ask is a pause that is asked for, or the end of all pauses when why is empty; or the end of a redelivery.
type ask struct {
	why    eventlog.Reason
	cancel bool
	done   chan error // holds one
}

// Pause makes a reader send nothing until [Dispatcher.Resume]; what is in flight ends. It returns when that is stored: it
// outlives a restart. why is for people and not empty. [ErrNoReader]: there is no such reader.
func (d *Dispatcher) Pause(ctx context.Context, id ReaderID, why eventlog.Reason) error {
	if why == "" {
		return errors.New("a pause needs a reason")
	}
	return d.ask(ctx, id, ask{why: why})
}

// Resume ends pauses of a reader, also one that answers of 410 have led to.
func (d *Dispatcher) Resume(ctx context.Context, id ReaderID) error { return d.ask(ctx, id, ask{}) }

// askAgain is how often what was asked for is asked anew when the reader turns out to have been opened elsewhere.
const askAgain = 3

// ask is answered when a settlement has stored it. One that is fenced off has stored nothing: the reader that rests learns only then
// that it was opened elsewhere, or that its log has another id. It opens anew, and is asked once more.
func (d *Dispatcher) ask(ctx context.Context, id ReaderID, a ask) error {
	err := d.askOnce(ctx, id, a)
	for range askAgain {
		if !errors.Is(err, errFenced) {
			break
		}
		err = d.askOnce(ctx, id, a)
	}
	return err
}

func (d *Dispatcher) askOnce(ctx context.Context, id ReaderID, a ask) error {
	a.done = make(chan error, 1)
	if !d.wakeWith(id, func(r *reader) {
		r.asks = append(r.asks, a)
		r.inbox.signal()
	}) {
		return ErrStopping
	}
	select {
	case err := <-a.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// obey does what was asked for.
func (r *reader) obey(now time.Time) {
	for _, a := range r.takeAsks() {
		if a.cancel {
			r.cancel(a.done)
			continue
		}
		r.window.stop(a.why, "", now)
		r.window.moved = true // also when nothing changes: the answer waits for a settlement
		if a.why == "" {
			r.later = time.Time{}
			r.window.hurry(now, r.spread)
			r.reread()
		}
		r.answers = append(r.answers, a.done)
	}
}

func (r *reader) takeAsks() []ask {
	r.d.mu.Lock()
	defer r.d.mu.Unlock()
	asks := r.asks
	r.asks = nil
	return asks
}

// refuse answers what was asked for and will not be done.
func (r *reader) refuse(err error) {
	for _, a := range r.takeAsks() {
		a.done <- err
	}
	for _, done := range append(r.answers, r.canceling...) {
		done <- err
	}
	r.answers, r.canceling = nil, nil
	for _, q := range r.takeQuestions() {
		q.answer <- Glimpse{Resting: true}
	}
}
