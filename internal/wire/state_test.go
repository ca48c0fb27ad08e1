package wire

import (
	"crypto/sha256"
	"fmt"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// The digests were made with sha256sum.
func TestRoomStateOfKnownRoles(t *testing.T) {
	cases := []struct {
		name  string
		roles *live.Roles
		want  string
	}{
		{"a room that is gone", nil, ""},
		{"an owner alone", &live.Roles{Owner: "owner"}, "f371121a2eaf1530"},
		{"with administrators", &live.Roles{Owner: "owner", Administrators: []live.Account{"user2", "user1"}}, "7b66498305c913a9"},
		{"beyond ASCII, by bytes", &live.Roles{Owner: "é", Administrators: []live.Account{"観客", "Z", "a"}}, "e67159ce6a1de733"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := RoomState(c.roles); got != c.want {
				t.Errorf("RoomState = %q, want %q", got, c.want)
			}
		})
	}
}

// mirrorState is what a receiver computes from the roles that it keeps, as the documentation of the header says.
func mirrorState(owner string, administrators []string) string {
	sort.Strings(administrators)
	text := owner + "\n"
	if len(administrators) > 0 {
		text += strings.Join(administrators, "\n") + "\n"
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16]
}

func TestRoomStateIsThatOfAReceiverWhateverTheOrder(t *testing.T) {
	account := rapid.StringN(1, 16, live.MaxAccount)
	rapid.Check(t, func(t *rapid.T) {
		owner := account.Draw(t, "owner")
		administrators := rapid.SliceOfNDistinct(account, 0, live.MaxAdministrators, rapid.ID).Draw(t, "administrators")
		shuffled := rapid.Permutation(administrators).Draw(t, "shuffled")
		roles := live.Roles{Owner: live.Account(owner)}
		for _, a := range shuffled {
			roles.Administrators = append(roles.Administrators, live.Account(a))
		}
		got := RoomState(&roles)
		for i, a := range shuffled {
			if string(roles.Administrators[i]) != a {
				t.Fatalf("RoomState sorted the roles that it was given: %q, want %q", roles.Administrators, shuffled)
			}
		}
		if want := mirrorState(owner, administrators); got != want {
			t.Fatalf("RoomState = %s, want %s", got, want)
		}
	})
}

func TestRoomStateIsWhatAReceiverComputes(t *testing.T) {
	account := rapid.StringN(1, 16, live.MaxAccount)
	rapid.Check(t, func(t *rapid.T) {
		owner := account.Draw(t, "owner")
		roles := live.Roles{Owner: live.Account(owner)}
		var administrators callback.Accounts
		for _, a := range rapid.SliceOfNDistinct(account, 0, live.MaxAdministrators, rapid.ID).Draw(t, "administrators") {
			roles.Administrators = append(roles.Administrators, live.Account(a))
			administrators = append(administrators, callback.Account(a))
		}
		if got, want := callback.RoomState(callback.Account(owner), administrators), RoomState(&roles); got != want {
			t.Fatalf("the receiver computes %s, the header is %s", got, want)
		}
	})
}

func TestRoomStateTellsRolesApart(t *testing.T) {
	all := []live.Roles{
		{Owner: "a"}, {Owner: "b"}, {Owner: "ab"},
		{Owner: "a", Administrators: []live.Account{"b"}},
		{Owner: "b", Administrators: []live.Account{"a"}},
		{Owner: "a", Administrators: []live.Account{"b", "c"}},
		{Owner: "a", Administrators: []live.Account{"bc"}},
	}
	seen := map[string]live.Roles{}
	for _, roles := range all {
		state := RoomState(&roles)
		if other, ok := seen[state]; ok {
			t.Errorf("%+v and %+v have the same state %s", roles, other, state)
		}
		seen[state] = roles
	}
}
