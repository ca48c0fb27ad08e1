package storetest

import (
	"reflect"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// DeadLetter is an event that was given up, as a store keeps it.
type DeadLetter struct {
	eventlog.Dead
	Event eventlog.Event
}

// day returns a time; larger ones are later.
func day(n int) time.Time {
	return time.UnixMilli(1_750_000_000_123).Add(time.Duration(n) * 24 * time.Hour)
}

func dead(seq int64, at time.Time) eventlog.Dead {
	return eventlog.Dead{Seq: seq, At: at, Why: "500", Attempts: 7}
}

// give gives events up, as the reader's next settlement.
func (t *suite) give(id delivery.ReaderID, fence int64, cursor int64, list ...eventlog.Dead) {
	t.Helper()
	t.settled(delivery.Settlement{Reader: id, Fence: fence, Cursor: eventlog.NewCursor(cursor), Dead: list})
}

func (t *suite) dead(id delivery.ReaderID) []DeadLetter {
	t.Helper()
	list, err := t.h.Dead(id)
	t.must(err)
	return list
}

func (t *suite) deadSeqs(id delivery.ReaderID) []int64 {
	t.Helper()
	var list []int64
	for _, d := range t.dead(id) {
		list = append(list, d.Seq)
	}
	return list
}

func deadLetters(t *suite) {
	t.newApps(app1, app2)
	var e eventlog.Event
	n := 0
	fill(reflect.ValueOf(&e).Elem(), &n)
	t.must(commit(t.s, []engine.Change{{App: app1, Events: []eventlog.Event{e}}}))
	t.write(app1, "r", true, true)
	log := t.log(app1)
	id := callbackReader(app1)
	p := t.open(app1)
	first := eventlog.Dead{Seq: 1, At: day(1), Why: "timeout after 5s", Attempts: 12}
	second := dead(3, day(2))
	want := []DeadLetter{{first, log[0]}, {second, log[2]}}
	t.give(id, p.Fence, 1, first, second)
	t.same("dead letters", t.dead(id), want)
	// What is one already stays as it is, and what the log never had becomes none.
	t.give(id, p.Fence, 3, dead(1, day(9)), dead(4, day(9)))
	t.same("dead letters that were given up again", t.dead(id), want)
	t.same("dead letters of the other App", t.dead(callbackReader(app2)), []DeadLetter{})

	t.forget(app1, 3, 100, 3)
	t.same("dead letters after the log forgot them", t.dead(id), want)
	t.give(id, p.Fence, 3, dead(1, day(9)), dead(2, day(9)))
	t.same("dead letters that were given up after the log forgot them", t.dead(id), want)
}

func revived(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, true, true)
	t.write(app2, "r", true)
	id, other := callbackReader(app1), callbackReader(app2)
	t.give(id, t.open(app1).Fence, 3, dead(1, day(1)), dead(2, day(1)), dead(3, day(1)))
	t.give(other, t.open(app2).Fence, 1, dead(1, day(1)))
	again := t.redeliver(app1, delivery.Redelivery{From: 1, To: 3, At: day(2)})
	p := t.openReader(again)
	// The redelivery gives up what it could not deliver either, under its own name.
	s := delivery.Settlement{
		Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(3), Dead: []eventlog.Dead{dead(3, day(3))},
		Revived: []int64{2, 1, 9}, RevivedOf: delivery.CallbackReader,
	}
	t.settled(s)
	t.same("dead letters", t.deadSeqs(id), []int64{3})
	t.same("dead letters of the redelivery", t.deadSeqs(again), []int64{3})
	t.same("dead letters of the other App", t.deadSeqs(other), []int64{1})
	t.settled(s)
	t.same("dead letters after the same settlement again", t.deadSeqs(id), []int64{3})
}

// forgetDead calls ForgetDead and compares how many went.
func (t *suite) forgetDead(before time.Time, keep, limit, aged, beyond int) {
	t.Helper()
	gotAged, gotBeyond, err := t.s.ForgetDead(ctx(), before, keep, limit)
	t.must(err)
	t.same("dead letters removed by age and beyond the cap", []int{gotAged, gotBeyond}, []int{aged, beyond})
}

