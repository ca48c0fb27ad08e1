package operate

import (
	"context"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// Story says what became of an event, and why it has not arrived.
type Story struct {
	Event string
	// State says what became of it, and Because why it waits; empty when it does not.
	State   Outcome
	Because Cause
	// Says is that in words, and Do what a person can do about it; empty: nothing has to be done.
	Says string
	Do   string
	// Also are further things that stand in its way, or that follow.
	Also []string
	// Cloud is what the documented service would have done.
	Cloud string
	// Reader is who delivers it. What follows is empty when the log does not know the event any more.
	Reader    string
	Lane      string
	Command   string
	RoomSeq   int64
	Callback  bool
	Committed *Commit `json:",omitempty"`
	// Behind is the event of the lane that has to be settled first.
	Behind string
	// NextTry is when something is sent next that it waits for, in milliseconds; 0: it does not wait for a time.
	NextTry int64
	// Attempts of all readers, those of one reader together.
	Attempts []DeliveryRow
	// Text is all of it, for a person.
	Text string
}

// Commit is when and by whom a change was made.
type Commit struct {
	// Time is the EventTime in milliseconds.
	Time     int64
	Operator string
	ClientIP string
	// OptPlatform and RequestID are those of the call.
	OptPlatform string
	RequestID   string `json:"RequestId"`
}

// Outcome is what became of an event with a reader.
type Outcome string

// The outcomes.
const (
	IsDelivered  Outcome = "delivered"
	IsWaiting    Outcome = "waiting"
	IsGivenUp    Outcome = "given up"
	IsFailed     Outcome = "failed"
	IsDiscarded  Outcome = "discarded"
	IsNoCallback Outcome = "no callback"
	IsForgotten  Outcome = "forgotten"
	IsUnknown    Outcome = "unknown"
	// IsNotReaders: the reader does not send it, or has ended without an accepted attempt.
	IsNotReaders Outcome = "not sent"
	// IsSettled: how is not known any more.
	IsSettled Outcome = "settled"
)

// Cause is why an event waits.
type Cause string

// The causes, as they are looked for: the first that holds is told.
const (
	BySilence  Cause = "no answer from delivery"
	ByStore    Cause = "store"
	ByPause    Cause = "paused"
	ByGone     Cause = "gone"
	ByNoURL    Cause = "no callback URL"
	ByBreaker  Cause = "breaker open"
	ByRequest  Cause = "asked to wait"
	InFlight   Cause = "in flight"
	ByItself   Cause = "refused"
	ByLane     Cause = "behind in its lane"
	ByCrossing Cause = "lane in use"
	ByUnstored Cause = "not stored yet"
	BySlots    Cause = "no free slot"
	ByHeld     Cause = "held lanes"
	ByWindow   Cause = "window full"
	ByNothing  Cause = "its turn"
)

// lookWithin bounds the wait for a reader's own answer.
const lookWithin = time.Second

// Why says what became of an event with a reader, callback when it is empty.
func (c *Control) Why(ctx context.Context, app live.AppID, reader, event string) (Story, error) {
	id, err := readerID(app, reader)
	if err != nil {
		return Story{}, err
	}
	named, err := ownEvent(app, event)
	if err != nil {
		return Story{}, err
	}
	f := facts{id: named, reader: id.Name, app: c.apps.App(app)}
	if f.app == nil {
		return Story{}, notFound("there is no such App here")
	}
	if err := c.trace(ctx, id, &f); err != nil {
		return Story{}, err
	}
	f.now = c.now()
	return f.story(), nil
}

// trace reads what is stored, asks the reader if the event waits, and reads again: what was settled in between is found settled.
func (c *Control) trace(ctx context.Context, id delivery.ReaderID, f *facts) error {
	read := func() error {
		return c.ask(ctx, func() (err error) {
			f.trace, err = c.query.Trace(ctx, id, f.id.Seq)
			return err
		})
	}
	if err := read(); err != nil {
		return err
	}
	if !f.waits() {
		return nil
	}
	look, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	g, err := c.delivery.Look(look, id, f.trace.Event.Lane, f.id.Seq)
	switch {
	case errors.Is(err, delivery.ErrSilent):
		f.silent = true
	case err != nil:
		return err
	default:
		f.glimpse = g
	}
	return read()
}

// eventID names an event of the same log.
func (f *facts) eventID(seq int64) string { return wire.EventID(f.id.App, f.trace.Log, seq) }
