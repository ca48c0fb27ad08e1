package storetest

import (
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// row is what the store numbers.
type row struct{ Seq, Prev, RoomSeq, RoomPrev int64 }

func rows(events []eventlog.Event) []row {
	var list []row
	for _, e := range events {
		list = append(list, row{e.Seq, e.Prev, e.RoomSeq, e.RoomPrev})
	}
	return list
}

func numbers(t *suite) {
	t.newApps(app1)
	var answered []eventlog.Event
	answered = append(answered, t.write(app1, "a", false)...)
	answered = append(answered, t.write(app1, "a", true, true)...)
	answered = append(answered, t.write(app1, "b", false, true, false)...)
	answered = append(answered, t.write(app1, "a", false)...)
	answered = append(answered, t.write(app1, "b", true)...)
	want := []row{
		{1, 0, 1, 0},
		{2, 0, 2, 0}, {3, 2, 3, 2},
		{4, 3, 1, 0}, {5, 3, 2, 0}, {6, 5, 3, 2},
		{7, 5, 4, 3},
		{8, 5, 4, 2},
	}
	t.same("numbers set by Commit", rows(answered), want)
	t.same("numbers in the log", rows(t.log(app1)), want)
}

func numbersPerApp(t *suite) {
	t.newApps(app1, app2, largest)
	t.write(app1, "a", true)
	t.write(app1, "a", true)
	t.write(app2, "a", false)
	both := []engine.Change{
		{App: app1, Events: []eventlog.Event{event("a", true, "3"), event("a", true, "4")}},
		{App: app2, Events: []eventlog.Event{event("a", true, "2")}},
		{App: largest, Events: []eventlog.Event{event("a", true, "1")}},
	}
	t.must(commit(t.s, both))
	for _, c := range []struct {
		app  live.AppID
		seqs []int64
		prev int64 // of the last
	}{{app1, []int64{1, 2, 3, 4}, 3}, {app2, []int64{1, 2}, 0}, {largest, []int64{1}, 0}} {
		log := t.log(c.app)
		t.same("numbers of "+c.app.String(), seqs(log), c.seqs)
		t.same("prev of "+c.app.String(), log[len(log)-1].Prev, c.prev)
	}
}

func numbersGoOn(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true, false) // 1, 2
	t.destroy(app1, "r")            // 3
	if got, err := t.s.Room(ctx(), app1, "r"); got != nil || err != nil {
		t.Errorf("a destroyed room is %v, error %v, want none", got, err)
	}
	t.same("lane of the room that is gone", t.load(app1, "r").Rooms, []engine.Room{{Lane: eventlog.LaneState{Seq: 3, Callback: 3, Time: 1_000}}})
	t.write(app1, "other", true)      // another lane in between
	again := t.write(app1, "r", true) // 5
	t.same("after it was created again", rows(again), []row{{5, 4, 4, 3}})

	// The last event of a lane need not be a callback event.
	t.write(app1, "r", false) // 6
	events, err := write(t.s, app1, "r", true, false)
	t.must(err)
	t.same("destroyed while switched off", rows(events), []row{{7, 5, 6, 4}})
	t.same("lane of the room that is gone again", t.load(app1, "r").Rooms[0].Lane, eventlog.LaneState{Seq: 6, Callback: 4, Time: 1_000})
}
