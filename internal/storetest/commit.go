package storetest

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func oneCommit(t *suite) {
	t.newApps(app1, app2)
	settings := &live.App{ID: app1, Key: "another key"}
	e1, e2 := event("r1", true, "one"), event("r2", true, "two")
	lane := eventlog.LaneState{}.Next(&e1, 5)
	eventlog.LaneState{}.Next(&e2, 6)
	t.must(commit(t.s, []engine.Change{
		{App: app1, Settings: settings, Rooms: []engine.RoomChange{{ID: "r1", Room: engine.Room{Doc: room("r1"), Lane: lane}}}, Events: []eventlog.Event{e1}},
		{App: app2, Rooms: []engine.RoomChange{{ID: "r2", Room: engine.Room{Doc: room("r2"), Lane: lane}}}, Events: []eventlog.Event{e2}},
	}))
	got := t.load(app1, "r1")
	t.same("App and room", got, engine.Loaded{App: settings, Rooms: []engine.Room{{Doc: room("r1"), Lane: lane}}})
	e1.Seq, e2.Seq = 1, 1
	t.same("log of the first App", t.log(app1), []eventlog.Event{e1})
	t.same("log of the second App", t.log(app2), []eventlog.Event{e2})
}

// failedCommit makes the second change fail: an App is created that exists.
func failedCommit(t *suite) {
	t.newApps(app1, app2)
	before := t.write(app1, "r1", true)
	e := event("r1", true, "lost")
	lane := eventlog.After(&before[0]).Next(&e, 7)
	changes := func(newLog string) []engine.Change {
		return []engine.Change{
			{
				App: app1, Settings: &live.App{ID: app1, Key: "lost"}, Audit: []engine.Audit{{Command: "lost"}},
				Rooms:  []engine.RoomChange{{ID: "r1", Room: engine.Room{Lane: lane}}, {ID: "r2", Room: engine.Room{Doc: room("r2"), Lane: lane}}},
				Events: []eventlog.Event{e},
			},
			{App: app2, Settings: &live.App{ID: app2, Key: "lost"}, NewLog: newLog},
		}
	}
	if err := commit(t.s, changes("otherlog")); err == nil {
		t.Fatal("an App that exists was created again, want an error")
	}
	want := engine.Loaded{App: &live.App{ID: app1, Key: "key"}, Rooms: []engine.Room{{Doc: room("r1"), Lane: eventlog.After(&before[0])}, {}}}
	t.same("App and rooms", t.load(app1, "r1", "r2"), want)
	t.same("log", t.log(app1), before)
	rows, err := t.h.Audit(app1)
	t.must(err)
	t.same("audit", rows, []engine.Audit{})

	t.must(commit(t.s, changes(""))) // the store goes on
	t.same("numbers after the failure", seqs(t.log(app1)), []int64{1, 2})
}

func rollback(t *suite) {
	t.newApps(app1)
	tx, err := t.s.Begin(ctx())
	t.must(err)
	_, err = tx.Load(ctx(), []engine.Want{{App: app1, Rooms: []live.RoomID{"r1"}, Create: []bool{true}}})
	t.must(err)
	tx.Rollback()
	tx.Rollback() // again does nothing
	t.same("App and room", t.load(app1, "r1"), engine.Loaded{App: &live.App{ID: app1, Key: "key"}, Rooms: []engine.Room{{}}})
	t.same("numbers", seqs(t.write(app1, "r1", true)), []int64{1})
}

// committedOnly reads beside an open transaction that locks the room: readers neither wait nor see a trace of it.
func committedOnly(t *suite) {
	t.newApps(app1)
	t.write(app1, "r1", true)
	tx, err := t.s.Begin(ctx())
	t.must(err)
	defer tx.Rollback()
	_, err = tx.Load(ctx(), []engine.Want{{App: app1, Rooms: []live.RoomID{"r1", "r2"}, Create: []bool{false, true}}})
	t.must(err)
	for id, want := range map[live.RoomID]*live.Room{"r1": room("r1"), "r2": nil} {
		got, err := t.s.Room(ctx(), app1, id)
		t.must(err)
		t.same("room "+string(id), got, want)
	}
	rooms, err := t.s.PublicRooms(ctx(), app1, live.RoomPage{Limit: 10})
	t.must(err)
	t.same("public rooms", rooms, []live.Room{*room("r1")})
	t.same("log", seqs(t.log(app1)), []int64{1})
}

