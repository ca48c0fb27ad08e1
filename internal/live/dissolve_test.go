package live_test

import (
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
)

// look is what the timer does: the command of the vacancy. It tells whether the room is gone.
func (s *stage) look() bool {
	s.Helper()
	s.do(live.OnDue(live.VacancyOf(r1)))
	return s.room == nil
}

// dueIn is when the vacancy is due, from now; 0: never.
func (s *stage) dueIn() time.Duration {
	at, ok := s.due[live.VacancyOf(r1)]
	if !ok {
		return 0
	}
	return at.Sub(s.now)
}

func TestRoomThatIsEmptyIsDissolved(t *testing.T) {
	s := newStage(t)
	s.app.Dissolve.Empty = 20 * time.Minute
	same(t, "due before anybody entered", s.dueIn(), time.Duration(0))
	s.enter("a", "b")
	s.leave("a")
	same(t, "due with somebody in it", s.dueIn(), time.Duration(0))
	s.do(ban(9, "b"))
	same(t, "due", s.dueIn(), 20*time.Minute)
	s.later(19 * time.Minute)
	if s.look() {
		t.Fatal("it went before its time")
	}
	same(t, "due after it was looked at", s.dueIn(), time.Minute)
	s.leave("a") // who is not there changes nothing
	s.later(time.Minute)
	if !s.look() {
		t.Fatal("the room stays")
	}
	want := live.RoomDestroyed{Room: *roomOf(), Cause: live.DestroyBySystem, Statistic: live.Statistic{TotalViewers: 2}}
	same(t, "event", s.heard, []live.Change{want})
	s.look()
	same(t, "events when it is gone", s.heard, []live.Change(nil))
}

func TestWhoComesBackKeepsTheRoom(t *testing.T) {
	s := newStage(t)
	s.enter("a")
	s.leave("a")
	same(t, "due by default", s.dueIn(), 30*time.Minute)
	s.later(30*time.Minute - time.Millisecond)
	s.enter("b")
	same(t, "due", s.dueIn(), time.Duration(0))
	s.later(time.Hour)
	if s.look() {
		t.Fatal("a room with somebody in it is gone")
	}
	s.leave("b")
	same(t, "due again", s.dueIn(), 30*time.Minute)
}

func TestRobotKeepsAnEmptyRoom(t *testing.T) {
	s := newStage(t)
	s.enter("a")
	s.leave("a")
	s.do(robots("bot", "bot2"))
	s.later(time.Hour)
	for range 2 {
		if s.look() {
			t.Fatal("a room with robots is gone")
		}
	}
	same(t, "due", s.dueIn(), time.Duration(0))
	s.do(live.DeleteRobots{Room: r1, Accounts: []live.Account{"bot"}})
	same(t, "due with one robot", s.dueIn(), time.Duration(0))
	s.later(time.Hour)
	s.do(live.DeleteRobots{Room: r1, Accounts: []live.Account{"bot2"}})
	same(t, "due without robots", s.dueIn(), 30*time.Minute)
	s.do(live.DeleteRobots{Room: r1, Accounts: []live.Account{"bot2"}})
	same(t, "due", s.dueIn(), 30*time.Minute)
	s.later(30 * time.Minute)
	if !s.look() {
		t.Fatal("the room stays")
	}
}

func TestRoomWhoseOwnerLeftIsDissolvedWhereItIsSwitchedOn(t *testing.T) {
	const after = 10 * time.Minute
	for _, c := range []struct {
		name string
		rule time.Duration
		then func(*stage)
		gone bool
	}{
		{"off", 0, func(*stage) {}, false},
		{"on", after, func(*stage) {}, true},
		{"came back", after, func(s *stage) { s.enter("owner") }, false},
		{"came back and left again", after, func(s *stage) { s.enter("owner"); s.later(time.Minute); s.leave("owner") }, false},
		{"another owner", after, func(s *stage) { s.do(live.ChangeOwner{Room: r1, NewOwner: "a"}) }, false},
		{"another owner, and the first one again", after, func(s *stage) {
			s.do(live.ChangeOwner{Room: r1, NewOwner: "a"})
			s.later(after - time.Minute)
			s.do(live.ChangeOwner{Room: r1, NewOwner: "owner"})
		}, false},
		{"somebody else came", after, func(s *stage) { s.enter("b") }, true},
		{"the owner is a robot", after, func(s *stage) { s.do(robots("owner")) }, false},
		{"another robot", after, func(s *stage) { s.do(robots("bot")) }, true},
		{"a robot no more", after, func(s *stage) {
			s.do(robots("owner"))
			s.later(time.Minute)
			s.do(live.DeleteRobots{Room: r1, Accounts: []live.Account{"owner"}})
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStage(t)
			s.app.Dissolve.OwnerLeft = c.rule
			s.enter("owner", "a")
			s.leave("owner")
			same(t, "due", s.dueIn(), c.rule)
			left := s.now
			c.then(s)
			s.later(after - s.now.Sub(left) - time.Millisecond)
			if s.look() {
				t.Fatal("it went before its time")
			}
			s.later(time.Millisecond)
			if s.look() != c.gone {
				t.Errorf("gone: %t, want %t", !c.gone, c.gone)
			}
		})
	}
}

func TestTheSoonerOfTwoReasonsDissolves(t *testing.T) {
	s := newStage(t)
	s.app.Dissolve = live.Dissolve{Empty: 20 * time.Minute, OwnerLeft: 10 * time.Minute}
	s.enter("owner")
	s.leave("owner")
	same(t, "due", s.dueIn(), 10*time.Minute)
	s.app.Dissolve = live.Dissolve{Empty: 10 * time.Minute, OwnerLeft: 20 * time.Minute}
	s.enter("owner")
	s.leave("owner")
	same(t, "due", s.dueIn(), 10*time.Minute)
}
