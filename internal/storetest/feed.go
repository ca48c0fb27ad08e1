package storetest

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
)

// amplePart is a page that is never full.
var amplePart = feed.Page{Events: 1000, Bytes: 1 << 24}

func bounds(t *suite) {
	t.newApps(app1, app2)
	want := func(what string, id live.AppID, want feed.Bounds) {
		t.Helper()
		got, err := t.s.Bounds(ctx(), id)
		t.must(err)
		want.Log = logOf(id)
		t.same(what, got, want)
	}
	want("an empty log", app1, feed.Bounds{Oldest: 1})
	t.write(app1, "r", false)
	want("no callback event", app1, feed.Bounds{Oldest: 1, Head: 1})
	t.write(app1, "r", true, false, false)
	want("a callback event and others after it", app1, feed.Bounds{Oldest: 1, Head: 4, Callback: 2})
	t.settleTo(app1, 4)
	t.forget(app1, 99, 2, 2)
	want("half forgotten", app1, feed.Bounds{Oldest: 3, Head: 4, Callback: 2})
	t.forget(app1, 99, 100, 2)
	want("all forgotten", app1, feed.Bounds{Oldest: 5, Head: 4, Callback: 2})
	t.write(app1, "r", true)
	want("after all was forgotten", app1, feed.Bounds{Oldest: 5, Head: 5, Callback: 5})
	want("the other App", app2, feed.Bounds{Oldest: 1})
	_, err := t.s.Bounds(ctx(), largest)
	t.fails("Bounds of no App", err, feed.ErrNoLog)
}

func eventsAfter(t *suite) {
	t.newApps(app1, app2)
	for range 3 {
		t.write(app1, "r", true, false)
	}
	t.write(app2, "r", true)
	log := t.log(app1)
	t.settleTo(app1, 6)
	t.forget(app1, 2, 100, 2)
	for _, c := range []struct {
		name  string
		after int64
		page  feed.Page
		want  []eventlog.Event
		end   bool
	}{
		{"from before the log", 0, amplePart, log[2:], true},
		{"from where it begins", 2, amplePart, log[2:], true},
		{"from the middle", 4, amplePart, log[4:], true},
		{"from the end", 6, amplePart, nil, true},
		{"by events", 2, feed.Page{Events: 2, Bytes: 1 << 20}, log[2:4], false},
		{"by bytes", 2, feed.Page{Events: 100, Bytes: 2 * log[2].Size()}, log[2:4], false},
		{"at least one", 2, feed.Page{Events: 100, Bytes: 1}, log[2:3], false},
	} {
		got, end, err := t.s.EventsAfter(ctx(), app1, c.after, c.page)
		t.must(err)
		t.same(c.name, got, c.want)
		t.same(c.name+": the end", end, c.end)
	}
}

func laneEventsAfter(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, false) // 1, 2
	t.write(app1, "q", true)        // 3
	t.write(app1, "r", true)        // 4
	t.write(app1, "R", true)        // 5
	t.destroy(app1, "r")            // 6
	t.write(app1, "r", false)       // 7
	t.write(app2, "r", true)
	t.settleTo(app1, 7)
	t.forget(app1, 1, 100, 1)
	for _, c := range []struct {
		name  string
		lane  eventlog.Lane
		after int64
		page  feed.Page
		want  []int64
		end   bool
	}{
		{"all that is not forgotten", "r", 0, amplePart, []int64{2, 4, 6, 7}, true},
		{"after an event of the lane", "r", 4, amplePart, []int64{6, 7}, true},
		{"after one of another lane", "r", 5, amplePart, []int64{6, 7}, true},
		{"after the last", "r", 7, amplePart, nil, true},
		{"by events", "r", 0, feed.Page{Events: 2, Bytes: 1 << 20}, []int64{2, 4}, false},
		{"at least one", "r", 0, feed.Page{Events: 9, Bytes: 1}, []int64{2}, false},
		{"letter case", "R", 0, amplePart, []int64{5}, true},
		{"no such lane", "r/members", 0, amplePart, nil, true},
	} {
		got, end, err := t.s.LaneEventsAfter(ctx(), app1, c.lane, c.after, c.page)
		t.must(err)
		t.same(c.name, seqs(got), c.want)
		t.same(c.name+": the end", end, c.end)
	}
}

