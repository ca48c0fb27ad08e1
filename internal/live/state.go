package live

// State is the committed state that a command has named, together with what its neighbours in the group did to it. What is not
// named is not there.
type State interface {
	// App is the settings of the App, never nil.
	App() *App
	// Room returns nil when there is no such room.
	Room(id RoomID) *Room
	// Part returns nil when there is no such part.
	Part(id PartID) Part
	// Rooms is how many rooms the App has. It is right for a command that names the quota, while the App has one, and as
	// long as it is not above [App.MaxRooms]: nobody counts further than that.
	Rooms() int64
}

// Names are what a command works on.
type Names struct {
	// Room is the one whose state the command changes. Empty: none, the command is about the App itself.
	Room RoomID
	// Create tells that the room may be created.
	Create bool
	// Others are further rooms, which the command reads and whose parts it changes.
	Others []RoomID
	// Parts are those that are read or changed, of rooms that are named or of the App itself.
	Parts []PartID
	// Lanes are those in which the command may report something, beside the control lanes of its rooms.
	Lanes Lanes
	// Quota tells that the command makes rooms. In an App that has [App.MaxRooms], the rooms are counted for it, it may report
	// in the App's lane, and it takes turns with all others that do so; in another App nothing of that is.
	Quota bool
}

// Lanes is a set of the lanes beside a room's control lane.
type Lanes uint8

// The lanes of a room and that of the App. The control lane of a room is no member of any set: 0.
const (
	ControlLane Lanes = 0
	MembersLane Lanes = 1 << iota
	MessagesLane
	AppLane
)

// LaneOf is the lane in which a change is reported.
func LaneOf(c Change) Lanes {
	if l, ok := c.(interface{ lane() Lanes }); ok {
		return l.lane()
	}
	return ControlLane
}
