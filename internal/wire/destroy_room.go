package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// destroyRoom is Live.CallbackAfterDestroyRoom. Spec: callbacks 6.2; RoomInfo as in the printed sample, without RoomId.
func destroyRoom(c live.RoomDestroyed, by callback.Account, at callback.Millis) callback.DestroyRoom {
	r := &c.Room
	statistic := callback.Statistic(c.Statistic)
	return callback.DestroyRoom{
		CallbackCommand: callback.CommandAfterDestroyRoom,
		OperatorAccount: by,
		RoomID:          string(r.ID),
		EventType:       string(c.Cause),
		EventTime:       at,
		RoomInfo: callback.DestroyedRoom{
			RoomName:               r.Name,
			RoomType:               live.RoomType,
			OwnerAccount:           callback.Account(r.Owner),
			IsSeatEnabled:          r.IsSeatEnabled,
			TakeSeatMode:           r.TakeSeatMode,
			MaxMemberCount:         r.MaxMemberCount,
			MaxSeatCount:           r.MaxSeatCount,
			Category:               r.Category,
			CustomInfo:             r.CustomInfo,
			IsMessageDisabled:      r.IsMessageDisabled,
			CoverURL:               r.CoverURL,
			ActivityStatus:         r.ActivityStatus,
			IsPublicVisible:        r.IsPublicVisible,
			ViewCount:              c.Statistic.TotalViewers,
			BackgroundURL:          r.BackgroundURL,
			IsUnlimitedRoomEnabled: r.IsUnlimitedRoom,
		},
		Statistic: &statistic,
	}
}
