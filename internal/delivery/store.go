package delivery

import (
	"context"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// ReaderID names a cursor over the log of an App.
type ReaderID struct {
	App  live.AppID
	Name string
}

// CallbackReader is the reader that delivers to the documented callback URL. Every App has it from its creation.
const CallbackReader = "callback"

// Position is where a reader starts: its saved cursor and all of its held lanes.
type Position struct {
	// Fence is the right to settle: opening the reader again takes it away from who had it before.
	Fence int64
	// Log is the id of the App's log.
	Log    string
	Cursor eventlog.Cursor
	Held   []eventlog.Held
}

// Settlement is what a reader has done since its last one, stored in one transaction (invariant I2).
type Settlement struct {
	Reader ReaderID
	Fence  int64
	Cursor eventlog.Cursor
	// Hold are lanes that are held or whose row changed; Release are lanes that are held no longer.
	Hold     []eventlog.Held
	Release  []eventlog.Lane
	Attempts []eventlog.Attempt
}

// Page bounds one read of the log; a page has at least one event when there is one.
type Page struct {
	Events int // at most 1,000
	Bytes  int
}

// LanePart is a lane from one number to another, both included.
type LanePart struct {
	Lane     eventlog.Lane
	From, To int64
}

// Log is what delivery needs of a store. Its methods may be called from many goroutines.
type Log interface {
	// Pending calls yield with the readers that have something to do: events after their cursor, or held lanes.
	Pending(ctx context.Context, yield func(ReaderID) error) error
	// Open fences the reader off from whoever had it, and returns its position.
	Open(ctx context.Context, id ReaderID) (Position, error)
	// Read returns the events after a number, in order.
	Read(ctx context.Context, app live.AppID, after int64, page Page) ([]eventlog.Event, error)
	// ReadLane returns the callback events of a part of a lane, in order.
	ReadLane(ctx context.Context, app live.AppID, part LanePart, page Page) ([]eventlog.Event, error)
	// Settle stores settlements, at most one of a reader, in one transaction, which need not survive a loss of power:
	// that repeats callbacks and loses none. It returns the readers that were fenced off; nothing of theirs is stored.
	Settle(ctx context.Context, settlements []Settlement) (fenced []ReaderID, err error)
}
