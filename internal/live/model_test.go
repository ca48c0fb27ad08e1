package live_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/callboard/callboard/internal/live"
)

// A receiver that only ever sees events knows the roles of every room, and no order of commands breaks their rules.
func TestRolesFollowFromEventsWhateverTheCommands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world{rooms: map[live.RoomID]*live.Room{}, model: model{}, mirror: mirror{}}
		t.Repeat(map[string]func(*rapid.T){
			"create": func(t *rapid.T) {
				w.run(t, live.CreateRoom{Room: room(t), Type: live.RoomType, Owner: person(t)})
			},
			"destroy": func(t *rapid.T) { w.run(t, live.DestroyRoom{Room: room(t)}) },
			"owner":   func(t *rapid.T) { w.run(t, live.ChangeOwner{Room: room(t), NewOwner: person(t)}) },
			"update": func(t *rapid.T) {
				w.run(t, live.UpdateRoom{Room: room(t), Attributes: live.Attributes{Notice: new(rapid.SampledFrom([]string{"", "x"}).Draw(t, "notice"))}})
			},
			"admins": func(t *rapid.T) {
				op := rapid.SampledFrom([]live.AdminOp{live.AddAdministrators, live.AddAdministrators, live.DeleteAdministrators}).Draw(t, "op")
				w.run(t, live.ModifyAdmin{Room: room(t), Accounts: rapid.SliceOfN(rapid.Custom(person), 0, 8).Draw(t, "accounts"), Op: op})
			},
			"": w.check,
		})
	})
}

func room(t *rapid.T) live.RoomID {
	return rapid.SampledFrom([]live.RoomID{"r1", "r2", "r3"}).Draw(t, "room")
}

func person(t *rapid.T) live.Account {
	return rapid.SampledFrom([]live.Account{"a", "b", "c", "d", "e", "f", "g", "h"}).Draw(t, "person")
}

// world is the same rooms three times: as the rules keep them, as the model predicts them, as the events tell them.
type world struct {
	rooms  map[live.RoomID]*live.Room
	model  model
	mirror mirror
}

func (w *world) run(t *rapid.T, c live.RoomCommand) {
	out, err := run(t, w.rooms[c.Names().Room], c)
	kind, changes := w.model.apply(c)
	if err != nil {
		if got := kindOf(t, err); got != kind {
			t.Fatalf("%+v is refused with kind %d (%v), want kind %d", c, got, err, kind)
		}
		return
	}
	if kind != 0 {
		t.Fatalf("%+v is done, want it refused with kind %d", c, kind)
	}
	if changes != (len(out.Events) > 0) {
		if _, update := c.(live.UpdateRoom); !update { // what the model does not know
			t.Fatalf("%+v reports %d events, want some: %t", c, len(out.Events), changes)
		}
	}
	delete(w.rooms, c.Names().Room)
	if out.Room != nil {
		w.rooms[c.Names().Room] = out.Room
	}
	for _, e := range out.Events {
		w.mirror.hear(t, e)
	}
}

func (w *world) check(t *rapid.T) {
	rules := roles{}
	for id, r := range w.rooms {
		rules[id] = cast{r.Owner, setOf(r.Administrators)}
		if len(r.Administrators) > 5 || len(rules[id].admins) != len(r.Administrators) || rules[id].admins[r.Owner] {
			t.Fatalf("room %s of %s has administrators %q", id, r.Owner, r.Administrators)
		}
	}
	compare(t, "rules against model", rules, roles(w.model))
	compare(t, "events against model", roles(w.mirror), roles(w.model))
}

