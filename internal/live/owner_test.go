package live_test

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func TestNewOwnerWhoWasAdministratorStopsBeingOneFirst(t *testing.T) {
	got := must(t, roomOf("a", "b", "c"), live.ChangeOwner{Room: r1, NewOwner: "b"})

	after := roomOf("a", "c")
	after.Owner = "b"
	same(t, "room", got.Room, after)
	same(t, "events", got.Events, []live.Event{
		{
			Room:   r1,
			Roles:  &live.Roles{Owner: "owner", Administrators: accounts{"a", "c"}},
			Change: live.AdministratorsModified{Accounts: accounts{"b"}, Op: live.DeleteAdministrators},
		},
		{
			Room:   r1,
			Roles:  &live.Roles{Owner: "b", Administrators: accounts{"a", "c"}},
			Change: live.OwnerChanged{Current: "b", Original: "owner"},
		},
	})
}

func TestChangeOfOwnerToSomebodyElseIsOneEvent(t *testing.T) {
	got := must(t, roomOf("a"), live.ChangeOwner{Room: r1, NewOwner: "newcomer"})

	after := roomOf("a")
	after.Owner = "newcomer"
	same(t, "room", got.Room, after)
	same(t, "events", got.Events, []live.Event{{
		Room:   r1,
		Roles:  &live.Roles{Owner: "newcomer", Administrators: accounts{"a"}},
		Change: live.OwnerChanged{Current: "newcomer", Original: "owner"},
	}})
}

func TestFormerOwnerMayBecomeAdministrator(t *testing.T) {
	room := must(t, roomOf(), live.ChangeOwner{Room: r1, NewOwner: "b"}).Room
	got := must(t, room, add("owner"))
	same(t, "administrators", got.Room.Administrators, accounts{"owner"})
}

func TestSameOwnerAgainReportsNothing(t *testing.T) {
	room := roomOf("a")
	got := must(t, room, live.ChangeOwner{Room: r1, NewOwner: "owner"})
	if got.Room != room {
		t.Errorf("room = %+v, want the very room that was passed in", got.Room)
	}
	same(t, "events", got.Events, []live.Event{})
}

func TestChangeOfOwnerRefusals(t *testing.T) {
	cases := []struct {
		name    string
		room    *live.Room
		command live.ChangeOwner
		kind    live.Kind
		says    []string
	}{
		{"no room", nil, live.ChangeOwner{Room: r1, NewOwner: "b"}, live.RoomNotFound, []string{`"r1"`}},
		{"no RoomId", roomOf(), live.ChangeOwner{NewOwner: "b"}, live.InvalidParameter, []string{"RoomId", "empty"}},
		{"no new owner", roomOf(), live.ChangeOwner{Room: r1}, live.InvalidParameter, []string{"NewOwner_Account", "empty", "32"}},
		{"33 bytes", roomOf(), live.ChangeOwner{Room: r1, NewOwner: live.Account(strings.Repeat("x", 33))},
			live.InvalidParameter, []string{"NewOwner_Account", "33 bytes", "at most 32"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, c.room, c.command)
			refused(t, err, c.kind, c.says...)
		})
	}
}
