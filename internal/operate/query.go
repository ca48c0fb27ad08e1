package operate

import (
	"context"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Query is what the package needs of a store. Each call is one short read: no index is there for it alone, so that none has to
// be kept by who delivers, and a page looks at a bounded number of rows instead.
type Query interface {
	// Extent returns what an App's log has; zero when there is no such App.
	Extent(ctx context.Context, app live.AppID) (Extent, error)
	// LastBefore returns the number of the last event whose EventTime is before a time, by bisection: numbers are in the order of
	// time unless the clock was set back. What the log has forgotten is before any time.
	LastBefore(ctx context.Context, app live.AppID, until time.Time) (int64, error)
	// Attempts returns attempts of a reader.
	Attempts(ctx context.Context, app live.AppID, s Search) (Page[Delivery], error)
	// Letters returns dead letters of a reader. State means nothing.
	Letters(ctx context.Context, app live.AppID, s Search) (Page[Letter], error)
	// Trace returns what is stored about the fate of one event with a reader.
	Trace(ctx context.Context, id delivery.ReaderID, seq int64) (Trace, error)
}

// Extent is what an App's log has: the numbers above Floor, up to Head.
type Extent struct {
	// Log is the id; empty when there is no such App.
	Log         string
	Floor, Head int64
}

// Search names rows of a reader, by the number of their event.
type Search struct {
	Reader string
	// From and To are the first and the last number.
	From, To int64
	// Lane and Command are the only ones; empty: all are.
	Lane    eventlog.Lane
	Command string
	// State is that of an attempt; empty: any.
	State State
	// Since and Until limit the time at which an attempt was made, or an event was given up: from Since on, before Until, in
	// milliseconds. Zero: no limit.
	Since, Until time.Time
	// Ascending is the order of the numbers; else the largest comes first.
	Ascending bool
	// After is where the page begins: before the first row in the order, or where the page before ended.
	After Mark
	// Limit is the most rows of the page, 1 to MaxLimit, and Look the most that are looked at.
	Limit, Look int
	// Body: with bodies, of at most Bytes together; a page has at least one row when there is one.
	Body  bool
	Bytes int
}

// Covers tells whether a time is within Since and Until.
func (s *Search) Covers(at time.Time) bool {
	ms := at.UnixMilli()
	return (s.Since.IsZero() || ms >= s.Since.UnixMilli()) && (s.Until.IsZero() || ms < s.Until.UnixMilli())
}

// MaxLimit is the most rows of a page.
const MaxLimit = 1000

// Mark is a place in the order of attempts: right behind attempt Number of event Seq. Dead letters have the Number 0.
type Mark struct {
	Seq    int64
	Number int
}

// Page is a part of what was asked for. It may be short, and empty, although More follows: then as many rows were Looked at as
// may be.
type Page[Row any] struct {
	Rows   []Row
	Looked int
	More   bool
	// Next is where the next page begins.
	Next Mark
}

// State is what became of an attempt.
type State string

// The states. They are stored with the attempt, by the profile that applied to it.
const (
	// Delivered: accepted.
	Delivered State = "delivered"
	// Retried: not accepted, and tried again.
	Retried State = "retried"
	// Failed: not accepted, and not tried again: lost in profile cloud, or given up in profile durable.
	Failed State = "failed"
	// CloudLost: the documented service would have lost the callback.
	CloudLost State = "cloud-lost"
)

// States are all of them.
func States() []State { return []State{Delivered, Retried, Failed, CloudLost} }

// Has tells whether an attempt that counted so, and would have so in the cloud, is in the state; the empty one has all.
func (s State) Has(counted, cloud eventlog.Verdict) bool {
	switch s {
	case Delivered:
		return counted == eventlog.Delivered
	case Retried:
		return counted == eventlog.Retry
	case Failed:
		return counted == eventlog.Failed || counted == eventlog.GivenUp
	case CloudLost:
		return cloud == eventlog.Failed
	}
	return true
}

// Delivery is an attempt, with what the log has of its event.
type Delivery struct {
	eventlog.Attempt
	// Lane and Command are empty when the log has forgotten the event: then a redelivery sent it from its dead letter.
	Lane    eventlog.Lane
	Command string
}

// Letter is a dead letter. Its event has a Body only when that was asked for.
type Letter struct {
	eventlog.Dead
	Event eventlog.Event
}

// Trace is what is stored about the fate of one event. Nothing that comes later in it is older than what comes before.
type Trace struct {
	Extent
	// Event has no Body; nil when neither the log nor a dead letter of the reader has it.
	Event *eventlog.Event
	// Standing is the reader's; nil when there is no such reader.
	Standing *Standing
	// Attempts of the event by the reader and by redeliveries, those of one reader together, the first first: of each the first
	// and the last MaxTries, of redeliveries the last MaxRedeliveries.
	Attempts []Try
	// Dead is set when the event is a dead letter of the reader.
	Dead *eventlog.Dead
	// Redeliveries that name the event, the first first.
	Redeliveries []Redelivery
	// Discarded is the first discard that covered the event's number with the reader; nil: there was none.
	Discarded *Discard
}

// Bounds of a [Trace].
const (
	MaxTries        = 50
	MaxRedeliveries = 20
)

// Standing is where a reader stands, as last stored.
type Standing struct {
	Cursor eventlog.Cursor
	Paused eventlog.Reason
	// Begun is the number after which the reader began: that of an endpoint with its creation, that of the callback when its URL
	// was set last where there was none. 0: with the log.
	Begun int64
	// Lane is the row of the event's lane; nil: it is not held.
	Lane *eventlog.Held
}

// Settled tells whether the reader is done with an event of that lane for good.
func (s *Standing) Settled(seq int64) bool {
	return s.Cursor.Has(seq) && (s.Lane == nil || s.Lane.Next > seq)
}

// Try is an attempt of a reader.
type Try struct {
	Reader string
	eventlog.Attempt
}

// Redelivery is one that was asked for.
type Redelivery struct {
	Reader string
	delivery.Redelivery
	// Finished is when it ended; zero: it has not.
	Finished time.Time
}

// Names tells whether the redelivery sends an event.
func (r *Redelivery) Names(lane eventlog.Lane, seq int64) bool {
	return r.From <= seq && seq <= r.To && (r.Lane == "" || r.Lane == lane)
}

// Latest returns those that send an event where a reader does, the first first: the last [MaxRedeliveries] of them, and the reader
// itself if it is one.
func Latest(list []Redelivery, reader string, lane eventlog.Lane, seq int64) []Redelivery {
	of := reader
	if i := slices.IndexFunc(list, func(r Redelivery) bool { return r.Reader == reader }); i >= 0 {
		of = list[i].Of()
	}
	list = slices.DeleteFunc(list, func(r Redelivery) bool { return !r.Names(lane, seq) || r.Of() != of })
	slices.SortStableFunc(list, func(a, b Redelivery) int { return a.At.Compare(b.At) })
	over := len(list) - MaxRedeliveries
	n := 0
	return slices.DeleteFunc(list, func(r Redelivery) bool {
		n++
		return n <= over && r.Reader != reader
	})
}

// Discard is who did not want callbacks any more.
type Discard struct {
	At      time.Time
	By      live.Account
	Command string
}
