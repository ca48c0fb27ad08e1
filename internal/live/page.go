package live

// RoomPage asks for a page of the public rooms of an App, newest first unless Ascending; rooms of one second are in the
// order of their ids, in the same direction.
type RoomPage struct {
	// After is where the page before ended; nil: from the start.
	After     *RoomPosition
	Ascending bool
	// Limit is the most rooms of the page.
	Limit int
}

// RoomPosition is the place of a room in the list.
type RoomPosition struct {
	CreateTime int64 // Unix seconds
	ID         RoomID
}
