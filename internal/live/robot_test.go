package live_test

import (
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func robots(accounts ...live.Account) live.AddRobots {
	return live.AddRobots{Room: r1, Accounts: accounts}
}

func TestRoomHasAtMostThreeRobots(t *testing.T) {
	s := newStage(t)
	s.do(robots("a", "b", "a"), robots("b", "c"))
	same(t, "robots", s.room.Robots, []live.Account{"a", "b", "c"})
	refused(t, s.try(robots("d")), live.InvalidParameter, "4 robots", "at most 3")
	before := s.room
	s.do(robots("c", "a"))
	if s.room != before {
		t.Error("robots that are there already changed the room")
	}
	s.do(live.DeleteRobots{Room: r1, Accounts: []live.Account{"b", "x"}})
	same(t, "robots", s.room.Robots, []live.Account{"a", "c"})
	same(t, "events", s.heard, []live.Change(nil))
}
