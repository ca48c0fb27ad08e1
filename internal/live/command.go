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

// RoomCommand changes one room.
type RoomCommand interface {
	Command
	// Target is the room that the command names.
	Target() RoomID
	// Check refuses what is wrong whatever the state is.
	Check() error
	// Apply decides on the committed state; room is nil when there is none. It is called after Check said yes and
	// does not modify room. An error is a refusal: an *Error.
	Apply(room *Room, by Actor, now time.Time) (Outcome, error)
}

// Outcome is what a [RoomCommand] that was not refused does.
type Outcome struct {
	// Room is the state after the command, nil when there is no room any more.
	Room *Room
	// Events report the change, in order. None: nothing changed, and Room is what was passed in.
	Events []Event
	// Statistic of a room that was destroyed, else nil.
	Statistic *Statistic
}

// Event is one change of a room that has a documented callback.
type Event struct {
	Room RoomID
	// Roles are those after this change, nil when the room is gone.
	Roles *Roles
	// Change is one of RoomCreated, RoomDestroyed, RoomUpdated, OwnerChanged, AdministratorsModified.
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
