package live_test

import (
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
)

func TestBanTakesAMemberOutAndEndsTheRole(t *testing.T) {
	s := newStage(t, "x", "b", "c")
	s.enter("a", "b")
	s.do(ban(60, "b", "away", "a", "b"))
	same(t, "events", s.heard, []live.Change{
		live.AdministratorsModified{Accounts: []live.Account{"b"}, Op: live.DeleteAdministrators},
		live.MembersChanged{Cause: live.MembersKicked, Accounts: []live.Account{"b", "a"}},
	})
	same(t, "administrators", s.room.Administrators, []live.Account{"x", "c"})
	same(t, "tally", s.tally(), live.Tally{Views: 2})
	for _, a := range []live.Account{"a", "b", "away"} {
		refused(t, s.try(live.EnterRoom{Room: r1, Account: a}), live.MemberBanned, `"`+string(a)+`"`, "2026-03-26T12:01:00Z")
	}
	s.enter("c")
}

func TestBanEndsInItsLastSecond(t *testing.T) {
	s := newStage(t)
	s.do(ban(60, "a"))
	s.later(time.Minute - time.Nanosecond)
	refused(t, s.try(live.EnterRoom{Room: r1, Account: "a"}), live.MemberBanned)
	s.later(time.Nanosecond)
	s.enter("a")
	if s.parts[live.BanOf(r1, "a")] != nil {
		t.Error("a ban that is over is kept when its account enters")
	}
}

func TestBanReplacesTheOneBeforeAndUnbanEndsIt(t *testing.T) {
	s := newStage(t)
	s.do(ban(3600, "a", "b"), ban(1, "a"))
	s.later(time.Second)
	s.enter("a")
	s.do(live.UnbanMembers{Room: r1, Accounts: []live.Account{"b", "never banned", "b"}})
	same(t, "events", s.heard, []live.Change(nil))
	s.enter("b")
}

func TestOwnerIsNeitherBannedNorMuted(t *testing.T) {
	s := newStage(t)
	s.enter("owner")
	refused(t, s.try(ban(1, "a", "owner")), live.InvalidParameter, "MemberList_Account[1]", "owner")
	refused(t, s.try(mute(1, "owner")), live.InvalidParameter, "MemberList_Account[0]", "owner")
	if s.parts[live.BanOf(r1, "a")] != nil {
		t.Error("a call that was refused has banned")
	}
	s.do(mute(0, "owner"), ban(60, "a", "b"), mute(60, "a", "b"), live.ChangeOwner{Room: r1, NewOwner: "a"})
	s.enter("a")
	if s.parts[live.MuteOf(r1, "a")] != nil || s.parts[live.MuteOf(r1, "b")] == nil || s.parts[live.BanOf(r1, "b")] == nil {
		t.Errorf("parts after the owner changed: %v, want those of b only", s.parts)
	}
}

func TestBadBansAndMutesAreRefused(t *testing.T) {
	many := accountsOf("a", live.MaxMembersOfCall+1)
	for _, c := range []struct {
		name string
		cmd  live.RoomCommand
		kind live.Kind
		says string
	}{
		{"no room", live.BanMembers{Room: "no room", Accounts: many[:1], Seconds: 1}, live.InvalidParameter, "RoomId"},
		{"nobody", ban(1), live.InvalidParameter, "MemberList_Account is empty"},
		{"too many", ban(1, many...), live.InvalidParameter, "21 accounts"},
		{"an empty account", ban(1, "a", ""), live.InvalidParameter, "MemberList_Account[1]"},
		{"no time", ban(0, "a"), live.InvalidParameter, "Duration"},
		{"a time before", ban(-1, "a"), live.InvalidParameter, "Duration"},
		{"too long a time", ban(live.MaxSeconds+1, "a"), live.InvalidParameter, "Duration"},
		{"too long a reason", live.BanMembers{Room: r1, Accounts: many[:1], Seconds: 1, Reason: strings.Repeat("a", live.MaxReason+1)}, live.InvalidParameter, "Reason"},
		{"NUL in the reason", live.BanMembers{Room: r1, Accounts: many[:1], Seconds: 1, Reason: "\x00"}, live.InvalidParameter, "Reason"},
		{"unban nobody", live.UnbanMembers{Room: r1}, live.InvalidParameter, "MemberList_Account is empty"},
		{"unban too many", live.UnbanMembers{Room: r1, Accounts: many}, live.InvalidParameter, "21 accounts"},
		{"mute nobody", mute(1), live.InvalidParameter, "MemberList_Account is empty"},
		{"mute too many", mute(1, many...), live.InvalidParameter, "21 accounts"},
		{"mute before", mute(-1, "a"), live.InvalidParameter, "MuteTime"},
		{"mute too long", mute(live.MaxSeconds+1, "a"), live.InvalidParameter, "MuteTime"},
		{"too many robots", robots("a", "b", "c", "d"), live.InvalidParameter, "4 accounts"},
		{"no robots", robots(), live.InvalidParameter, "RobotList_Account is empty"},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, newStage(t).try(c.cmd), c.kind, c.says) })
	}
	s := newStage(t)
	s.do(ban(live.MaxSeconds, many[:20]...), mute(live.MaxSeconds, append(many[:20], many[:5]...)...))
	s.room = nil
	for _, cmd := range []live.RoomCommand{
		ban(1, "a"), live.UnbanMembers{Room: r1, Accounts: many[:1]}, mute(1, "a"), robots("a"), live.DeleteRobots{Room: r1, Accounts: many[:1]},
		live.EnterRoom{Room: r1, Account: "a"}, live.LeaveRoom{Room: r1, Account: "a"},
	} {
		refused(t, s.try(cmd), live.RoomNotFound, string(r1))
	}
}

// A ban or a mute that is over is swept away within the hour after, unless it was given another time.
func TestBansAndMutesThatAreOverAreSweptAway(t *testing.T) {
	for _, id := range []live.PartID{live.BanOf(r1, "a"), live.MuteOf(r1, "a")} {
		t.Run(string(id.Kind), func(t *testing.T) {
			s := newStage(t)
			s.do(ban(60, "a"), mute(60, "a"))
			after := s.due[id].Sub(noon) - time.Minute
			if after < 0 || after >= time.Hour {
				t.Errorf("it is swept %s after its end, want within an hour", after)
			}
			s.do(live.OnDue(id))
			if s.parts[id] == nil || s.due[id].IsZero() {
				t.Error("it went before its end, or is never swept")
			}
			s.later(time.Minute)
			s.do(live.OnDue(id))
			if s.parts[id] != nil {
				t.Error("it is kept")
			}
			s.do(live.OnDue(id))
			s.room = nil
			s.do(live.OnDue(id))
		})
	}
}
