package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// forget calls Forget and compares how many events went.
func (t *suite) forget(id live.AppID, to int64, limit, want int) {
	t.Helper()
	got, err := t.s.Forget(ctx(), id, to, limit)
	t.must(err)
	t.same("events forgotten", got, want)
}

// settleTo has the callback reader of an App settled up to a number, with the given lanes held.
func (t *suite) settleTo(id live.AppID, done int64, hold ...eventlog.Held) {
	t.Helper()
	t.settled(delivery.Settlement{Reader: callbackReader(id), Fence: t.open(id).Fence, Cursor: eventlog.NewCursor(done), Hold: hold})
}

// timed logs callback events with the given times.
func (t *suite) timed(id live.AppID, times ...int64) {
	t.Helper()
	ch := engine.Change{App: id}
	for _, at := range times {
		e := event("r", true, "{}")
		e.Time = at
		ch.Events = append(ch.Events, e)
	}
	t.must(commit(t.s, []engine.Change{ch}))
}

func aged(t *suite) {
	t.newApps(app1, app2, largest)
	type old struct {
		App live.AppID
		To  int64
	}
	got := func(before int64) []old {
		t.Helper()
		var list []old
		t.must(t.s.Aged(ctx(), time.UnixMilli(before), func(app live.AppID, to int64) error {
			list = append(list, old{app, to})
			return nil
		}))
		slices.SortFunc(list, func(a, b old) int { return int(int64(a.App) - int64(b.App)) })
		return list
	}
	t.same("of empty logs", got(1<<40), []old{})
	t.timed(app1, 10, 10, 20, 30, 30, 30, 40)
	t.timed(largest, 35)
	for _, c := range []struct {
		before int64
		want   []old
	}{
		{9, nil}, {10, nil},
		{11, []old{{app1, 2}}}, {20, []old{{app1, 2}}}, {21, []old{{app1, 3}}}, {30, []old{{app1, 3}}}, {31, []old{{app1, 6}}},
		{36, []old{{app1, 6}, {largest, 1}}}, {41, []old{{app1, 7}, {largest, 1}}}, {1 << 40, []old{{app1, 7}, {largest, 1}}},
	} {
		t.same("aged", got(c.before), c.want)
	}
	t.settleTo(app1, 7)
	t.forget(app1, 3, 100, 3)
	t.same("after the oldest were forgotten", got(30), []old{})
	t.same("the next", got(31), []old{{app1, 6}})
	// The store can be used by what is yielded.
	t.must(t.s.Aged(ctx(), time.UnixMilli(31), func(app live.AppID, to int64) error {
		_, err := t.s.Forget(ctx(), app, to, 100)
		return err
	}))
	t.same("log", seqs(t.log(app1)), []int64{7})
	stop := errors.New("stop")
	calls := 0
	err := t.s.Aged(ctx(), time.UnixMilli(1<<40), func(live.AppID, int64) error {
		calls++
		return stop
	})
	t.fails("Aged", err, stop)
	t.same("calls after an error", calls, 1)
}

// needed forgets as much as readers allow: each of them holds it up.
func needed(t *suite) {
	t.newApps(app1, app2)
	t.forget(app1, 99, 100, 0) // an empty log
	t.forget(largest, 99, 100, 0)
	for range 5 {
		t.write(app1, "r", true, false)
	}
	t.write(app2, "r", true)
	t.forget(app1, 99, 100, 0) // nothing is settled
	t.settleTo(app1, 8, held("a", 7), held("b", 6))
	t.forget(app1, 0, 100, 0)
	t.forget(app1, 99, 0, 0)
	t.forget(app1, 2, 1, 1)
	t.forget(app1, 2, 100, 1)
	t.forget(app1, 2, 100, 0)
	// A redelivery of dead letters needs no log.
	dead := t.redeliver(app1, delivery.Redelivery{From: 1, To: 5, DeadOnly: true, At: day(1)})
	t.settled(delivery.Settlement{Reader: dead, Fence: t.openReader(dead).Fence, Hold: []eventlog.Held{held("d", 1)}})
	again := t.redeliver(app1, delivery.Redelivery{From: 4, To: 5, At: day(1)})
	t.forget(app1, 99, 100, 1)
	t.same("log that a redelivery needs", seqs(t.log(app1)), []int64{4, 5, 6, 7, 8, 9, 10})
	p := t.openReader(again)
	t.settled(delivery.Settlement{Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(9), Hold: []eventlog.Held{held("c", 5)}})
	t.forget(app1, 99, 100, 1)
	t.settled(delivery.Settlement{Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(9), Finished: true})
	t.forget(app1, 99, 100, 1)
	t.same("log that a held lane needs", seqs(t.log(app1)), []int64{6, 7, 8, 9, 10})
	callback := delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(8), Release: []eventlog.Lane{"b"}}
	t.settled(callback)
	t.forget(app1, 99, 100, 1)
	callback.Release = []eventlog.Lane{"a"}
	callback.Cursor.Mark(10) // a range beyond the cursor
	t.settled(callback)
	t.forget(app1, 99, 100, 2)
	t.same("log that the cursor needs", seqs(t.log(app1)), []int64{9, 10})
	t.same("log of the other App", seqs(t.log(app2)), []int64{1})
}

