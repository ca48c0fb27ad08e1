package engine

import (
	"context"
	"errors"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// ErrUnknown is wrapped by the error of a COMMIT whose outcome is not known: what it would have stored may be there,
// whole, or not at all.
var ErrUnknown = errors.New("the outcome of the commit is not known")

// Store is what the engine needs of a store. As many transactions are open at the same time as there are committers, with
// several committers each of another App.
type Store interface {
	// Begin starts a transaction of the one shape, see [Tx]. While the store is away it fails at once.
	Begin(ctx context.Context) (Tx, error)
	// EachApp calls yield with every App. The error of yield ends it.
	EachApp(ctx context.Context, yield func(*live.App) error) error
}

// Tx is a transaction of the one shape that writes rooms and events: Load once, then Commit once or Rollback. It is
// used by one goroutine.
type Tx interface {
	// Load locks the rooms (in the order of their bytes, so that two writers cannot block each other) and returns
	// what the wants name, in their order.
	Load(ctx context.Context, wants []Want) ([]Loaded, error)
	// Commit writes the rooms and settings, numbers and inserts the events, and commits: one round trip where there
	// is a network, because the lock that guards an App's numbers is held until the end of it. It sets Seq and Prev
	// of every event, and DiscardTo of settings whose change asks for it. An error that wraps [ErrUnknown] comes from
	// the COMMIT itself; after any other error nothing is stored. The transaction is over in every case.
	Commit(ctx context.Context, changes []Change) error
	// Rollback ends the transaction without a change. After Commit it does nothing.
	Rollback()
}

// Want names what a group needs of one App. A group holds at most one Want per App.
type Want struct {
	App live.AppID
	// Settings is set when the settings are to be changed, or to be known for certain after a COMMIT of unknown outcome:
	// Load returns them when no other transaction that writes for the App is under way in the store, also none whose
	// connection broke before its outcome was known.
	Settings bool
	// Rooms are distinct and sorted by their bytes; Create tells which of them may be created (same index), so that
	// a store with row locks can put a row there first. The empty id stands for the App itself: it has no room, and is locked
	// as if it had.
	Rooms  []live.RoomID
	Create []bool
	// Parts are distinct; each is of a room among Rooms, or of the App itself.
	Parts []live.PartID
	// Lanes are those beside the control lanes of the rooms, each of a room among Rooms, or of the App itself.
	Lanes []eventlog.Lane
	// Count asks how many rooms the App has: the most that have to be counted; 0: none. The App itself is among Rooms then, so that
	// who counts and creates takes turns with others that do.
	Count int64
}

// Loaded is the committed state that a [Want] names.
type Loaded struct {
	// App is nil when there is no such App.
	App *live.App
	// Rooms has an entry for each room of the Want, same index.
	Rooms []Room
	// Parts are the documents of the Want's parts, same index; nil where there is none. Those of a life before the room's are
	// not there.
	Parts [][]byte
	// Lanes are the last numbers of the Want's lanes, same index: they are in the log, and a lane that the log has forgotten
	// goes on above its floor.
	Lanes []eventlog.LaneState
	// Count is the number of the App's rooms, or the Want's Count if there are more.
	Count int64
}

// Room is a room and the last numbers of its control lane.
type Room struct {
	// Doc is nil when there is no such room.
	Doc *live.Room
	// Lane holds the last numbers, also those of a room that is gone.
	Lane eventlog.LaneState
}

// Change is what a group does to one App.
type Change struct {
	App live.AppID
	// Settings are the new settings, nil when they stay. An App that is new also gets a log, whose id is NewLog. With
	// settings come and go the readers of endpoints, see [live.App.Endpoints]: a new one starts after the last number that
	// was committed before; one that is not named any more goes with its held lanes, announcements and dead letters, and
	// with the redeliveries to it. The attempts that were made stay until the log forgets their events.
	Settings *live.App
	NewLog   string
	// DiscardToHead asks for Settings.DiscardTo to become the last number of the log, the events of the change not included.
	DiscardToHead bool
	// CallbackBegins tells that a callback URL is set where there was none: the store keeps that the callback's reader begins
	// after the same number, for who asks.
	CallbackBegins bool
	// Audit has rows only of a change with Settings.
	Audit []Audit
	// Rooms are those that changed, by id; a nil Doc deletes the room.
	Rooms []RoomChange
	// Parts are those that changed, each once, and only such that Load was asked for.
	Parts []PartChange
	// Gone are lives of rooms that ended: their parts are not there any more. A store may sweep them away later.
	Gone []Life
	// Events in their order; Seq and Prev are set by Commit.
	Events []eventlog.Event
}

// RoomChange is the new state of one room.
type RoomChange struct {
	ID   live.RoomID
	Room Room
}

// PartChange is the new document of a part.
type PartChange struct {
	ID live.PartID
	// Life is that of the room to which the part belongs, 0 for the App itself.
	Life int64
	// Doc is nil when the part is to be gone.
	Doc []byte
	// Due is when the server has to look at the part, in Unix milliseconds; 0: never.
	Due int64
}

// Life is one life of a room, see [live.Room].
type Life struct {
	Room live.RoomID
	Life int64
}

// Audit records who changed which settings. It names settings and never holds their values.
type Audit struct {
	At      time.Time
	By      live.Actor
	Command string
	Changed []string
	// Discarded is what nobody wants any more by the change; nil: nothing.
	Discarded *Discarded
}

// Discarded names the callbacks that waited for an endpoint, for the callback URL when it is empty, up to the number To. With
// To 0 it is that of [Change.DiscardToHead], which the store puts there.
type Discarded struct {
	Endpoint string
	To       int64
}

// Reader is handed the events of an App after their COMMIT. It must not block. It is called for one App by one goroutine at
// a time, for different Apps by several.
type Reader interface {
	// HandOver gets the events in the order of their numbers; they are not changed any more, by nobody. None at all: there
	// may be events that nobody was handed, because the outcome of their COMMIT was unknown; the log has to be read.
	HandOver(app live.AppID, events []eventlog.Event)
	// SettingsChanged tells that Engine.App returns new settings.
	SettingsChanged(app live.AppID)
}

// Renewal gives logs other ids, after which their numbers go on. It is for when commits may be lost that somebody was told of: then
// a number of the log could mean two events.
type Renewal interface {
	// NewLog sets the id of an App's log, raises the fences of its readers, so that whoever has them opens them anew and learns
	// of it, and writes the audit row, in one transaction. It returns the id before, which is empty when there is no such App.
	NewLog(ctx context.Context, app live.AppID, id string, by Audit) (before string, err error)
}
