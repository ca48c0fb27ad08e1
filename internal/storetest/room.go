package storetest

import (
	"slices"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// listed puts rooms of different ages into app1, and returns the public ones in ascending order.
func (t *suite) listed() []live.RoomID {
	t.Helper()
	t.newApps(app1, app2)
	ch := engine.Change{App: app1}
	add := func(id live.RoomID, created int64, public bool) {
		doc := room(id)
		doc.CreateTime, doc.IsPublicVisible = created, public
		ch.Rooms = append(ch.Rooms, engine.RoomChange{ID: id, Room: engine.Room{Doc: doc}})
	}
	add("a", 300, true)
	add("Z", 300, true) // bytes: before a
	add("_", 300, true) // between
	add("hidden", 250, false)
	add("old", 100, true)
	add("b", 200, true)
	add("new", 400, true)
	add("later hidden", 350, true)
	slices.SortFunc(ch.Rooms, func(x, y engine.RoomChange) int { return slices.Compare([]byte(x.ID), []byte(y.ID)) })
	t.must(commit(t.s, []engine.Change{ch}))
	t.write(app2, "foreign", true)
	hidden := room("later hidden")
	hidden.IsPublicVisible = false
	t.must(commit(t.s, []engine.Change{{App: app1, Rooms: []engine.RoomChange{{ID: hidden.ID, Room: engine.Room{Doc: hidden}}}}}))
	return []live.RoomID{"old", "b", "Z", "_", "a", "new"}
}

func publicRooms(t *suite) {
	ascending := t.listed()
	descending := slices.Clone(ascending)
	slices.Reverse(descending)
	for _, c := range []struct {
		name      string
		ascending bool
		want      []live.RoomID
	}{{"newest first", false, descending}, {"oldest first", true, ascending}} {
		for limit := 1; limit <= len(c.want)+1; limit++ {
			t.same(c.name, t.pages(c.ascending, limit, len(c.want)), c.want)
		}
	}
	t.destroy(app1, "_") // a page may end at a room that is gone when the next is asked for
	page, err := t.s.PublicRooms(ctx(), app1, live.RoomPage{After: &live.RoomPosition{CreateTime: 300, ID: "_"}, Limit: 2})
	t.must(err)
	t.same("after a room that is gone", roomIDs(page), []live.RoomID{"Z", "b"})
	none, err := t.s.PublicRooms(ctx(), largest, live.RoomPage{Limit: 10})
	t.must(err)
	t.same("rooms of no App", roomIDs(none), []live.RoomID{})
}

// pages follows the list to its end, and fails when a page is longer than its limit or the list does not end.
func (t *suite) pages(ascending bool, limit, most int) []live.RoomID {
	t.Helper()
	var all []live.RoomID
	page := live.RoomPage{Ascending: ascending, Limit: limit}
	for range most + 1 {
		rooms, err := t.s.PublicRooms(ctx(), app1, page)
		t.must(err)
		if len(rooms) > limit {
			t.Fatalf("a page of %d has %d rooms", limit, len(rooms))
		}
		if len(rooms) == 0 {
			return all
		}
		all = append(all, roomIDs(rooms)...)
		last := rooms[len(rooms)-1]
		page.After = &live.RoomPosition{CreateTime: last.CreateTime, ID: last.ID}
	}
	t.Fatalf("the list does not end: %v", all)
	return nil
}

func roomIDs(rooms []live.Room) []live.RoomID {
	var ids []live.RoomID
	for i := range rooms {
		ids = append(ids, rooms[i].ID)
	}
	return ids
}
