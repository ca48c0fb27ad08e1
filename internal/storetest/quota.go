package storetest

import (
	"errors"
	"fmt"
	"sync"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// countRooms counts what is there, up to the limit, while rooms come and go; those of other Apps are not counted.
func countRooms(t *suite) {
	t.newApps(app1, app2)
	count := func(id live.AppID, limit int64) int64 {
		t.Helper()
		tx, err := t.s.Begin(ctx())
		t.must(err)
		defer tx.Rollback()
		want := engine.Want{App: id, Rooms: []live.RoomID{"", "new"}, Create: []bool{true, true}, Count: limit}
		loaded, err := tx.Load(ctx(), []engine.Want{want})
		t.must(err)
		return loaded[0].Count
	}
	put := func(id live.AppID, r live.RoomID, doc *live.Room) {
		t.Helper()
		e := event(r, true, "{}")
		lane := eventlog.LaneState{}.Next(&e, 1)
		t.must(commit(t.s, []engine.Change{{App: id, Rooms: []engine.RoomChange{{ID: r, Room: engine.Room{Doc: doc, Lane: lane}}}}}))
	}
	alive := func(r live.RoomID) *live.Room {
		doc := room(r)
		doc.Life = 1
		return doc
	}
	t.same("rooms of an App without any", count(app1, 10), int64(0))
	for _, r := range []live.RoomID{"a", "b", "c"} {
		put(app1, r, alive(r))
	}
	put(app2, "d", alive("d"))
	t.same("rooms", count(app1, 10), int64(3))
	t.same("rooms as far as they are counted", count(app1, 2), int64(2))
	t.same("rooms of the other App", count(app2, 10), int64(1))
	put(app1, "b", nil)
	t.same("rooms after one is gone", count(app1, 10), int64(2))
	t.same("rooms where nobody asks", count(app1, 0), int64(0))
}

// quotaByAll has writers on all handles make rooms, each as long as it counts fewer than the quota: in the end there are exactly
// so many.
func quotaByAll(t *suite) {
	const quota, tries = 10, 10
	t.newApps(app1)
	var writers sync.WaitGroup
	for i, s := range t.handles() {
		for w := range writersPerHandle {
			writers.Go(func() {
				for n := range tries {
					if err := createBelow(s, quota, live.RoomID(fmt.Sprintf("r%d-%d-%d", i, w, n))); err != nil {
						t.Errorf("handle %d: %v", i, err)
					}
				}
			})
		}
	}
	writers.Wait()
	rooms, err := t.s.PublicRooms(ctx(), app1, live.RoomPage{Limit: 1000})
	t.must(err)
	t.same("rooms", len(rooms), quota)
}

// createBelow makes a room if there are fewer than the quota.
func createBelow(s Store, quota int64, id live.RoomID) error {
	tx, err := s.Begin(ctx())
	if err != nil {
		return err
	}
	defer tx.Rollback()
	loaded, err := tx.Load(ctx(), []engine.Want{{
		App: app1, Rooms: []live.RoomID{"", id}, Create: []bool{true, true}, Lanes: []eventlog.Lane{eventlog.AppLane}, Count: quota + 1,
	}})
	if err != nil || loaded[0].Count >= quota {
		return err
	}
	if loaded[0].Rooms[1].Doc != nil {
		return errors.New("the room is there already")
	}
	e := event(id, true, "{}")
	lane := loaded[0].Rooms[1].Lane.Next(&e, 1)
	doc := room(id)
	doc.Life = lane.Seq
	return tx.Commit(ctx(), []engine.Change{{App: app1, Rooms: []engine.RoomChange{{ID: id, Room: engine.Room{Doc: doc, Lane: lane}}}, Events: []eventlog.Event{e}}})
}
