package callback

// SeatInfoChanged is the body of Mic.CallbackAfterSeatInfoChanged: somebody took or left a seat, or a seat was locked or
// unlocked, by a client or by REST. Spec: callbacks, section 6.16.
type SeatInfoChanged struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// RoomID names the room.
	RoomID string `json:"RoomId"`
	// SeatList is not documented to be the whole list or the changed seats. Callboard sends every seat of the room, in order;
	// a receiver that replaces those that are named, and leaves the others, is right with either.
	SeatList []Seat `json:"SeatList"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// Seat is an entry of SeatInfoChanged.SeatList.
type Seat struct {
	// Index counts from 0.
	Index int64 `json:"Index"`
	// MemberAccount is who sits there; the key is left out when nobody does.
	MemberAccount Account `json:"Member_Account,omitempty"`
	// IsTakenDisabled: nobody may sit there.
	IsTakenDisabled bool `json:"IsTakenDisabled"`
	IsVideoDisabled bool `json:"IsVideoDisabled"`
	IsAudioDisabled bool `json:"IsAudioDisabled"`
}
