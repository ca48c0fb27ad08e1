package liveapi

import "context"

// GetSeatListRequest is the body of get_seat_list. Spec: REST 8.
type GetSeatListRequest struct {
	RoomID string `json:"RoomId"`
}

// GetSeatListResponse is the payload of get_seat_list. Spec: REST 8.
type GetSeatListResponse struct {
	// SeatList has every seat of the room, in order.
	SeatList []Seat `json:"SeatList"`
}

// Seat is a seat of a room. Its flags are set by the Forbid fields of lock_seat.
type Seat struct {
	// Index counts from 0.
	Index int64 `json:"Index"`
	// MemberAccount is who sits there; the key is left out when nobody does.
	MemberAccount string `json:"Member_Account,omitempty"`
	// IsTakenDisabled: nobody may sit there.
	IsTakenDisabled bool `json:"IsTakenDisabled"`
	IsVideoDisabled bool `json:"IsVideoDisabled"`
	IsAudioDisabled bool `json:"IsAudioDisabled"`
}

// GetSeatList returns the seats of a room; [CodeRoomWithoutSeats] when it has none.
func (c *Client) GetSeatList(ctx context.Context, roomID string) ([]Seat, error) {
	var answer GetSeatListResponse
	err := c.call(ctx, ServiceSeat, "get_seat_list", GetSeatListRequest{RoomID: roomID}, &answer)
	return answer.SeatList, err
}

// PickUserOnSeatRequest is the body of pick_user_on_seat. Spec: REST 8.
type PickUserOnSeatRequest struct {
	RoomID        string `json:"RoomId"`
	MemberAccount string `json:"Member_Account"`
	Index         int64  `json:"Index"`
}

// PickUserOnSeat puts a member of a room, or its owner, on a free seat. [CodeNotMember], [CodeAlreadySeated], [CodeSeatLocked] and
// [CodeSeatTaken] say what is in the way; [CodeAllSeatsTaken] that no other seat is free either.
func (c *Client) PickUserOnSeat(ctx context.Context, roomID, member string, index int64) error {
	request := PickUserOnSeatRequest{RoomID: roomID, MemberAccount: member, Index: index}
	return c.call(ctx, ServiceSeat, "pick_user_on_seat", request, nil)
}

// KickUserOffSeatRequest is the body of kick_user_off_seat. Spec: REST 8.
type KickUserOffSeatRequest struct {
	RoomID        string `json:"RoomId"`
	MemberAccount string `json:"Member_Account"`
	// Data is a text for who is taken off, at most 1,000 bytes.
	Data string `json:"Data"`
}

// KickUserOffSeat takes somebody off a seat; [CodeNotSeated] when they have none.
func (c *Client) KickUserOffSeat(ctx context.Context, roomID, member, data string) error {
	request := KickUserOffSeatRequest{RoomID: roomID, MemberAccount: member, Data: data}
	return c.call(ctx, ServiceSeat, "kick_user_off_seat", request, nil)
}

// LockSeatRequest is the body of lock_seat. What is nil stays as it is. Spec: REST 8.
type LockSeatRequest struct {
	RoomID string `json:"RoomId"`
	Index  int64  `json:"Index"`
	// ForbidTaken: nobody may sit there, and who does loses the seat.
	ForbidTaken *bool `json:"ForbidTaken,omitempty"`
	ForbidVideo *bool `json:"ForbidVideo,omitempty"`
	ForbidAudio *bool `json:"ForbidAudio,omitempty"`
}

// LockSeat changes what is allowed on a seat.
func (c *Client) LockSeat(ctx context.Context, request LockSeatRequest) error {
	return c.call(ctx, ServiceSeat, "lock_seat", request, nil)
}

// The values of MoveUserToSeatRequest.Policy.
const (
	SeatGiveUp = 0 // nobody is moved when somebody sits there
	SeatForce  = 1 // who sits there loses the seat
	SeatSwap   = 2 // who sits there gets the other seat
)

// MoveUserToSeatRequest is the body of move_user_to_seat. Spec: REST 8.
type MoveUserToSeatRequest struct {
	RoomID        string `json:"RoomId"`
	SeatIndex     int64  `json:"SeatIndex"`
	MemberAccount string `json:"Member_Account"`
	// Policy is SeatGiveUp, SeatForce or SeatSwap.
	Policy int64 `json:"Policy"`
}

// MoveUserToSeat moves somebody who has a seat to another one; [CodeNotSeated] when they have none.
func (c *Client) MoveUserToSeat(ctx context.Context, request MoveUserToSeatRequest) error {
	return c.call(ctx, ServiceSeat, "move_user_to_seat", request, nil)
}

// SwitchSeatRequest is the body of switch_seat. Spec: REST 8.
type SwitchSeatRequest struct {
	RoomID        string `json:"RoomId"`
	ToIndex       int64  `json:"ToIndex"`
	MemberAccount string `json:"Member_Account"`
}

// SwitchSeat moves somebody who has a seat to a free one: the older call for it.
func (c *Client) SwitchSeat(ctx context.Context, roomID, member string, toIndex int64) error {
	request := SwitchSeatRequest{RoomID: roomID, ToIndex: toIndex, MemberAccount: member}
	return c.call(ctx, ServiceSeat, "switch_seat", request, nil)
}
