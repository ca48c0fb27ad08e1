package feed

import (
	"bytes"
	"context"
	"strconv"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// roomState is a room as a snapshot has it.
type roomState struct {
	RoomID         live.RoomID `json:"RoomId"`
	Owner          live.Account
	Administrators []live.Account
	// RoomSeq is the last number of the control lane, RoomPrev that of its last callback event.
	RoomSeq   int64
	RoomPrev  int64
	RoomState string
}

func newRoomState(room *Room) roomState {
	roles := live.Roles{Owner: room.Doc.Owner, Administrators: room.Doc.Administrators}
	return roomState{
		RoomID: room.Doc.ID, Owner: roles.Owner, Administrators: append([]live.Account{}, roles.Administrators...),
		RoomSeq: room.Lane.Seq, RoomPrev: room.Lane.Callback, RoomState: wire.RoomState(&roles),
	}
}

// roomsAtOnce are read of the store together.
const roomsAtOnce = 64

// snapshot answers with a page of rooms. The position is read before the rooms: a room may have changed since, never the other way
// round, and the feed after the position of the first page makes all pages exact.
func (h *Handler) snapshot(r *request) error {
	limit, err := parseLimit(r.query)
	if err != nil {
		return err
	}
	after, err := parseRoomMark(r.query.Get("after"))
	if err != nil {
		return err
	}
	o, leave, err := h.reader(r)
	if err != nil {
		return err
	}
	defer leave()
	b, err := h.bounds(r)
	if err != nil {
		return err
	}
	list, more, err := h.rooms(r, after, limit)
	if err != nil {
		return err
	}
	o.begin("application/json")
	o.writeString(`{"Log":` + strconv.Quote(b.Log) + `,"Position":"` + Position{b.Log, b.Head}.String() + `","Rooms":[`)
	for first := true; ; first = false {
		o.extend()
		o.write(encodeRooms(list, first))
		if n := len(list); n > 0 {
			after, limit = list[n-1].Doc.ID, limit-n
		}
		if !more || limit == 0 || o.err != nil {
			break
		}
		if list, more, err = h.rooms(r, after, limit); err != nil {
			more = true // the page ends early, and the next goes on
			break
		}
	}
	next := ""
	if more {
		next = roomMark(after)
	}
	o.writeString(`],"Next":"` + next + "\"}\n")
	return nil
}

// rooms returns some of the next rooms, at most limit, and whether there are more.
func (h *Handler) rooms(r *request, after live.RoomID, limit int) (list []Room, more bool, err error) {
	n := min(limit, roomsAtOnce)
	err = h.desk.ask(r.Context(), func(log Log) (err error) {
		list, err = log.RoomsAfter(context.WithoutCancel(r.Context()), r.app.ID, after, n+1)
		return err
	})
	return list[:min(len(list), n)], len(list) > n, err
}

func encodeRooms(list []Room, first bool) []byte {
	var buf bytes.Buffer
	for i := range list {
		if i > 0 || !first {
			buf.WriteByte(',')
		}
		call.Encode(&buf, newRoomState(&list[i]))
	}
	return buf.Bytes()
}

func (h *Handler) bounds(r *request) (b Bounds, err error) {
	err = h.desk.ask(r.Context(), func(log Log) (err error) {
		b, err = log.Bounds(context.WithoutCancel(r.Context()), r.app.ID)
		return err
	})
	return b, err
}
