package live_test

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

type accounts = []live.Account

func add(list ...live.Account) live.ModifyAdmin {
	return live.ModifyAdmin{Room: r1, Accounts: spare(list), Op: live.AddAdministrators}
}

func remove(list ...live.Account) live.ModifyAdmin {
	return live.ModifyAdmin{Room: r1, Accounts: spare(list), Op: live.DeleteAdministrators}
}

func TestModifyAdminReportsTheAccountsWhoseRoleChanged(t *testing.T) {
	cases := []struct {
		name     string
		before   accounts
		command  live.ModifyAdmin
		after    accounts
		reported accounts
	}{
		{"the first", nil, add("a"), accounts{"a"}, accounts{"a"}},
		{"two at once, in the order of the request", nil, add("b", "a"), accounts{"b", "a"}, accounts{"b", "a"}},
		{"after those who are there", accounts{"b"}, add("a"), accounts{"b", "a"}, accounts{"a"}},
		{"somebody who is there already is left out", accounts{"a", "b"}, add("c", "a", "d"), accounts{"a", "b", "c", "d"}, accounts{"c", "d"}},
		{"one account twice", nil, add("b", "a", "b"), accounts{"b", "a"}, accounts{"b", "a"}},
		{"five", nil, add("a", "b", "c", "d", "e"), accounts{"a", "b", "c", "d", "e"}, accounts{"a", "b", "c", "d", "e"}},
		{"five with duplicates", nil, add("a", "b", "a", "c", "d", "e", "e"), accounts{"a", "b", "c", "d", "e"}, accounts{"a", "b", "c", "d", "e"}},
		{"up to five", accounts{"a", "b", "c"}, add("d", "e"), accounts{"a", "b", "c", "d", "e"}, accounts{"d", "e"}},
		{"six named, three of them there", accounts{"a", "b", "c"}, add("a", "b", "c", "d", "e"), accounts{"a", "b", "c", "d", "e"}, accounts{"d", "e"}},
		{"accounts differ by letter case", accounts{"a"}, add("A"), accounts{"a", "A"}, accounts{"A"}},
		{"the one who asks", nil, add("caller"), accounts{"caller"}, accounts{"caller"}},

		{"one goes", accounts{"a", "b", "c"}, remove("b"), accounts{"a", "c"}, accounts{"b"}},
		{"all go, in the order of the request", accounts{"a", "b"}, remove("b", "a"), nil, accounts{"b", "a"}},
		{"one of those named is an administrator", accounts{"a", "b"}, remove("x", "b", "y"), accounts{"a"}, accounts{"b"}},
		{"one goes twice", accounts{"a", "b"}, remove("a", "a"), accounts{"b"}, accounts{"a"}},
		{"five go, named with duplicates", accounts{"a", "b", "c", "d", "e"}, remove("e", "d", "c", "b", "a", "a"), nil, accounts{"e", "d", "c", "b", "a"}},
		{"the owner among those who go", accounts{"a"}, remove("owner", "a"), nil, accounts{"a"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := roomOf(c.before...)
			got := must(t, before, c.command)
			after := *before
			after.Administrators = c.after
			same(t, "room", got.Room, &after)
			same(t, "events", got.Events, []live.Event{{
				Room:   r1,
				Roles:  &live.Roles{Owner: "owner", Administrators: c.after},
				Change: live.AdministratorsModified{Accounts: c.reported, Op: c.command.Op},
			}})
		})
	}
}

func TestModifyAdminThatChangesNothingReportsNothing(t *testing.T) {
	cases := []struct {
		name    string
		before  accounts
		command live.ModifyAdmin
	}{
		{"adding an administrator", accounts{"a"}, add("a")},
		{"adding all five again", accounts{"a", "b", "c", "d", "e"}, add("e", "d", "c", "b", "a")},
		{"deleting somebody who is none", accounts{"a"}, remove("b")},
		{"deleting from a room without administrators", nil, remove("a")},
		{"deleting the owner", accounts{"a"}, remove("owner")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			room := roomOf(c.before...)
			got := must(t, room, c.command)
			if got.Room != room {
				t.Errorf("room = %+v, want the very room that was passed in", got.Room)
			}
			same(t, "events", got.Events, []live.Event{})
		})
	}
}

