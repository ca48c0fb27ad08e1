package rest

import (
	"context"
	"fmt"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

func roomID(to *live.RoomID) field { return text("RoomId", live.MaxRoomID, to).must() }

func optionalText(name string, limit int64, to **string) field {
	return optional(to, func(s *string) field { return text(name, limit, s) })
}

func optionalFlag(name string, to **bool) field {
	return optional(to, func(b *bool) field { return flag(name, b) })
}

func optionalInteger(name string, least, limit int64, to **int64) field {
	return optional(to, func(n *int64) field { return integer(name, least, limit, n) })
}

// attributeFields are those that can be given at any time. Spec: REST 2.3; the last four are accepted as the vendor's
// console sends the first of them and the rules know the others.
func attributeFields(a *live.Attributes) []field {
	return []field{
		optionalText("RoomName", live.MaxRoomName, &a.Name),
		optionalInteger("MaxMemberCount", 0, live.MaxMembers, &a.MaxMemberCount),
		optionalFlag("IsMessageDisabled", &a.IsMessageDisabled),
		optionalText("CoverURL", live.MaxURL, &a.CoverURL),
		optional(&a.Category, func(list *[]int64) field { return integers("Category", live.MaxCategories, list) }),
		optionalInteger("ActivityStatus", 0, 0, &a.ActivityStatus),
		optionalFlag("IsPublicVisible", &a.IsPublicVisible),
		optionalText("TakeSeatMode", maxWord, &a.TakeSeatMode),
		optionalText("Notice", live.MaxNotice, &a.Notice),
		optionalFlag("IsUnlimitedRoomEnabled", &a.IsUnlimitedRoom),
		optionalFlag("KeepOwnerOnSeat", &a.KeepOwnerOnSeat),
		optionalText("BackgroundURL", live.MaxURL, &a.BackgroundURL),
		optionalText("CustomInfo", live.MaxCustomInfo, &a.CustomInfo),
	}
}

// Spec: REST 2.1. SeatTemplate may be absent, as older callers do not know it.
func createRoomFields(c *live.CreateRoom) []field {
	a := &c.Attributes
	first := []field{
		roomID(&c.Room),
		text("RoomType", maxWord, &c.Type).must(),
		account("Owner_Account", &c.Owner),
		optionalText("SeatTemplate", maxWord, &a.SeatTemplate),
		optionalInteger("SeatLayoutTemplateId", 0, 0, &a.SeatLayoutTemplateID),
		optionalFlag("IsSeatEnabled", &a.IsSeatEnabled),
		optionalInteger("MaxSeatCount", 0, live.MaxSeats, &a.MaxSeatCount),
	}
	return []field{object("RoomInfo", append(first, attributeFields(a)...)...).must()}
}

func createRoomAnswer(_ *Handler, _ *request, c live.CreateRoom, _ live.Outcome) any {
	return liveapi.CreateRoomResponse{RoomID: string(c.Room)}
}

func destroyRoomFields(c *live.DestroyRoom) []field { return []field{roomID(&c.Room)} }

func destroyRoomAnswer(_ *Handler, _ *request, _ live.DestroyRoom, out live.Outcome) any {
	answer := liveapi.DestroyRoomResponse{}
	if s := out.Reply.Statistic; s != nil {
		answer.Statistic = liveapi.Statistic(*s)
	}
	return answer
}

func updateRoomFields(c *live.UpdateRoom) []field {
	fields := append([]field{roomID(&c.Room)}, attributeFields(&c.Attributes)...)
	return []field{object("RoomInfo", fields...).must()}
}

// roomFields are those of calls that ask for one room.
func roomFields(id *live.RoomID) []field { return []field{roomID(id)} }

// room returns a room of the App; the error is a refusal when there is none.
func (h *Handler) room(ctx context.Context, r *request, id live.RoomID) (*live.Room, error) {
	if err := id.Check(); err != nil {
		return nil, err
	}
	room, err := h.rooms.Room(ctx, r.app.ID, id)
	if err != nil {
		return nil, fmt.Errorf("read room %q: %w", id, err)
	}
	if room == nil {
		return nil, live.Refuse(live.RoomNotFound, "there is no room %q; it was never created or is destroyed", id)
	}
	return room, nil
}

// getRoomInfo answers the switches that no call can turn off as on, and times in seconds. OnlineCount is MemberCount, because a
// member is there or is none; Popularity is ViewCount, which only grows. Spec: REST 2.4.
func getRoomInfo(ctx context.Context, h *Handler, r *request, id live.RoomID) (any, error) {
	room, err := h.room(ctx, r, id)
	if err != nil {
		return nil, err
	}
	tally, err := h.tally(ctx, r, id)
	if err != nil {
		return nil, err
	}
	return liveapi.GetRoomInfoResponse{RoomInfo: liveapi.RoomInfo{
		RoomID:                 string(room.ID),
		RoomName:               room.Name,
		RoomType:               live.RoomType,
		OwnerAccount:           string(room.Owner),
		CreateTime:             room.CreateTime,
		IsSeatEnabled:          room.IsSeatEnabled,
		TakeSeatMode:           room.TakeSeatMode,
		MaxSeatCount:           room.MaxSeatCount,
		MaxMemberCount:         room.MaxMemberCount,
		IsMessageDisabled:      room.IsMessageDisabled,
		CoverURL:               room.CoverURL,
		Category:               notNull(room.Category),
		ActivityStatus:         room.ActivityStatus,
		ViewCount:              tally.Views,
		IsPublicVisible:        room.IsPublicVisible,
		Notice:                 room.Notice,
		MemberCount:            tally.Members,
		OnlineCount:            tally.Members,
		Popularity:             tally.Views,
		IsUnlimitedRoomEnabled: room.IsUnlimitedRoom,
		SeatLayoutTemplateID:   room.SeatLayoutTemplateID,
		SeatTemplate:           room.SeatTemplate,
		IsGiftEnabled:          true,
		IsLikeEnabled:          true,
		BackgroundURL:          room.BackgroundURL,

		LifetimeAfterNoUsers:    int64(r.app.Dissolve.EmptyFor().Seconds()),
		LifetimeAfterOwnerLeave: int64(r.app.Dissolve.OwnerLeft.Seconds()),

		KeepOwnerOnSeat: room.KeepOwnerOnSeat,
		CustomInfo:      room.CustomInfo,
	}}, nil
}

// notNull makes an empty list [] in JSON: clients loop over it without a check.
func notNull[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