func loadOrder(t *suite) {
	t.newApps(app1, app2)
	lane := func(e eventlog.Event) eventlog.LaneState { return eventlog.After(&e) }
	a := t.write(app1, "A", true)[0]
	b := t.write(app1, "b", true, true)[1]
	other := t.write(app2, "b", false)[0]
	t.write(app1, "gone", true)
	gone := t.destroy(app1, "gone")
	absent := largest
	tx, err := t.s.Begin(ctx())
	t.must(err)
	defer tx.Rollback()
	got, err := tx.Load(ctx(), []engine.Want{
		{App: app1, Rooms: []live.RoomID{"A", "absent", "b", "gone"}, Create: []bool{false, true, true, false}},
		{App: app2, Settings: true, Rooms: []live.RoomID{"A", "b"}, Create: []bool{false, false}},
		{App: absent, Settings: true},
	})
	t.must(err)
	t.same("loaded", got, []engine.Loaded{
		{App: &live.App{ID: app1, Key: "key"}, Rooms: []engine.Room{{Doc: room("A"), Lane: lane(a)}, {}, {Doc: room("b"), Lane: lane(b)}, {Lane: lane(gone)}}},
		{App: &live.App{ID: app2, Key: "key"}, Rooms: []engine.Room{{}, {Doc: room("b"), Lane: lane(other)}}},
		{},
	})
}

func eventFields(t *suite) {
	t.newApps(app1)
	var e eventlog.Event
	n := 0
	fill(reflect.ValueOf(&e).Elem(), &n)
	plain := event("r1", false, "{}")
	changes := []engine.Change{{App: app1, Events: []eventlog.Event{e, plain}}}
	t.must(commit(t.s, changes))
	e.Seq, e.Prev, plain.Seq, plain.Prev = 1, 0, 2, 1
	t.same("as numbered", changes[0].Events, []eventlog.Event{e, plain})
	t.same("as read", t.log(app1), []eventlog.Event{e, plain})
}

func roomFields(t *suite) {
	t.newApps(largest)
	var r live.Room
	n := 0
	fill(reflect.ValueOf(&r).Elem(), &n)
	r.ID = "Room_with-48-bytes_0123456789012345678901234567"
	lane := eventlog.LaneState{Seq: 1 << 40, Callback: 1 << 39, Time: 1 << 50}
	put := func(doc *live.Room) {
		t.must(commit(t.s, []engine.Change{{App: largest, Rooms: []engine.RoomChange{{ID: r.ID, Room: engine.Room{Doc: doc, Lane: lane}}}}}))
	}
	plain := &live.Room{ID: r.ID}
	for name, want := range map[string]*live.Room{"every field set": &r, "no field set": plain} {
		put(want)
		got, err := t.s.Room(ctx(), largest, r.ID)
		t.must(err)
		t.same("Room, "+name, got, want)
		t.same("Load, "+name, t.load(largest, r.ID).Rooms, []engine.Room{{Doc: want, Lane: lane}})
	}
}

func largeBodies(t *suite) {
	t.newApps(app1)
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	large := event("r1", true, string(bytes.Repeat(every, 1<<20/256)))
	small := event("r1", true, string(every))
	t.must(commit(t.s, []engine.Change{{App: app1, Events: []eventlog.Event{large, small}}}))
	got := t.log(app1)
	if len(got) != 2 || !bytes.Equal(got[0].Body, large.Body) || !bytes.Equal(got[1].Body, small.Body) {
		t.Errorf("the bodies differ from those that were committed")
	}
}

func manyRooms(t *suite) {
	const count = 1000
	t.newApps(app1)
	ch := engine.Change{App: app1}
	var want []live.RoomID
	for i := range count {
		id := live.RoomID(fmt.Sprintf("room%04d", i))
		e := event(id, true, "{}")
		lane := eventlog.LaneState{}.Next(&e, 1)
		ch.Rooms = append(ch.Rooms, engine.RoomChange{ID: id, Room: engine.Room{Doc: room(id), Lane: lane}})
		ch.Events = append(ch.Events, e)
		want = append(want, id)
	}
	t.must(commit(t.s, []engine.Change{ch}))
	loaded := t.load(app1, want...)
	missing := slices.IndexFunc(loaded.Rooms, func(r engine.Room) bool { return r.Doc == nil || r.Lane.Seq != 1 })
	if missing >= 0 {
		t.Errorf("room %q is not there", want[missing])
	}
	t.same("events", len(t.log(app1)), count)
}