func forgotten(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, true, true, true)
	t.write(app2, "r", true, true)
	attempts := func(seqs ...int64) (list []eventlog.Attempt) {
		for _, seq := range seqs {
			for n := range 2 {
				list = append(list, eventlog.Attempt{Seq: seq, Number: n + 1, At: day(1), Durable: eventlog.Retry, Cloud: eventlog.Failed})
			}
		}
		return list
	}
	id, other := callbackReader(app1), callbackReader(app2)
	skips := []eventlog.Skip{{Lane: "a", From: 1, To: 1, Seq: 2}, {Lane: "b", From: 1, To: 2, Seq: 3}}
	t.settled(
		delivery.Settlement{Reader: id, Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(4), Attempts: attempts(1, 2, 3, 4), Skip: skips},
		delivery.Settlement{Reader: other, Fence: t.open(app2).Fence, Cursor: eventlog.NewCursor(2), Attempts: attempts(1, 2), Skip: skips},
	)
	// Of a redelivery that is finished, and of one that is not.
	over, going := t.redeliver(app1, delivery.Redelivery{From: 1, To: 4, At: day(2)}), t.redeliver(app1, delivery.Redelivery{From: 1, To: 4, At: day(2)})
	t.settled(
		delivery.Settlement{Reader: over, Fence: t.openReader(over).Fence, Cursor: eventlog.NewCursor(4), Attempts: attempts(1, 3), Finished: true},
		delivery.Settlement{Reader: going, Fence: t.openReader(going).Fence, Cursor: eventlog.NewCursor(2), Attempts: attempts(2, 3), Skip: skips},
	)
	t.forget(app1, 4, 100, 2)
	t.forget(app1, 4, 100, 0)
	for id, want := range map[delivery.ReaderID][]eventlog.Attempt{
		id: attempts(3, 4), over: attempts(3), going: attempts(3), other: attempts(1, 2),
	} {
		got, err := t.h.Attempts(id)
		t.must(err)
		t.same("attempts of "+id.Name, got, want)
	}
	for id, want := range map[delivery.ReaderID][]eventlog.Skip{id: skips[1:], going: skips[1:], other: skips} {
		t.same("announcements of "+id.Name, t.skips(id, "a", "b"), want)
	}
}

func numbersAfterForgetting(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "long", true, true, true, true, true, true, true) // 1 to 7
	t.write(app1, "r", true, true)                                  // 8, 9
	t.destroy(app1, "r")                                            // 10
	t.write(app1, "quiet", true, false)                             // 11, 12
	t.write(app2, "other", true)
	t.settleTo(app1, 12)
	t.forget(app1, 99, 9, 9)
	t.same("lane of a room that is gone and not forgotten", t.load(app1, "r").Rooms[0].Lane, eventlog.LaneState{Seq: 3, Callback: 3, Time: 1_000})
	t.forget(app1, 99, 100, 3)
	t.same("log", t.log(app1), []eventlog.Event{})
	t.same("lanes", t.load(app1, "long", "never", "quiet", "r").Rooms, []engine.Room{
		{Doc: room("long"), Lane: eventlog.LaneState{Seq: 7, Callback: 7, Time: 1_000}},
		{Lane: eventlog.LaneState{Seq: 7}},
		{Doc: room("quiet"), Lane: eventlog.LaneState{Seq: 2, Callback: 1, Time: 1_000}},
		{Lane: eventlog.LaneState{Seq: 7}},
	})
	// Nothing that comes has a number that was there before.
	t.same("a room created again", rows(t.write(app1, "r", true, true)), []row{{13, 11, 8, 0}, {14, 13, 9, 8}})
	t.same("a new room", rows(t.write(app1, "never", false, true)), []row{{15, 14, 8, 0}, {16, 14, 9, 0}})
	t.same("a room that was there", rows(t.write(app1, "quiet", true)), []row{{17, 16, 3, 1}})
	t.same("a room of the other App", rows(t.write(app2, "r", true)), []row{{2, 1, 1, 0}})
	t.settleTo(app1, 17)
	t.destroy(app1, "r") // 18
	t.forget(app1, 99, 100, 5)
	t.same("a room created again that the log knows", rows(t.write(app1, "r", true)), []row{{19, 18, 11, 10}})
	t.settleTo(app1, 19)
	t.forget(app1, 99, 100, 2)
	t.same("after the log was emptied again", rows(t.write(app1, "new", false)), []row{{20, 19, 12, 0}})
	t.settleTo(app1, 20)
	t.forget(app1, 99, 100, 1)
	t.same("after the last was no callback", rows(t.write(app1, "new", true)), []row{{21, 19, 13, 0}})
	t.same("DiscardTo of a log that begins late", t.discard(app1), int64(21))
	t.settleTo(app1, 21)
	t.forget(app1, 99, 100, 1)
	t.same("DiscardTo of an empty log", t.discard(app1), int64(21))
}

// cursorBeyondHead settles more than there is, as after a restore of an older log: numbers are not given twice all the same.
func cursorBeyondHead(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true, true)
	t.settleTo(app1, 9)
	t.forget(app1, 99, 100, 2)
	t.same("numbers", rows(t.write(app1, "r", true)), []row{{3, 2, 3, 2}})
}

// discard asks for DiscardToHead and returns what it became.
func (t *suite) discard(id live.AppID) int64 {
	t.Helper()
	changes := []engine.Change{{App: id, Settings: &live.App{ID: id}, DiscardToHead: true}}
	t.must(commit(t.s, changes))
	return changes[0].Settings.DiscardTo
}
