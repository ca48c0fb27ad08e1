package callback

// RoomThreshold is the body of Live.CallbackAfterCreateRoomReachingThreshold: a room was created, and the App has 70 % of the
// rooms that it may have, or more. Spec: callbacks, section 6.6.
type RoomThreshold struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// OperatorAccount is who created the room.
	OperatorAccount Account `json:"Operator_Account"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
	// CurRoomCount is how many rooms the App has, with the new one.
	CurRoomCount int64 `json:"CurRoomCount"`
	// MaxRoomCount is how many it may have.
	MaxRoomCount int64 `json:"MaxRoomCount"`
}
