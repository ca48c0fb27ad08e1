package live_test

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

// seatArena is r1 with four seats: a sits on the first, nobody on the second, the third is locked, b sits on the last, without
// sound. a and c are members, b is a robot.
func seatArena(t *testing.T) *arena {
	room := roomOf()
	room.MaxSeatCount = 4
	room.Robots = spare([]live.Account{"robot", "b"})
	room.Seats = spare([]live.Seat{{Account: "a"}, {Index: 2, TakenDisabled: true}, {Index: 3, Account: "b", AudioDisabled: true}})
	a := newArena(t, room)
	for _, m := range []live.Account{"a", "c"} {
		a.parts[live.MemberOf(r1, m)] = &live.Member{}
	}
	return a
}

// seats are those of a room, each as who sits there and what is forbidden: T to sit, V pictures, A sound.
func seats(list []live.Seat) string {
	var words []string
	for _, s := range list {
		word := string(s.Account) + ":"
		for _, f := range []struct {
			is   bool
			text string
		}{{s.TakenDisabled, "T"}, {s.VideoDisabled, "V"}, {s.AudioDisabled, "A"}} {
			if f.is {
				word += f.text
			}
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func pick(a live.Account, index int64) live.PickOnSeat {
	return live.PickOnSeat{Room: r1, Account: a, Index: index}
}

func move(a live.Account, index int64, p live.SeatPolicy) live.MoveToSeat {
	return live.MoveToSeat{Room: r1, Account: a, Index: index, Policy: p}
}

// An owner counts as in the room, and keeps the seat when another one becomes the owner.
func TestWhoWasTheOwnerCanBeMovedFromTheSeat(t *testing.T) {
	for _, c := range []live.RoomCommand{move("owner", 0, live.SeatSwap), live.SwitchSeat{Room: r1, Account: "owner", Index: 0}} {
		a := seatArena(t)
		a.do(pick("owner", 1))
		a.do(live.KickOffSeat{Room: r1, Account: "a"})
		a.do(live.ChangeOwner{Room: r1, NewOwner: "c"})
		a.do(c)
		same(t, "seats after "+c.Name(), seats(a.rooms[r1].SeatList()), "owner: : :T b:A")
	}
}

func TestSeatsAreTakenLeftAndLocked(t *testing.T) {
	yes, no := new(true), new(false)
	cases := []struct {
		name    string
		command live.RoomCommand
		want    string // empty: nothing changes
	}{
		{"a member is picked", pick("c", 1), "a: c: :T b:A"},
		{"the owner is picked, who is always in the room", pick("owner", 1), "a: owner: :T b:A"},
		{"a robot is picked, who is in the room too", pick("robot", 1), "a: robot: :T b:A"},
		{"a robot that is taken away loses the seat", live.DeleteRobots{Room: r1, Accounts: []live.Account{"b", "robot", "b"}}, "a: : :T :A"},
		{"somebody is kicked", live.KickOffSeat{Room: r1, Account: "a", Data: "x"}, ": : :T b:A"},
		{"what is forbidden stays", live.KickOffSeat{Room: r1, Account: "b"}, "a: : :T :A"},
		{"a seat is locked", live.LockSeat{Room: r1, Index: 1, ForbidTaken: yes}, "a: :T :T b:A"},
		{"who sits on a seat that is locked loses it", live.LockSeat{Room: r1, Index: 3, ForbidTaken: yes}, "a: : :T :TA"},
		{"who sits on a seat without a picture stays", live.LockSeat{Room: r1, Index: 0, ForbidVideo: yes, ForbidAudio: yes}, "a:VA : :T b:A"},
		{"a seat is unlocked", live.LockSeat{Room: r1, Index: 2, ForbidTaken: no}, "a: : : b:A"},
		{"what is not named stays", live.LockSeat{Room: r1, Index: 3, ForbidVideo: yes}, "a: : :T b:VA"},
		{"nothing is named", live.LockSeat{Room: r1, Index: 3}, ""},
		{"it is so already", live.LockSeat{Room: r1, Index: 3, ForbidAudio: yes, ForbidVideo: no}, ""},
		{"a move to a free seat", move("a", 1, live.SeatGiveUp), ": a: :T b:A"},
		{"a move to a free seat by force", move("a", 1, live.SeatForce), ": a: :T b:A"},
		{"a swap with nobody", move("a", 1, live.SeatSwap), ": a: :T b:A"},
		{"a move by force", move("a", 3, live.SeatForce), ": : :T a:A"},
		{"a swap", move("a", 3, live.SeatSwap), "b: : :T a:A"},
		{"a move to the own seat", move("a", 0, live.SeatGiveUp), ""},
		{"a switch", live.SwitchSeat{Room: r1, Account: "b", Index: 1}, "a: b: :T :A"},
		{"a switch to the own seat", live.SwitchSeat{Room: r1, Account: "b", Index: 3}, ""},
		{"who leaves loses the seat", live.LeaveRoom{Room: r1, Account: "a"}, ": : :T b:A"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			a := seatArena(t)
			before := a.rooms[r1]
			out := applied(a, c.command)
			if c.want == "" {
				if out.Room != before || len(a.heard()) != 0 {
					t.Errorf("the room changed to %q", seats(out.Room.SeatList()))
				}
				return
			}
			same(t, "seats", seats(out.Room.SeatList()), c.want)
			told, ok := a.heard()[0].(live.SeatsChanged)
			if !ok {
				t.Fatal("the first event is not of seats")
			}
			same(t, "seats in the event", seats(told.Seats), c.want)
			for _, s := range out.Room.Seats {
				if s == (live.Seat{Index: s.Index}) {
					t.Errorf("seat %d is kept, and there is nothing to say about it", s.Index)
				}
			}
		})
	}
}

// applied applies a command and holds that it does not modify the room that it was given.
func applied(a *arena, c live.RoomCommand) live.Outcome {
	a.Helper()
	room := a.rooms[r1]
	before := deepCopy(room)
	out := a.do(c)
	same(a.T, "the room that was passed in", whole(room), whole(before))
	return out
}

func TestSeatCallsAreRefused(t *testing.T) {
	yes := new(true)
	cases := []struct {
		name    string
		command live.RoomCommand
		kind    live.Kind
		says    string
	}{
		{"pick, not in the room", pick("x", 1), live.NotMember, `"x"`},
		{"pick, has a seat", pick("a", 1), live.AlreadySeated, "seat 0"},
		{"pick, has that seat", pick("a", 0), live.AlreadySeated, "seat 0"},
		{"pick, taken", pick("c", 0), live.SeatTaken, "seat 0"},
		{"pick, locked", pick("c", 2), live.SeatLocked, "seat 2"},
		{"pick, no such seat", pick("c", 4), live.InvalidParameter, "0 to 3"},
		{"pick, no such seat anywhere", pick("c", live.MaxSeats), live.InvalidParameter, "0 to 49"},
		{"pick, below 0", pick("c", -1), live.InvalidParameter, "Index"},
		{"pick, nobody", pick("", 1), live.InvalidParameter, "Member_Account"},
		{"kick, has no seat", live.KickOffSeat{Room: r1, Account: "c"}, live.NotSeated, `"c"`},
		{"kick, too much to say", live.KickOffSeat{Room: r1, Account: "a", Data: strings.Repeat("x", 1001)}, live.InvalidParameter, "Data"},
		{"lock, no such seat", live.LockSeat{Room: r1, Index: 4, ForbidTaken: yes}, live.InvalidParameter, "0 to 3"},
		{"move, not in the room", move("x", 1, 0), live.NotMember, `"x"`},
		{"move, has no seat", move("c", 1, 0), live.NotSeated, `"c"`},
		{"move, taken", move("a", 3, live.SeatGiveUp), live.SeatTaken, "seat 3"},
		{"move, locked", move("a", 2, live.SeatGiveUp), live.SeatLocked, "SeatIndex"},
		{"move by force, locked", move("a", 2, live.SeatForce), live.SeatLocked, "seat 2"},
		{"swap, locked", move("a", 2, live.SeatSwap), live.SeatLocked, "seat 2"},
		{"move, unknown policy", move("a", 1, 3), live.InvalidParameter, "Policy"},
		{"move, no such seat", move("a", 4, 0), live.InvalidParameter, "SeatIndex"},
		{"switch, not in the room", live.SwitchSeat{Room: r1, Account: "x", Index: 1}, live.NotMember, `"x"`},
		{"switch, has no seat", live.SwitchSeat{Room: r1, Account: "c", Index: 1}, live.NotSeated, `"c"`},
		{"switch, taken", live.SwitchSeat{Room: r1, Account: "a", Index: 3}, live.SeatTaken, "ToIndex"},
		{"switch, locked", live.SwitchSeat{Room: r1, Account: "a", Index: 2}, live.SeatLocked, "seat 2"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { seatArena(t).refuses(c.command, c.kind, c.says) })
	}
	all := []live.RoomCommand{
		pick("a", 0), live.KickOffSeat{Room: r1, Account: "a"}, live.LockSeat{Room: r1}, move("a", 0, 0), live.SwitchSeat{Room: r1, Account: "a"},
	}
	for _, c := range all {
		t.Run(c.Name(), func(t *testing.T) {
			newArena(t).refuses(c, live.RoomNotFound, `"r1"`)
			a := seatArena(t)
			bare := *a.rooms[r1]
			bare.IsSeatEnabled = false
			a.rooms[r1] = &bare
			a.refuses(c, live.RoomWithoutSeats, "no seats")
		})
	}
}

func TestPickOnATakenSeatOfARoomWithoutAFreeOneSaysSo(t *testing.T) {
	a := seatArena(t)
	a.do(pick("owner", 1))
	a.refuses(pick("c", 0), live.AllSeatsTaken, "no free seat")
	a.refuses(pick("c", 2), live.SeatLocked)
}

// A robot that is a member too, or the owner, is in the room still.
func TestRobotThatIsInTheRoomOtherwiseKeepsItsSeat(t *testing.T) {
	for _, who := range []live.Account{"a", "owner"} {
		a := seatArena(t)
		a.rooms[r1].Robots = []live.Account{who}
		if who == "owner" {
			a.do(pick("owner", 1))
		}
		a.heard()
		out := a.do(live.DeleteRobots{Room: r1, Accounts: []live.Account{who}})
		if len(a.heard()) != 0 || !strings.Contains(seats(out.Room.SeatList()), string(who)) {
			t.Errorf("the seats are %s, want %s on one of them", seats(out.Room.SeatList()), who)
		}
	}
}

func TestWhoIsNotInTheRoomDoesNotLeaveASeat(t *testing.T) {
	a := seatArena(t)
	before := a.rooms[r1]
	if out := a.do(live.LeaveRoom{Room: r1, Account: "x"}); out.Room != before || len(a.heard()) != 0 {
		t.Error("something changed")
	}
	if out := a.do(live.LeaveRoom{Room: r1, Account: "c"}); out.Room != before {
		t.Error("the room was written though nobody left a seat")
	}
}
