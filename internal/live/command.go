package live

import "time"

// Actor says who asked for a change and through which door.
type Actor struct {
	// Account is the Operator_Account of the callback: for REST the identifier of the call.
	Account Account
	// ClientIP is the address that the call came from, empty when there is none.
	ClientIP string
	// Platform is the OptPlatform of the callback, for instance PlatformREST.
	Platform string
	// Cause is the RequestId of the call.
	Cause string
	// Key is the idempotency key of the call, empty when it has none: what was done under a key is not done again, see
	// [Answer].
	Key string
}

const (
	// PlatformREST is the OptPlatform of what came by the REST API. Spec: callbacks 1.3.
	PlatformREST = "RESTAPI"
	// SystemAccount is the Operator_Account of what the server did by itself. Spec: callbacks 6.
	SystemAccount Account = "@TIM#SYSTEM"
)

// Command is a wish for a change: a [RoomCommand] or an [AppCommand].
type Command interface {
	// Name is the name of the command in the documented API, for logs, metrics and the audit table.
	Name() string
}

// RoomCommand changes one room, parts of rooms, or parts of the App itself.
type RoomCommand interface {
	Command
	// Names are what the command works on.
	Names() Names
	// Check refuses what is wrong whatever the state is.
	Check() error
	// Apply decides on the committed state of what Names has. It is called after Check said yes and modifies nothing of the
	// state. An error is a refusal: an *Error.
	Apply(s State, by Actor, now time.Time) (Outcome, error)
}

// Outcome is what a [RoomCommand] that was not refused does.
type Outcome struct {
	// Room is the room after the command: the very one of the state when it stays as it is, nil when there is none any more.
	Room *Room
	// Parts are those that changed. The parts of a room that is gone need not be named.
	Parts []PartChange
	// Events report the change, in order.
	Events []Event
	// Reply is what the caller is told.
	Reply Reply
}

// Reply is what a command answers beside that it was done: at most one of its fields is set. It is kept with the command's
// idempotency key, as JSON.
type Reply struct {
	// Statistic of a room that was destroyed.
	Statistic *Statistic `json:",omitempty"`
	// InvalidGifts are the ids that are of no gift.
	InvalidGifts []string `json:",omitempty"`
	// Battle that was started, or whose scores were set.
	Battle *BattleReply `json:",omitempty"`
	// Message that was sent.
	Message *MessageReply `json:",omitempty"`
	// Question of a [Rehearsal], which is never kept.
	Question Question `json:"-"`
}

// Event is one change that has a documented callback.
type Event struct {
	// Room is empty for one of the App itself.
	Room RoomID
	// Roles are those after this change, nil when the room is gone and where the change is in no control lane.
	Roles *Roles
	// Change is what happened.
	Change Change
}

// Roles are the owner and the administrators of a room.
type Roles struct {
	Owner          Account
	Administrators []Account
}

// Change is the closed set of what an [Event] reports.
type Change interface{ change() }

// RoomCreated reports a new room.
type RoomCreated struct{ Room Room }

// RoomDestroyed reports the end of a room, with its last state.
type RoomDestroyed struct {
	Room      Room
	Cause     DestroyCause
	Statistic Statistic
}

// RoomUpdated reports changed attributes, with the room after it.
type RoomUpdated struct{ Room Room }

// OwnerChanged reports a new owner.
type OwnerChanged struct{ Current, Original Account }

// AdministratorsModified reports the accounts whose role really changed, in the order of the request.
type AdministratorsModified struct {
	Accounts []Account
	Op       AdminOp
}

func (RoomCreated) change()            {}
func (RoomDestroyed) change()          {}
func (RoomUpdated) change()            {}
func (OwnerChanged) change()           {}
func (AdministratorsModified) change() {}
