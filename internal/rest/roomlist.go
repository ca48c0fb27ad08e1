package rest

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// maxNext limits a Next before it is taken apart; the longest that is handed out has 68 bytes.
const maxNext = 128

// roomList is what get_room_list asks for. Spec: REST 2.5.
type roomList struct {
	next      string
	count     int64
	direction string
}

func roomListFields(q *roomList) []field {
	q.count, q.direction = liveapi.MaxRoomCount, liveapi.Descend
	return []field{
		text("Next", maxNext, &q.next).must(),
		integer("Count", 1, liveapi.MaxRoomCount, &q.count),
		text("SortDirection", maxWord, &q.direction),
	}
}

// getRoomList answers the newest room first: the documented order is by ViewCount, which changes while pages are read, so that
// rooms would be on two pages or on none. SortDirection turns the order round.
func getRoomList(ctx context.Context, h *Handler, r *request, q roomList) (any, error) {
	page, err := q.page()
	if err != nil {
		return nil, err
	}
	rooms, err := h.rooms.PublicRooms(ctx, r.app.ID, page)
	if err != nil {
		return nil, fmt.Errorf("list rooms: %w", err)
	}
	answer := liveapi.GetRoomListResponse{RoomList: []liveapi.ListedRoom{}}
	if count := int(q.count); len(rooms) > count {
		rooms = rooms[:count]
		answer.Next = nextAfter(&rooms[count-1])
	}
	ids := make([]live.RoomID, len(rooms))
	for i := range rooms {
		ids[i] = rooms[i].ID
	}
	tallies, err := h.tallies(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for i := range rooms {
		answer.RoomList = append(answer.RoomList, listed(&rooms[i], tallies[i]))
	}
	if err := h.nameOwners(ctx, r.app.ID, answer.RoomList); err != nil {
		return nil, err
	}
	return answer, nil
}

// page asks for one room more than is answered, which tells whether there is a next page.
func (q roomList) page() (live.RoomPage, error) {
	page := live.RoomPage{Limit: int(q.count) + 1, Ascending: q.direction == liveapi.Ascend}
	if !page.Ascending && q.direction != liveapi.Descend {
		return page, live.Refuse(live.InvalidParameter, "SortDirection is not known; use %q or %q", liveapi.Descend, liveapi.Ascend)
	}
	if q.next == "" || q.next == "0" { // the vendor's console begins with "0"
		return page, nil
	}
	after, ok := parseNext(q.next)
	if !ok {
		return page, live.Refuse(live.InvalidParameter, `Next is not one that an answer of get_room_list had; send "" for the first page`)
	}
	page.After = &after
	return page, nil
}

// nextAfter and parseNext are the two sides of Next: <seconds>-<RoomId>, opaque to callers. It names the last room of a
// page and not a number of rooms, so that a page can be asked for again while rooms come and go.
func nextAfter(room *live.Room) string {
	return strconv.FormatInt(room.CreateTime, 10) + "-" + string(room.ID)
}

func parseNext(next string) (live.RoomPosition, bool) {
	seconds, id, _ := strings.Cut(next, "-")
	created, err := strconv.ParseUint(seconds, 10, 63) // unsigned: ParseInt would take a plus sign
	position := live.RoomPosition{CreateTime: int64(created), ID: live.RoomID(id)}
	return position, err == nil && position.ID.Check() == nil
}

func listed(room *live.Room, tally *live.Tally) liveapi.ListedRoom {
	return liveapi.ListedRoom{
		RoomID:                 string(room.ID),
		RoomName:               room.Name,
		OwnerAccount:           string(room.Owner),
		CoverURL:               room.CoverURL,
		Category:               notNull(room.Category),
		CreateTime:             room.CreateTime,
		ActivityStatus:         room.ActivityStatus,
		ViewCount:              tally.Views,
		MemberCount:            tally.Members,
		OnlineCount:            tally.Members,
		Popularity:             tally.Views,
		IsUnlimitedRoomEnabled: room.IsUnlimitedRoom,
		SeatLayoutTemplateID:   room.SeatLayoutTemplateID,
	}
}
