package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// Glimpse is what a reader does about one event at a moment: what is in memory only.
type Glimpse struct {
	// Resting: it has no goroutine, because it has nothing to do or is paused. Then nothing else is set.
	Resting bool
	// Starting: it has not read its position yet. Then nothing else but StoreFails is set.
	Starting bool
	// StoreFails is since when the store fails it; zero: it does not.
	StoreFails time.Time
	// Gone: it is paused because the App backend answered 410.
	Gone bool
	// BreakerSince is since when one callback at a time is tried, and Probe when the next is; zero: the breaker is closed.
	BreakerSince, Probe time.Time
	// Later is until when the App backend asked to wait; in the past or zero: it did not.
	Later time.Time
	// Read is the last number that was read.
	Read int64
	// InFlight attempts of Allowed.
	InFlight, Allowed int
	// InLine: it waits for one of the slots of all Apps.
	InLine bool
	// HeldLanes of MaxHeld.
	HeldLanes, MaxHeld int
	// Unstored: nothing more is sent until what was done is stored.
	Unstored bool
	// Crowded: nothing more is read until something leaves memory.
	Crowded bool
	// Lane is what it has of the event's lane.
	Lane LaneGlimpse
	// Attempts of the event that are not stored yet, the first first.
	Attempts []eventlog.Attempt
}

// LaneGlimpse is what a reader has of a lane in memory; zero: nothing.
type LaneGlimpse struct {
	// First is the number that is sent next, or is being sent; Sending tells which.
	First   int64
	Sending bool
	// Crossed: another reader is sending of the lane to the same App backend.
	Crossed bool
	// Held is set when the lane is set aside.
	Held *eventlog.Held
}

// ErrSilent says that a reader did not answer in time.
var ErrSilent = errors.New("the reader did not answer in time")

// question is one that a reader answers between two steps.
type question struct {
	lane   eventlog.Lane
	seq    int64
	answer chan Glimpse // holds one
}

// maxQuestions bounds what waits for one reader; beyond, it counts as silent.
const maxQuestions = 16

// Look asks a reader itself what it does about an event: one goroutine owns that state. It starts no reader. An error wraps
// [ErrSilent] when there is no answer before ctx ends.
func (d *Dispatcher) Look(ctx context.Context, id ReaderID, lane eventlog.Lane, seq int64) (Glimpse, error) {
	q := question{lane, seq, make(chan Glimpse, 1)}
	d.mu.Lock()
	r := d.readers[id]
	rests := r == nil || !r.running
	full := !rests && len(r.questions) >= maxQuestions
	if !rests && !full {
		r.questions = append(r.questions, q)
		r.inbox.signal()
	}
	d.mu.Unlock()
	switch {
	case rests:
		return Glimpse{Resting: true}, nil
	case full:
		return Glimpse{}, ErrSilent
	}
	select {
	case g := <-q.answer:
		return g, nil
	case <-ctx.Done():
		return Glimpse{}, errors.Join(ErrSilent, ctx.Err())
	}
}

// reply answers what was asked.
func (r *reader) reply(now time.Time) {
	for _, q := range r.takeQuestions() {
		q.answer <- r.glimpse(q.lane, q.seq, now)
	}
}

func (r *reader) takeQuestions() []question {
	r.d.mu.Lock()
	defer r.d.mu.Unlock()
	questions := r.questions
	r.questions = nil
	return questions
}

func (r *reader) glimpse(name eventlog.Lane, seq int64, now time.Time) Glimpse {
	g := Glimpse{StoreFails: r.troubled}
	if r.window == nil || r.fenced {
		g.Starting = true
		return g
	}
	w := r.window
	g.Gone, g.Later, g.Read = w.gone != "", r.later, w.read
	if w.breaker.Open() {
		g.BreakerSince, g.Probe = w.breaker.Since(), w.breaker.Probe()
	}
	g.InFlight, g.Allowed, g.InLine = w.flying, r.allowed(), r.d.slots.waits(&r.seat)
	g.HeldLanes, g.MaxHeld, g.Unstored = w.held, w.limits.held, w.full()
	g.Crowded = !w.standing() && !(w.room() && r.memory())
	if l := w.lanes[name]; l != nil {
		g.Lane = l.glimpse()
	}
	for _, list := range [][]eventlog.Attempt{r.taken.attempts, w.attempts} {
		for i := range list {
			if list[i].Seq == seq {
				g.Attempts = append(g.Attempts, list[i])
			}
		}
	}
	return g
}

func (l *lane) glimpse() LaneGlimpse {
	g := LaneGlimpse{Sending: l.flying, Crossed: l.parked}
	if l.held != nil {
		h := *l.held
		g.Held, g.First = &h, h.Next
	}
	if len(l.queue) > 0 {
		g.First = l.queue[0].Seq
	}
	return g
}