func roomsAfter(t *suite) {
	t.newApps(app1, app2)
	for _, id := range []live.RoomID{"a", "_", "Z", "b-1", "gone", "b"} {
		t.write(app1, id, true, false)
	}
	t.destroy(app1, "gone")
	t.write(app2, "foreign", true)
	order := []live.RoomID{"Z", "_", "a", "b", "b-1"}
	for limit := 1; limit <= len(order)+1; limit++ {
		var got []live.RoomID
		for after := live.RoomID(""); ; {
			page, err := t.s.RoomsAfter(ctx(), app1, after, limit)
			t.must(err)
			if len(page) > limit {
				t.Fatalf("a page of %d has %d rooms", limit, len(page))
			}
			if len(page) == 0 {
				break
			}
			for i := range page {
				got = append(got, page[i].Doc.ID)
			}
			after = got[len(got)-1]
		}
		t.same(fmt.Sprintf("rooms in pages of %d", limit), got, order)
	}
	page, err := t.s.RoomsAfter(ctx(), app1, "_", 1)
	t.must(err)
	t.same("the room itself", page, []feed.Room{{Doc: *room("a"), Lane: eventlog.LaneState{Seq: 2, Callback: 1, Time: 1_000}}})
	// What is being created is not there yet.
	tx, err := t.s.Begin(ctx())
	t.must(err)
	defer tx.Rollback()
	_, err = tx.Load(ctx(), []engine.Want{{App: app1, Rooms: []live.RoomID{"new"}, Create: []bool{true}}})
	t.must(err)
	page, err = t.s.RoomsAfter(ctx(), app1, "gone", 10)
	t.must(err)
	t.same("rooms beside one that is being created", page, []feed.Room{})
}

func lastCallbacks(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "quiet", true, false) // 1, 2
	t.write(app1, "gone", true)         // 3
	t.destroy(app1, "gone")             // 4
	t.write(app1, "r", true, true)      // 5, 6
	t.write(app1, "none", false)        // 7
	t.write(app2, "r", true)
	e := event("r", true, "{}")
	e.Lane, e.RoomSeq = "r/members", 9
	other := event("r", false, "{}")
	other.Lane, other.RoomSeq, other.RoomPrev = eventlog.AppLane, 5, 4
	t.must(commit(t.s, []engine.Change{{App: app1, Events: []eventlog.Event{e, other}}})) // 8, 9
	lanes := []eventlog.Lane{"r", "gone", "quiet", "none", "never", "r/members", eventlog.AppLane, "R", "r"}
	got, err := t.s.LastCallbacks(ctx(), app1, lanes)
	t.must(err)
	t.same("last callbacks", got, []int64{2, 2, 1, 0, 0, 9, 4, 0, 2})
	t.settleTo(app1, 9)
	t.forget(app1, 99, 100, 9)
	got, err = t.s.LastCallbacks(ctx(), app1, lanes)
	t.must(err)
	t.same("last callbacks after the log forgot them", got, []int64{2, 0, 1, 0, 0, 0, 0, 0, 2})
	got, err = t.s.LastCallbacks(ctx(), app1, nil)
	t.must(err)
	t.same("last callbacks of no lane", got, []int64{})
	many := slices.Repeat(lanes[:1], 1000)
	got, err = t.s.LastCallbacks(ctx(), app1, many)
	t.must(err)
	t.same("last callbacks of many lanes", got, slices.Repeat([]int64{2}, 1000))
}

func standing(t *suite) {
	t.newApps(app1, app2)
	t.timed(app1, 10, 20, 30) // lane r, 1 to 3
	t.write(app1, "q", true, false, true)
	t.write(app1, "q", true) // 4, 5, 6, 7
	t.write(app2, "r", true)
	want := func(what string, to int64, limit int, want feed.Standing) {
		t.Helper()
		got, err := t.s.Standing(ctx(), app1, delivery.CallbackReader, to, limit)
		t.must(err)
		t.same(what, got, want)
	}
	want("nothing settled", 7, 100, feed.Standing{Waiting: 6, Oldest: 1, OldestTime: 10})
	want("counted to a limit", 7, 2, feed.Standing{Waiting: 2, Oldest: 1, OldestTime: 10})
	want("counted to a number", 3, 100, feed.Standing{Waiting: 3, Oldest: 1, OldestTime: 10})
	s := delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(1), Paused: "asked for"}
	s.Cursor.MarkRange(5, 6)
	s.Dead = []eventlog.Dead{dead(1, day(1))}
	t.settled(s)
	want("ranges beyond the cursor, paused, one given up", 7, 100, feed.Standing{Waiting: 4, Oldest: 2, OldestTime: 20, Paused: "asked for", Dead: 1})
	s.Paused, s.Cursor, s.Dead = "", eventlog.NewCursor(6), nil
	s.Hold = []eventlog.Held{held("q", 6), held("r", 2)}
	t.settled(s)
	want("held lanes", 7, 100, feed.Standing{Waiting: 4, Oldest: 2, OldestTime: 20, Held: 2, Dead: 1})
	s.Hold, s.Release, s.Cursor = nil, []eventlog.Lane{"q", "r"}, eventlog.NewCursor(7)
	t.settled(s)
	want("all settled", 7, 100, feed.Standing{Dead: 1})
	t.forget(app1, 99, 100, 7)
	want("all forgotten", 7, 100, feed.Standing{Dead: 1})
	for _, id := range []live.AppID{app1, largest} {
		_, err := t.s.Standing(ctx(), id, "nobody", 7, 1)
		t.fails("Standing of nobody", err, feed.ErrNoReader)
	}
}

