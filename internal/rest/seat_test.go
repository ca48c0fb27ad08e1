package rest

import (
	"testing"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// stage is a world with the room r1 of three seats, in which alice and bob are.
func stage(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"host","SeatTemplate":"Karaoke","MaxSeatCount":3}}`)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"bare","RoomType":"Live","Owner_Account":"host"}}`)
	for _, who := range []live.Account{"alice", "bob"} {
		if _, err := w.engine.Do(t.Context(), testApp, live.Actor{Account: who}, live.EnterRoom{Room: "r1", Account: who}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// seat is one of get_seat_list.
func seat(index, member, taken, video, audio string) string {
	if member != "" {
		member = `"Member_Account":"` + member + `",`
	}
	return `{"Index":` + index + `,` + member + `"IsTakenDisabled":` + taken + `,"IsVideoDisabled":` + video + `,"IsAudioDisabled":` + audio + `}`
}

func TestSeatsAreListedAsTheyAreTakenAndLocked(t *testing.T) {
	w := stage(t)
	const no, yes = "false", "true"
	steps := []struct{ command, body, want string }{
		{"get_seat_list", `{"RoomId":"r1"}`, seat("0", "", no, no, no) + "," + seat("1", "", no, no, no) + "," + seat("2", "", no, no, no)},
		{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"alice","Index":0}`,
			seat("0", "alice", no, no, no) + "," + seat("1", "", no, no, no) + "," + seat("2", "", no, no, no)},
		{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"host","Index":2}`,
			seat("0", "alice", no, no, no) + "," + seat("1", "", no, no, no) + "," + seat("2", "host", no, no, no)},
		{"move_user_to_seat", `{"RoomId":"r1","SeatIndex":2,"Member_Account":"alice","Policy":2}`,
			seat("0", "host", no, no, no) + "," + seat("1", "", no, no, no) + "," + seat("2", "alice", no, no, no)},
		{"switch_seat", `{"RoomId":"r1","ToIndex":1,"Member_Account":"alice"}`,
			seat("0", "host", no, no, no) + "," + seat("1", "alice", no, no, no) + "," + seat("2", "", no, no, no)},
		{"lock_seat", `{"RoomId":"r1","Index":0,"ForbidTaken":true}`,
			seat("0", "", yes, no, no) + "," + seat("1", "alice", no, no, no) + "," + seat("2", "", no, no, no)},
		{"lock_seat", `{"RoomId":"r1","Index":0,"ForbidTaken":false,"ForbidVideo":true,"ForbidAudio":true}`,
			seat("0", "", no, yes, yes) + "," + seat("1", "alice", no, no, no) + "," + seat("2", "", no, no, no)},
		{"move_user_to_seat", `{"RoomId":"r1","SeatIndex":0,"Member_Account":"alice","Policy":0}`,
			seat("0", "alice", no, yes, yes) + "," + seat("1", "", no, no, no) + "," + seat("2", "", no, no, no)},
		{"kick_user_off_seat", `{"RoomId":"r1","Member_Account":"alice"}`,
			seat("0", "", no, yes, yes) + "," + seat("1", "", no, no, no) + "," + seat("2", "", no, no, no)},
	}
	for _, s := range steps {
		if got := w.ok(s.command, s.body); s.command != "get_seat_list" && got != "" {
			t.Errorf("%s answers %s, want no payload", s.command, got)
		}
		w.wants("get_seat_list", `{"RoomId":"r1"}`, `{"SeatList":[`+s.want+`]}`)
	}
}

func TestEveryDocumentedRefusalOfSeats(t *testing.T) {
	w := stage(t)
	w.ok("pick_user_on_seat", `{"RoomId":"r1","Member_Account":"alice","Index":0}`)
	w.ok("lock_seat", `{"RoomId":"r1","Index":2,"ForbidTaken":true}`)
	cases := []struct {
		command, body string
		want          liveapi.Code
	}{
		{"get_seat_list", `{"RoomId":"none"}`, liveapi.CodeRoomNotFound},
		{"get_seat_list", `{"RoomId":"bare"}`, liveapi.CodeRoomWithoutSeats},
		{"pick_user_on_seat", `{"RoomId":"none","Member_Account":"bob","Index":0}`, liveapi.CodeRoomNotFound},
		{"pick_user_on_seat", `{"RoomId":"bare","Member_Account":"host","Index":0}`, liveapi.CodeRoomWithoutSeats},
		{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"nobody","Index":1}`, liveapi.CodeNotMember},
		{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"alice","Index":1}`, liveapi.CodeAlreadySeated},
		{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"bob","Index":0}`, liveapi.CodeSeatTaken},
		{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"bob","Index":2}`, liveapi.CodeSeatLocked},
		{"pick_user_on_seat", `{"RoomId":"r1","Member_Account":"bob","Index":3}`, liveapi.CodeInvalidParameter},
		{"kick_user_off_seat", `{"RoomId":"r1","Member_Account":"bob"}`, liveapi.CodeNotSeated},
		{"kick_user_off_seat", `{"RoomId":"none","Member_Account":"bob"}`, liveapi.CodeRoomNotFound},
		{"lock_seat", `{"RoomId":"bare","Index":0}`, liveapi.CodeRoomWithoutSeats},
		{"move_user_to_seat", `{"RoomId":"r1","SeatIndex":1,"Member_Account":"bob","Policy":0}`, liveapi.CodeNotSeated},
		{"move_user_to_seat", `{"RoomId":"r1","SeatIndex":1,"Member_Account":"nobody","Policy":0}`, liveapi.CodeNotMember},
		{"move_user_to_seat", `{"RoomId":"r1","SeatIndex":2,"Member_Account":"alice","Policy":1}`, liveapi.CodeSeatLocked},
		{"switch_seat", `{"RoomId":"r1","ToIndex":2,"Member_Account":"alice"}`, liveapi.CodeSeatLocked},
		{"switch_seat", `{"RoomId":"r1","ToIndex":1,"Member_Account":"bob"}`, liveapi.CodeNotSeated},
	}
	for _, c := range cases {
		if got := w.call(c.command, c.body); got.ErrorCode != c.want {
			t.Errorf("%s %s: got %d %q, want %d", c.command, c.body, got.ErrorCode, got.ErrorInfo, c.want)
		}
	}
	w.ok("pick_user_on_seat", `{"RoomId":"r1","Member_Account":"bob","Index":1}`)
	if got := w.call("pick_user_on_seat", `{"RoomId":"r1","Member_Account":"host","Index":0}`); got.ErrorCode != liveapi.CodeAllSeatsTaken {
		t.Errorf("no seat is free: got %d %q, want 100205", got.ErrorCode, got.ErrorInfo)
	}
}

func TestWhoLeavesTheRoomLosesTheSeat(t *testing.T) {
	w := stage(t)
	w.ok("pick_user_on_seat", `{"RoomId":"r1","Member_Account":"alice","Index":0}`)
	if _, err := w.engine.Do(t.Context(), testApp, live.Actor{Account: "alice"}, live.LeaveRoom{Room: "r1", Account: "alice"}); err != nil {
		t.Fatal(err)
	}
	w.ok("pick_user_on_seat", `{"RoomId":"r1","Member_Account":"bob","Index":0}`)
}
