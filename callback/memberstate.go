package callback

// The values of MemberStateChanged.EventType.
const (
	Online  = "Online"
	Offline = "Offline"
)

// The values of MemberStateChanged.EventCause. Kicked stands on one page only.
const (
	CauseEnter              = "Enter"
	CauseLeave              = "Leave"
	CauseHeartbeatInterrupt = "HeartbeatInterrupt"
	CauseHeartbeatRecover   = "HeartbeatRecover"
	CauseKicked             = "Kicked"
)

// MemberStateChanged is the body of Live.CallbackAfterMemberStateChanged: members came or went, all for one cause. When a room
// is destroyed, nobody in it is reported to have left. Spec: callbacks, section 6.7.
type MemberStateChanged struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// RoomID names the room.
	RoomID string `json:"RoomId"`
	// EventType is Online or Offline.
	EventType string `json:"EventType"`
	// EventCause is why: one of the Cause constants.
	EventCause string `json:"EventCause"`
	// MemberList has 1 to 500 members.
	MemberList []Member `json:"MemberList"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// Member is an entry of MemberStateChanged.MemberList.
type Member struct {
	MemberAccount Account `json:"Member_Account"`
}
