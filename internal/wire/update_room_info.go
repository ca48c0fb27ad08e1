package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// updateRoom is Live.CallbackAfterUpdateRoomInfo, with every key of its sample, changed or not. Spec: callbacks 6.3.
func updateRoom(c live.RoomUpdated, by callback.Account, at callback.Millis) callback.UpdateRoomInfo {
	r := &c.Room
	return callback.UpdateRoomInfo{
		CallbackCommand: callback.CommandAfterUpdateRoomInfo,
		OperatorAccount: by,
		RoomInfo: callback.UpdatedRoom{
			RoomID:            string(r.ID),
			RoomName:          r.Name,
			MaxMemberCount:    r.MaxMemberCount,
			IsMessageDisabled: r.IsMessageDisabled,
			CoverURL:          r.CoverURL,
			Category:          r.Category,
			ActivityStatus:    r.ActivityStatus,
			IsPublicVisible:   r.IsPublicVisible,
			TakeSeatMode:      r.TakeSeatMode,
			CustomInfo:        r.CustomInfo,
		},
		EventTime: at,
	}
}
