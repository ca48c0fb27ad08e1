package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// seatInfo is Mic.CallbackAfterSeatInfoChanged. Spec: callbacks 6.16; it has no operator.
func seatInfo(room live.RoomID, c live.SeatsChanged, at callback.Millis) callback.SeatInfoChanged {
	packet := callback.SeatInfoChanged{
		CallbackCommand: callback.CommandAfterSeatInfoChanged,
		RoomID:          string(room),
		SeatList:        make([]callback.Seat, len(c.Seats)),
		EventTime:       at,
	}
	for i, s := range c.Seats {
		packet.SeatList[i] = callback.Seat{
			Index:           s.Index,
			MemberAccount:   callback.Account(s.Account),
			IsTakenDisabled: s.TakenDisabled,
			IsVideoDisabled: s.VideoDisabled,
			IsAudioDisabled: s.AudioDisabled,
		}
	}
	return packet
}
