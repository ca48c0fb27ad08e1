package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// memberState is Live.CallbackAfterMemberStateChanged. Spec: callbacks 6.7; it has no operator.
func memberState(room live.RoomID, c live.MembersChanged, at callback.Millis) callback.MemberStateChanged {
	packet := callback.MemberStateChanged{
		CallbackCommand: callback.CommandAfterMemberStateChanged,
		RoomID:          string(room),
		EventType:       callback.Offline,
		EventCause:      string(c.Cause),
		MemberList:      make([]callback.Member, len(c.Accounts)),
		EventTime:       at,
	}
	if c.Online() {
		packet.EventType = callback.Online
	}
	for i, a := range c.Accounts {
		packet.MemberList[i].MemberAccount = callback.Account(a)
	}
	return packet
}
