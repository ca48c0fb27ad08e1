package engine_test

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// Who leaves is out of the room and off the seat in one commit, each reported in its lane.
func TestWhoLeavesTheRoomLeavesTheSeatInTheSameCommit(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.start()
	f.do(app1, live.CreateRoom{Room: "r1", Type: live.RoomType, Attributes: withSeats})
	f.do(app1, enter("a"))
	f.do(app1, live.PickOnSeat{Room: "r1", Account: "a", Index: 1})
	before := len(f.log(app1))
	writes := f.store.writes
	f.do(app1, live.LeaveRoom{Room: "r1", Account: "a"})
	f.same("commits", f.store.writes-writes, 1)
	log := f.log(app1)[before:]
	f.same("lanes", lanes(log), []string{"r1", "r1/members"})
	if body := string(log[0].Body); strings.Contains(body, "Member_Account") {
		t.Errorf("after a has left the seats are %s, want nobody on them", body)
	}
	room, err := f.db.Room(f.Context(), app1, "r1")
	f.must(err)
	f.same("seats that are kept", room.Seats, []live.Seat(nil))
}
