package feed

import (
	"context"
	"errors"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Bounds are what the log of an App is at one moment.
type Bounds struct {
	// Log is its id.
	Log string
	// Oldest is the number of the first event that the log has not forgotten; Head is the last number. Of an empty log, Oldest is
	// Head + 1.
	Oldest, Head int64
	// Callback is the number of the last callback event, 0 if there never was one.
	Callback int64
}

// Page bounds one read of the log; a page has at least one event when there is one.
type Page struct {
	Events int // at most 1,000
	Bytes  int
}

// Room is a room and the last numbers of its control lane.
type Room struct {
	Doc  live.Room
	Lane eventlog.LaneState
}

// Standing is where a reader stands, as last stored.
type Standing struct {
	// Paused says why the reader sends nothing; empty: it sends.
	Paused eventlog.Reason
	// Held is how many lanes are held, Dead how many dead letters there are.
	Held, Dead int
	// Waiting counts the callback events that are not settled.
	Waiting int
	// Oldest is the first of them and OldestTime its EventTime in milliseconds; 0 when there is none.
	Oldest, OldestTime int64
}

// Count notes one more event that waits; Waiting does not grow above most.
func (s *Standing) Count(seq int64, most int) {
	if s.Oldest == 0 || seq < s.Oldest {
		s.Oldest = seq
	}
	s.Waiting = min(s.Waiting+1, most)
}

// ErrNoLog says that there is no log of an App, because there is no such App.
var ErrNoLog = errors.New("there is no log of the App")

// ErrNoReader says that there is no reader of that name.
var ErrNoReader = errors.New("there is no such reader")

// Log is what the feed needs of a store: committed state only, and each call about one App. Its methods may be called from
// many goroutines.
type Log interface {
	// Bounds are those at one moment; an error that wraps [ErrNoLog] says that there is no such App.
	Bounds(ctx context.Context, app live.AppID) (Bounds, error)
	// EventsAfter returns the events after a number that are not forgotten, in order, and whether the log ends with them: of a
	// full page that may not be known.
	EventsAfter(ctx context.Context, app live.AppID, after int64, page Page) (events []eventlog.Event, end bool, err error)
	// LaneEventsAfter is EventsAfter for the events of one lane, callbacks or not.
	LaneEventsAfter(ctx context.Context, app live.AppID, lane eventlog.Lane, after int64, page Page) (events []eventlog.Event, end bool, err error)
	// RoomsAfter returns the rooms whose ids are above one, in the order of their bytes, at most limit.
	RoomsAfter(ctx context.Context, app live.AppID, after live.RoomID, limit int) ([]Room, error)
	// LastCallbacks returns, for each lane, the RoomSeq of its last callback event: as the room knows it while it is there,
	// else as the log does; 0 when neither does.
	LastCallbacks(ctx context.Context, app live.AppID, lanes []eventlog.Lane) ([]int64, error)
	// Standing returns where a reader stands, with events up to number to, of which it counts at most limit. An error that wraps
	// [ErrNoReader] says that there is no such reader.
	Standing(ctx context.Context, app live.AppID, reader string, to int64, limit int) (Standing, error)
}
