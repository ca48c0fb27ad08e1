package rest

import (
	"context"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// seatIndex is a number of a seat. Spec: REST 8, where each call has another name for it.
func seatIndex(name string, to *int64) field { return integer(name, 0, live.MaxSeats-1, to).must() }

func seatMember(to *live.Account) field { return account("Member_Account", to).must() }

func pickOnSeatFields(c *live.PickOnSeat) []field {
	return []field{roomID(&c.Room), seatMember(&c.Account), seatIndex("Index", &c.Index)}
}

// kickOffSeatFields take a call without Data: a real client leaves it out.
func kickOffSeatFields(c *live.KickOffSeat) []field {
	return []field{roomID(&c.Room), seatMember(&c.Account), text("Data", live.MaxSeatData, &c.Data)}
}

func lockSeatFields(c *live.LockSeat) []field {
	return []field{
		roomID(&c.Room), seatIndex("Index", &c.Index),
		optionalFlag("ForbidTaken", &c.ForbidTaken), optionalFlag("ForbidVideo", &c.ForbidVideo), optionalFlag("ForbidAudio", &c.ForbidAudio),
	}
}

func moveToSeatFields(c *live.MoveToSeat) []field {
	return []field{
		roomID(&c.Room), seatMember(&c.Account), seatIndex("SeatIndex", &c.Index),
		integer("Policy", int64(live.SeatGiveUp), int64(live.SeatSwap), (*int64)(&c.Policy)).must(),
	}
}

func switchSeatFields(c *live.SwitchSeat) []field {
	return []field{roomID(&c.Room), seatMember(&c.Account), seatIndex("ToIndex", &c.Index)}
}

func getSeatList(ctx context.Context, h *Handler, r *request, id live.RoomID) (any, error) {
	room, err := h.room(ctx, r, id)
	if err != nil {
		return nil, err
	}
	if !room.HasSeats() {
		return nil, live.Refuse(live.RoomWithoutSeats, "room %q has no seats; they are made with the room", id)
	}
	answer := liveapi.GetSeatListResponse{SeatList: []liveapi.Seat{}}
	for _, s := range room.SeatList() {
		answer.SeatList = append(answer.SeatList, liveapi.Seat{
			Index: s.Index, MemberAccount: string(s.Account),
			IsTakenDisabled: s.TakenDisabled, IsVideoDisabled: s.VideoDisabled, IsAudioDisabled: s.AudioDisabled,
		})
	}
	return answer, nil
}