// Spec: modify_admin, 100020.
func TestAddBeyondFiveAdministratorsIsRefusedWhole(t *testing.T) {
	cases := []struct {
		name    string
		before  accounts
		command live.ModifyAdmin
		says    []string
	}{
		{"a sixth", accounts{"a", "b", "c", "d", "e"}, add("f"), []string{"Admin_Account", "6", "at most 5", "5 are appointed"}},
		{"six at once", nil, add("a", "b", "c", "d", "e", "f"), []string{"Admin_Account", "6", "at most 5", "0 are appointed"}},
		{"two when one fits", accounts{"a", "b", "c", "d"}, add("e", "f"), []string{"6", "4 are appointed"}},
		{"one of them there already", accounts{"a", "b", "c", "d"}, add("a", "e", "f"), []string{"6", "4 are appointed"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, roomOf(c.before...), c.command)
			refused(t, err, live.TooManyAdministrators, c.says...)
		})
	}
}

func TestOneBadAccountRefusesTheWholeCall(t *testing.T) {
	tooLong := live.Account(strings.Repeat("x", 33))
	cases := []struct {
		name    string
		command live.ModifyAdmin
		says    []string
	}{
		{"no account", add(), []string{"Admin_Account", "empty", "1 to 5"}},
		{"no account to delete", remove(), []string{"Admin_Account", "empty"}},
		{"an empty account", add("a", ""), []string{"Admin_Account[1]", "empty", "1 to 32 bytes"}},
		{"an empty account to delete", remove("", "a"), []string{"Admin_Account[0]", "empty"}},
		{"33 bytes", add("a", "b", tooLong), []string{"Admin_Account[2]", "33 bytes", "at most 32"}},
		{"33 bytes to delete", remove(tooLong), []string{"Admin_Account[0]", "33 bytes", "at most 32"}},
		{"11 characters of 3 bytes", add(live.Account(strings.Repeat("観", 11))), []string{"Admin_Account[0]", "33 bytes", "at most 32"}},
		{"invalid UTF-8", add("a\xff"), []string{"Admin_Account[0]", "UTF-8"}},
		{"NUL", add("a", "b\x00"), []string{"Admin_Account[1]", "control character", "byte 2"}},
		{"a line feed", add("a\nb"), []string{"Admin_Account[0]", "control character", "byte 2"}},
		{"the owner", add("a", "owner", "b"), []string{"Admin_Account[1]", "owner of the room"}},
		{"the owner after a duplicate", add("a", "a", "owner"), []string{"Admin_Account[2]", "owner of the room"}},
		{"six to delete", remove("a", "b", "c", "d", "e", "f"), []string{"Admin_Account", "6", "at most 5"}},
		{"no OpType", live.ModifyAdmin{Room: r1, Accounts: accounts{"a"}}, []string{"OpType", `"add"`, `"delete"`}},
		{"another OpType", live.ModifyAdmin{Room: r1, Accounts: accounts{"a"}, Op: "remove"}, []string{"OpType", `"add"`, `"delete"`}},
		{"OpType in other letter case", live.ModifyAdmin{Room: r1, Accounts: accounts{"a"}, Op: "Add"}, []string{"OpType"}},
		{"no RoomId", live.ModifyAdmin{Accounts: accounts{"a"}, Op: live.AddAdministrators}, []string{"RoomId", "empty"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := run(t, roomOf("b"), c.command)
			refused(t, err, live.InvalidParameter, c.says...)
		})
	}
}

func TestAccountsOf32BytesAreAdministrators(t *testing.T) {
	long := accounts{
		live.Account(strings.Repeat("x", 32)), live.Account(strings.Repeat("観", 10) + "xy"), live.Account(strings.Repeat("🎭", 8)),
	}
	for _, a := range long {
		got := must(t, roomOf(), add(a)).Room.Administrators
		same(t, "administrators", got, accounts{a})
	}
}

func TestModifyAdminOfNoRoomIsRefused(t *testing.T) {
	for _, c := range []live.ModifyAdmin{add("a"), remove("a")} {
		_, err := run(t, nil, c)
		refused(t, err, live.RoomNotFound, `"r1"`)
	}
}
