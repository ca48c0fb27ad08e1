package live_test

import (
	"fmt"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func accountsOf(prefix string, n int) []live.Account {
	var list []live.Account
	for i := range n {
		list = append(list, live.Account(fmt.Sprintf("%s%d", prefix, i)))
	}
	return list
}

func TestMembersAreCountedOnceAndViewsEachTime(t *testing.T) {
	s := newStage(t)
	s.enter("a", "b", "a")
	same(t, "who is there already is not reported", s.heard, []live.Change(nil))
	s.leave("a")
	same(t, "event", s.heard, []live.Change{live.MembersChanged{Cause: live.MembersLeft, Accounts: []live.Account{"a"}}})
	s.leave("a")
	same(t, "who is not there is not reported", s.heard, []live.Change(nil))
	s.enter("a")
	same(t, "event", s.heard, []live.Change{live.MembersChanged{Cause: live.MembersEntered, Accounts: []live.Account{"a"}}})
	same(t, "tally", s.tally(), live.Tally{Members: 2, Views: 3})
}

func TestFullRoomLetsNobodyInUntilSomebodyLeaves(t *testing.T) {
	s := newStage(t)
	s.room.MaxMemberCount = 2
	s.enter("a", "b", "a")
	refused(t, s.try(live.EnterRoom{Room: r1, Account: "c"}), live.RoomFull, "2 members")
	s.do(ban(1, "b"))
	s.enter("c")
}

// One callback tells of members who changed for the same cause, as many as it may.
func TestChangesOfMembersAreJoinedUpToTheLimit(t *testing.T) {
	causes := []live.MemberCause{
		live.MembersEntered, live.MembersLeft, live.MembersInterrupted, live.MembersRecovered, live.MembersKicked,
	}
	changed := func(cause live.MemberCause, prefix string, n int) live.Change {
		return live.MembersChanged{Cause: cause, Accounts: accountsOf(prefix, n)}
	}
	for _, cause := range causes {
		for _, c := range []struct{ first, second, want int }{{1, 1, 2}, {499, 1, 500}, {480, 20, 500}, {500, 1, 0}, {481, 20, 0}} {
			both, ok := live.Join(changed(cause, "a", c.first), changed(cause, "b", c.second))
			if !ok {
				both = live.MembersChanged{}
			}
			if got := len(both.(live.MembersChanged).Accounts); got != c.want {
				t.Errorf("%s: %d and %d are joined to %d, want %d", cause, c.first, c.second, got, c.want)
			}
		}
		for _, other := range causes {
			if _, ok := live.Join(changed(cause, "a", 1), changed(other, "b", 1)); ok != (cause == other) {
				t.Errorf("%s and %s are joined: %t", cause, other, ok)
			}
		}
	}
	if _, ok := live.Join(live.OwnerChanged{}, changed(live.MembersEntered, "a", 1)); ok {
		t.Error("another change is joined")
	}
	if _, ok := live.Join(changed(live.MembersEntered, "a", 1), live.OwnerChanged{}); ok {
		t.Error("another change is joined")
	}
}

func TestJoinedChangesShareNoMemory(t *testing.T) {
	first := live.MembersChanged{Cause: live.MembersEntered, Accounts: spare([]live.Account{"a"})}
	for _, a := range []live.Account{"b", "c"} {
		if _, ok := live.Join(first, live.MembersChanged{Cause: live.MembersEntered, Accounts: []live.Account{a}}); !ok {
			t.Fatal("they are not joined")
		}
	}
	same(t, "what is behind the first", first.Accounts[:2], []live.Account{"a", ""})
}
