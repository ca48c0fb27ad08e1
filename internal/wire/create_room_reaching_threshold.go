package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// roomThreshold is Live.CallbackAfterCreateRoomReachingThreshold. Spec: callbacks 6.6.
func roomThreshold(c live.QuotaReached, by callback.Account, at callback.Millis) callback.RoomThreshold {
	return callback.RoomThreshold{
		CallbackCommand: callback.CommandAfterReachingThreshold,
		OperatorAccount: by,
		EventTime:       at,
		CurRoomCount:    c.Current,
		MaxRoomCount:    c.Most,
	}
}
