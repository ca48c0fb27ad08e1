package engine_test

import (
	"context"
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// modelSeats are how many seats rooms of the model have.
const modelSeats = 2

// withSeats are the attributes of rooms of the model.
var withSeats = live.Attributes{IsSeatEnabled: new(true), MaxSeatCount: new(int64(modelSeats))}

// modelSeat is who sits on a seat, and whether nobody may.
type modelSeat struct {
	by     live.Account
	locked bool
}

func (m *machine) seats(id live.RoomID) *[modelSeats]modelSeat {
	if m.seated[id] == nil {
		m.seated[id] = &[modelSeats]modelSeat{}
	}
	return m.seated[id]
}

// sit is about the owner and robots, who need not have entered, and members.
func (m *machine) sit(t *rapid.T) {
	id, who, index := roomIDs.Draw(t, "room"), accounts.Draw(t, "who"), rapid.Int64Range(0, modelSeats-1).Draw(t, "seat")
	c := live.PickOnSeat{Room: id, Account: who, Index: index}
	r := m.rooms[id]
	if r == nil {
		m.run(c, live.RoomNotFound)
		return
	}
	sits, free := false, false
	for _, s := range m.seats(id) {
		sits = sits || s.by == who
		free = free || s == modelSeat{}
	}
	seat := &m.seats(id)[index]
	switch {
	case r.owner != who && !r.members[who] && !slices.Contains(r.robots, who):
		m.run(c, live.NotMember)
	case sits:
		m.run(c, live.AlreadySeated)
	case seat.locked:
		m.run(c, live.SeatLocked)
	case seat.by != "" && free:
		m.run(c, live.SeatTaken)
	case seat.by != "":
		m.run(c, live.AllSeatsTaken)
	default:
		m.run(c, 0)
		seat.by = who
		m.expect(id, callback.CommandAfterSeatInfoChanged)
	}
}

// stand takes accounts that are taken out of the room from their seats.
func (m *machine) stand(id live.RoomID, accounts ...live.Account) {
	left := false
	for i := range m.seats(id) {
		if s := &m.seats(id)[i]; s.by != "" && slices.Contains(accounts, s.by) {
			s.by, left = "", true
		}
	}
	if left {
		m.expect(id, callback.CommandAfterSeatInfoChanged)
	}
}

func (m *machine) lockSeat(t *rapid.T) {
	id, index, lock := roomIDs.Draw(t, "room"), rapid.Int64Range(0, modelSeats-1).Draw(t, "seat"), rapid.Bool().Draw(t, "lock")
	c := live.LockSeat{Room: id, Index: index, ForbidTaken: &lock}
	if m.rooms[id] == nil {
		m.run(c, live.RoomNotFound)
		return
	}
	m.run(c, 0)
	if seat := &m.seats(id)[index]; seat.locked != lock {
		seat.locked = lock
		if lock {
			seat.by = ""
		}
		m.expect(id, callback.CommandAfterSeatInfoChanged)
	}
}

func (m *machine) checkSeats(id live.RoomID) {
	room, err := m.f.db.Room(context.Background(), m.app, id)
	if err != nil {
		m.Fatal(err)
	}
	if room == nil {
		return
	}
	var got [modelSeats]modelSeat
	for i, s := range room.SeatList() {
		got[i] = modelSeat{s.Account, s.TakenDisabled}
	}
	if want := *m.seats(id); got != want {
		m.Fatalf("the seats of room %s are %+v, want %s", id, got, fmt.Sprintf("%+v", want))
	}
}
