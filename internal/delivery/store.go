package delivery

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// ReaderID names a cursor over the log of an App.
type ReaderID struct {
	App  live.AppID
	Name string
}

// Position is where a reader starts: its saved cursor and all of its held lanes.
type Position struct {
	// Fence is the right to settle: opening the reader again takes it away from who had it before.
	Fence int64
	// Log is the id of the App's log.
	Log    string
	Cursor eventlog.Cursor
	Held   []eventlog.Held
	// Paused says why the reader sends nothing; empty: it sends.
	Paused eventlog.Reason
	// Skips tells whether the reader has announcements, see [Log.Skips].
	Skips bool
	// Redelivery is what the reader sends again; nil for readers of the callback URL and of endpoints.
	Redelivery *Redelivery
}

// Redelivery asks for callbacks to be sent again, from the log and from dead letters.
type Redelivery struct {
	// Reader is whose callbacks are sent again, to where it sends: [CallbackReader], which an empty one means too, or that
	// of an endpoint.
	Reader string
	// From and To are the first and the last number.
	From, To int64
	// Lane is the only one that is sent; empty: all are.
	Lane eventlog.Lane
	// DeadOnly leaves out what is no dead letter of the reader.
	DeadOnly bool
	// By is who asked for it, and At when, to the millisecond.
	By string
	At time.Time
}

// Of is the reader whose callbacks are sent again.
func (r *Redelivery) Of() string { return cmp.Or(r.Reader, CallbackReader) }

// Settlement is what a reader has done since its last one, stored in one transaction (invariant I2).
type Settlement struct {
	Reader ReaderID
	Fence  int64
	Cursor eventlog.Cursor
	// Paused is stored as it is, like the cursor.
	Paused eventlog.Reason
	// Hold are lanes that are held or whose row changed; Release are lanes that are held no longer.
	Hold     []eventlog.Held
	Release  []eventlog.Lane
	Attempts []eventlog.Attempt
	// Dead become dead letters: the store copies each event from the log. What is a dead letter already stays as it is.
	Dead []eventlog.Dead
	// Revived are numbers whose dead letters of the reader RevivedOf leave, because a redelivery was accepted.
	Revived   []int64
	RevivedOf string
	// Skip are announcements that are new or have grown, at most one of a lane; Told are lanes whose announcement leaves.
	Skip []eventlog.Skip
	Told []eventlog.Lane
	// Finished ends a redelivery: the reader goes with its held lanes and announcements. Its attempts stay.
	Finished bool
	// Durable says that the reader counts on it: it never stores this again. Cursor and pause are stored whole each time, and
	// attempts may be missing; but a held lane or a dead letter that a database forgets in a crash of its own, which this
	// process survives, would be lost.
	Durable bool
	// Promised says that somebody is told that it is stored: it has to survive whatever the process does not, too. What is
	// Promised is Durable.
	Promised bool
}

// Page bounds one read of the log; a page has at least one event when there is one.
type Page struct {
	Events int // at most 1,000
	Bytes  int
}

// ErrNoReader says that there is no reader of that name: it never was, or it was a redelivery and has ended.
var ErrNoReader = errors.New("there is no such reader")

// MaxRedeliveries is the most redeliveries of an App that have not ended: each is a reader with a goroutine.
const MaxRedeliveries = 100

// ErrTooMany says that an App has MaxRedeliveries already.
var ErrTooMany = errors.New("too many redeliveries of the App have not ended")

// LanePart is a lane from one number to another, both included.
type LanePart struct {
	Lane     eventlog.Lane
	From, To int64
}

// Log is what delivery needs of a store. Its methods may be called from many goroutines.
type Log interface {
	// Pending calls yield with the readers that have something to do: events after their cursor, or held lanes.
	Pending(ctx context.Context, yield func(ReaderID) error) error
	// Open fences the reader off from whoever had it, and returns its position. When there is no such reader, or no more, its
	// error wraps [ErrNoReader].
	Open(ctx context.Context, id ReaderID) (Position, error)
	// Read returns the events after a number, in order, and whether the log ends with them: of a full page that may not be known.
	Read(ctx context.Context, app live.AppID, after int64, page Page) (events []eventlog.Event, end bool, err error)
	// ReadLane returns the callback events of a part of a lane, in order.
	ReadLane(ctx context.Context, app live.AppID, part LanePart, page Page) ([]eventlog.Event, error)
	// ReadAgain returns the callback events that a redelivery names, in order, those that only dead letters of its reader have
	// included.
	ReadAgain(ctx context.Context, app live.AppID, r Redelivery, page Page) ([]eventlog.Event, error)
	// Skips returns the announcements of a reader for lanes, at most 1,000 of them.
	Skips(ctx context.Context, id ReaderID, lanes []eventlog.Lane) ([]eventlog.Skip, error)
	// Redeliver stores a redelivery and returns its reader, whose name is new. A To above the last number of the log means
	// that number. It fails when there is no such App, with an error that wraps [ErrNoReader] when the reader whose callbacks they
	// are is not there in the transaction that stores it, and with one that wraps [ErrTooMany] when the App has [MaxRedeliveries]
	// that have not ended. An error after which it may be stored comes with the reader.
	Redeliver(ctx context.Context, app live.AppID, r Redelivery) (ReaderID, error)
	// Settle stores settlements, at most one of a reader, in one transaction. Unless one of them is Promised, it need not survive
	// what the process does not survive either: that repeats callbacks and loses none. Where the database can fall alone, it has to
	// survive that if one of them is Durable. Settle returns the readers that were fenced off; nothing of theirs is stored.
	Settle(ctx context.Context, settlements []Settlement) (fenced []ReaderID, err error)
}

// Retention is what the sweeper needs of a store. Each call is a short transaction, which need not survive a loss of power.
type Retention interface {
	// Aged calls yield with each App whose log begins with an event from before a time, and with the number of the last such
	// event, found by bisection: numbers are in the order of commits, and of time unless the clock was set back.
	Aged(ctx context.Context, before time.Time, yield func(app live.AppID, to int64) error) error
	// Forget removes events of an App's log from its beginning: none above to, none that a reader still needs (a redelivery of
	// dead letters needs none), and at most limit. Their attempts and announcements go too, and the App's floors rise: numbers
	// go on above them. It returns how many events it removed.
	Forget(ctx context.Context, app live.AppID, to int64, limit int) (int, error)
	// ForgetDead removes dead letters: those given up before a time, and of each reader the oldest beyond keep. It removes at
	// most limit of each kind and returns how many of each.
	ForgetDead(ctx context.Context, before time.Time, keep, limit int) (aged, beyond int, err error)
}

// Backlog is what a reader has before it, as last stored.
type Backlog struct {
	Reader ReaderID
	// Oldest is the number of the first event that the reader is not done with; Head is the last of the log.
	Oldest, Head int64
	// Since is the EventTime of Oldest, zero when the log has no event from Oldest on.
	Since time.Time
	// Held is how many lanes are held.
	Held   int
	Paused bool
}

// Backlogs is what the metrics need of a store.
type Backlogs interface {
	// Backlogs calls yield with the readers that have something to do.
	Backlogs(ctx context.Context, yield func(Backlog) error) error
}