func deadByAge(t *suite) {
	t.newApps(app1, app2)
	t.forgetDead(day(9), 100, 100, 0, 0)
	t.write(app1, "r", true, true, true, true)
	t.write(app2, "r", true)
	one, two := callbackReader(app1), callbackReader(app2)
	// Not in the order of their numbers: lanes are given up when they are.
	t.give(one, t.open(app1).Fence, 4, dead(1, day(5)), dead(2, day(1)), dead(3, day(3)), dead(4, day(2)))
	t.give(two, t.open(app2).Fence, 1, dead(1, day(2)))
	t.forgetDead(day(1), 100, 100, 0, 0) // exactly as old is not before
	t.same("dead letters", t.deadSeqs(one), []int64{1, 2, 3, 4})
	t.forgetDead(day(3), 100, 1, 1, 0)
	t.same("dead letters after the oldest went", t.deadSeqs(one), []int64{1, 3, 4})
	t.forgetDead(day(3), 100, 100, 2, 0)
	t.same("dead letters of the first App", t.deadSeqs(one), []int64{1, 3})
	t.same("dead letters of the second App", t.deadSeqs(two), []int64{})
	t.forgetDead(day(3), 100, 100, 0, 0)
}

func deadBeyond(t *suite) {
	t.newApps(app1, app2, largest)
	for id, n := range map[live.AppID]int{app1: 5, app2: 2, largest: 4} {
		t.write(id, "r", make([]bool, n)...)
		var list []eventlog.Dead
		for seq := range int64(n) {
			list = append(list, dead(seq+1, day(9-int(seq)))) // the lowest numbers were given up last
		}
		t.give(callbackReader(id), t.open(id).Fence, int64(n), list...)
	}
	left := func(want ...[]int64) {
		t.Helper()
		for i, id := range []live.AppID{app1, app2, largest} {
			t.same("dead letters of "+id.String(), t.deadSeqs(callbackReader(id)), want[i])
		}
	}
	t.forgetDead(day(0), 5, 100, 0, 0)
	left([]int64{1, 2, 3, 4, 5}, []int64{1, 2}, []int64{1, 2, 3, 4})
	t.forgetDead(day(0), 2, 2, 0, 2)
	t.forgetDead(day(0), 2, 2, 0, 2)
	t.forgetDead(day(0), 2, 2, 0, 1)
	t.forgetDead(day(0), 2, 2, 0, 0)
	left([]int64{4, 5}, []int64{1, 2}, []int64{3, 4})
	t.forgetDead(day(0), 0, 100, 0, 6)
	left(nil, nil, nil)
}

// deadBeyondOfEach has an endpoint that gives up much: what others gave up stays, also when it is older.
func deadBeyondOfEach(t *suite) {
	t.newApps(app1)
	t.endpoints(app1, "audit", "shadow")
	t.write(app1, "r", make([]bool, 9)...)
	list := func(seqs ...int64) (list []eventlog.Dead) {
		for _, seq := range seqs {
			list = append(list, dead(seq, day(1)))
		}
		return list
	}
	callback, audit, shadow := callbackReader(app1), endpointID(app1, "audit"), endpointID(app1, "shadow")
	t.give(callback, t.open(app1).Fence, 9, list(1, 2)...)
	t.give(audit, t.openReader(audit).Fence, 9, list(3, 4, 5, 6, 7, 8, 9)...)
	t.give(shadow, t.openReader(shadow).Fence, 9, list(1, 5, 9)...)
	left := func(want ...[]int64) {
		t.Helper()
		for i, id := range []delivery.ReaderID{callback, audit, shadow} {
			t.same("dead letters of "+id.Name, t.deadSeqs(id), want[i])
		}
	}
	t.forgetDead(day(0), 2, 4, 0, 4)
	left([]int64{1, 2}, []int64{7, 8, 9}, []int64{1, 5, 9})
	t.forgetDead(day(0), 2, 4, 0, 2)
	left([]int64{1, 2}, []int64{8, 9}, []int64{5, 9})
	t.forgetDead(day(0), 2, 4, 0, 0)
}
