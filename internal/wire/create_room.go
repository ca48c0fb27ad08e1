package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// createRoom is Live.CallbackAfterCreateRoom. Spec: callbacks 6.1; EventTime at top level, last.
func createRoom(c live.RoomCreated, by callback.Account, at callback.Millis) callback.CreateRoom {
	r := &c.Room
	return callback.CreateRoom{
		CallbackCommand: callback.CommandAfterCreateRoom,
		OperatorAccount: by,
		RoomInfo: callback.CreatedRoom{
			RoomID:            string(r.ID),
			RoomName:          r.Name,
			RoomType:          live.RoomType,
			OwnerAccount:      callback.Account(r.Owner),
			MaxMemberCount:    r.MaxMemberCount,
			IsMessageDisabled: r.IsMessageDisabled,
			CustomInfo:        r.CustomInfo,
			IsSeatEnabled:     r.IsSeatEnabled,
			TakeSeatMode:      r.TakeSeatMode,
			MaxSeatCount:      r.MaxSeatCount,
			CreateTime:        callback.Seconds(r.CreateTime),
			IsPublicVisible:   r.IsPublicVisible,
			CoverURL:          r.CoverURL,
			Category:          r.Category,
		},
		EventTime: at,
	}
}