// manyWaiting has more that waits than a store looks at at a time: before the reader, and in lanes that are held.
func manyWaiting(t *suite) {
	const each, lanes = 1500, 2
	t.newApps(app1)
	var events []eventlog.Event
	for i := range each * lanes {
		events = append(events, event(live.RoomID(fmt.Sprintf("r%d", i%lanes)), true, "{}"), event("quiet", false, "{}"))
	}
	t.must(commit(t.s, []engine.Change{{App: app1, Events: events}}))
	head := int64(len(events))
	want := func(what string, limit int, want feed.Standing) {
		t.Helper()
		got, err := t.s.Standing(ctx(), app1, delivery.CallbackReader, head, limit)
		t.must(err)
		t.same(what, got, want)
	}
	want("nothing is read", 1<<20, feed.Standing{Waiting: each * lanes, Oldest: 1})
	want("nothing is read, to a limit", 1200, feed.Standing{Waiting: 1200, Oldest: 1})
	t.settleTo(app1, head, held("r0", 1), held("r1", 7))
	want("all is in held lanes", 1<<20, feed.Standing{Waiting: each*lanes - 1, Oldest: 1, Held: lanes})
	want("all is in held lanes, to a limit", 1200, feed.Standing{Waiting: 1200, Oldest: 1, Held: lanes})
}

// standingModelled compares with counting one by one what neither the cursor nor a held lane says is settled.
func standingModelled(t *suite) {
	const count = 40
	t.newApps(app1)
	for i := range count {
		t.write(app1, live.RoomID("r"+string(rune('0'+i%4))), i%3 != 0)
	}
	log := t.log(app1)
	reader := t.open(app1)
	var held []eventlog.Lane
	rapid.Check(t.T, func(rt *rapid.T) {
		s := delivery.Settlement{Reader: callbackReader(app1), Fence: reader.Fence, Release: held}
		s.Cursor = eventlog.NewCursor(rapid.Int64Range(0, count+2).Draw(rt, "done"))
		for range rapid.IntRange(0, 4).Draw(rt, "ranges") {
			from := rapid.Int64Range(1, count).Draw(rt, "from")
			s.Cursor.MarkRange(from, from+rapid.Int64Range(0, 5).Draw(rt, "more"))
		}
		t.settled(s)
		s.Release, held = nil, nil
		next := map[eventlog.Lane]int64{}
		for _, e := range log {
			if _, ok := next[e.Lane]; e.Callback && !ok && rapid.IntRange(0, 9).Draw(rt, "hold") == 0 {
				next[e.Lane] = e.Seq
				s.Hold, held = append(s.Hold, eventlog.Held{Lane: e.Lane, Next: e.Seq}), append(held, e.Lane)
			}
		}
		t.settled(s)
		want := feed.Standing{Held: len(held)}
		for _, e := range log {
			n, waits := next[e.Lane]
			if e.Callback && (!s.Cursor.Has(e.Seq) || waits && e.Seq >= n) {
				want.Count(e.Seq, 1000)
				want.OldestTime = log[want.Oldest-1].Time
			}
		}
		got, err := t.s.Standing(ctx(), app1, delivery.CallbackReader, count, 1000)
		if err != nil || got != want {
			rt.Fatalf("cursor %d, %q, held %s: %+v, %v, want %+v", s.Cursor.Done(), s.Cursor.Beyond(), strings.Join(texts(held), " "), got, err, want)
		}
	})
}

func texts(lanes []eventlog.Lane) []string {
	var list []string
	for _, l := range lanes {
		list = append(list, string(l))
	}
	return list
}