func compare(t *rapid.T, what string, got, want any) {
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(cast{}), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

// cast are the roles of a room.
type cast struct {
	owner  live.Account
	admins map[live.Account]bool
}

type roles map[live.RoomID]cast

func setOf(list []live.Account) map[live.Account]bool {
	set := map[live.Account]bool{}
	for _, a := range list {
		set[a] = true
	}
	return set
}

// model says what should happen, by sets.
type model roles

// apply returns the kind of the refusal, 0 for none, and whether the roles of a room changed.
func (m model) apply(c live.RoomCommand) (kind live.Kind, changes bool) {
	r, exists := m[c.Names().Room]
	switch c := c.(type) {
	case live.CreateRoom:
		switch {
		case exists && r.owner == c.Owner:
			return live.RoomExists, false
		case exists:
			return live.RoomTaken, false
		}
		m[c.Room] = cast{c.Owner, map[live.Account]bool{}}
		return 0, true
	case live.ModifyAdmin:
		return m.modify(c, r, exists)
	}
	if !exists {
		return live.RoomNotFound, false
	}
	switch c := c.(type) {
	case live.DestroyRoom:
		delete(m, c.Room)
		return 0, true
	case live.ChangeOwner:
		changes = r.owner != c.NewOwner
		delete(r.admins, c.NewOwner)
		m[c.Room] = cast{c.NewOwner, r.admins}
	}
	return 0, changes
}

func (m model) modify(c live.ModifyAdmin, r cast, exists bool) (kind live.Kind, changes bool) {
	named := setOf(c.Accounts)
	deletes := c.Op == live.DeleteAdministrators
	switch {
	case len(named) == 0, deletes && len(named) > 5:
		return live.InvalidParameter, false
	case !exists:
		return live.RoomNotFound, false
	case !deletes && named[r.owner]:
		return live.InvalidParameter, false
	}
	after := maps.Clone(r.admins)
	for a := range named {
		if deletes {
			delete(after, a)
		} else {
			after[a] = true
		}
	}
	if len(after) > 5 {
		return live.TooManyAdministrators, false
	}
	m[c.Room] = cast{r.owner, after}
	return 0, len(after) != len(r.admins)
}

// mirror is what a receiver that knows nothing but the events makes of them.
type mirror roles

func (m mirror) hear(t *rapid.T, e live.Event) {
	r := m[e.Room]
	switch c := e.Change.(type) {
	case live.RoomCreated:
		r = cast{c.Room.Owner, map[live.Account]bool{}}
	case live.OwnerChanged:
		if r.owner != c.Original || r.owner == c.Current {
			t.Fatalf("%+v, but the owner was %s", c, r.owner)
		}
		r.owner = c.Current
	case live.AdministratorsModified:
		for _, a := range c.Accounts {
			if r.admins[a] == (c.Op == live.AddAdministrators) {
				t.Fatalf("%+v, but the role of %s does not change by it", c, a)
			}
			r.admins = maps.Clone(r.admins)
			r.admins[a] = c.Op == live.AddAdministrators
		}
		maps.DeleteFunc(r.admins, func(_ live.Account, is bool) bool { return !is })
	case live.RoomDestroyed:
		delete(m, e.Room)
		if e.Roles != nil {
			t.Fatalf("a destroyed room has roles %+v", e.Roles)
		}
		return
	}
	m[e.Room] = r
	compare(t, "roles in the event", cast{e.Roles.Owner, setOf(e.Roles.Administrators)}, r)
}

// Whatever is in the list, the event names each account that changed once, in the order in which the request has them.
func TestReportedAccountsAreInTheOrderOfTheRequest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := rapid.SliceOfNDistinct(rapid.Custom(person), 0, 5, rapid.ID).Draw(t, "before")
		named := rapid.SliceOfN(rapid.Custom(person), 1, 10).Draw(t, "named")
		op := rapid.SampledFrom([]live.AdminOp{live.AddAdministrators, live.DeleteAdministrators}).Draw(t, "op")
		out, err := run(t, roomOf(before...), live.ModifyAdmin{Room: r1, Accounts: named, Op: op})
		if err != nil {
			t.Skip("the command was refused: rapid draws another")
		}
		var want []live.Account
		for i, a := range named {
			if slices.Index(named, a) == i && slices.Contains(before, a) == (op == live.DeleteAdministrators) {
				want = append(want, a)
			}
		}
		var got []live.Account
		for _, e := range out.Events {
			if c, ok := e.Change.(live.AdministratorsModified); ok {
				got = append(got, c.Accounts...)
			}
		}
		compare(t, "accounts", got, want)
	})
}
