package storetest

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func (t *suite) redeliver(id live.AppID, r delivery.Redelivery) delivery.ReaderID {
	t.Helper()
	reader, err := t.s.Redeliver(ctx(), id, r)
	t.must(err)
	t.same("App of the reader", reader.App, id)
	return reader
}

func (t *suite) openReader(id delivery.ReaderID) delivery.Position {
	t.Helper()
	p, err := t.s.Open(ctx(), id)
	t.must(err)
	return p
}

// pendingReaders returns the names of the readers of an App that have something to do, sorted.
func (t *suite) pendingReaders(id live.AppID) []string {
	t.Helper()
	var names []string
	t.must(t.s.Pending(ctx(), func(r delivery.ReaderID) error {
		if r.App == id {
			names = append(names, r.Name)
		}
		return nil
	}))
	slices.Sort(names)
	return names
}

func redelivery(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, true, true)
	if p := t.open(app1); p.Redelivery != nil {
		t.Errorf("the reader of the callback URL sends %+v again", p.Redelivery)
	}
	t.settled(delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(3)})
	want := delivery.Redelivery{Reader: delivery.CallbackReader, From: 2, To: 1 << 40, Lane: "r/members", DeadOnly: true, By: "administrator", At: day(1)}
	first := t.redeliver(app1, want)
	plain := delivery.Redelivery{Reader: delivery.CallbackReader, From: 1, To: 1, At: day(2)}
	t.write(app2, "r", true)
	second, other := t.redeliver(app1, plain), t.redeliver(app2, plain)
	if first.Name == second.Name || first.Name == delivery.CallbackReader || second.Name == delivery.CallbackReader {
		t.Fatalf("the readers %q and %q of two redeliveries, want names of their own", first.Name, second.Name)
	}
	t.same("pending", t.pendingReaders(app1), sorted(first.Name, second.Name))
	t.same("pending of the other App", t.pendingReaders(app2), sorted(delivery.CallbackReader, other.Name))
	p := t.openReader(first)
	want.To = 3 // the last number of the log
	t.same("redelivery", p.Redelivery, &want)
	t.same("cursor", p.Cursor, eventlog.NewCursor(1))
	t.same("log", p.Log, logOf(app1))
	t.same("the other redelivery", t.openReader(second).Redelivery, &plain)
	if _, err := t.s.Redeliver(ctx(), largest, plain); err == nil {
		t.Error("a redelivery of an App that does not exist was stored")
	}
}

func sorted(names ...string) []string {
	slices.Sort(names)
	return names
}

func finishedRedelivery(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true, true)
	t.settled(delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(2), Hold: []eventlog.Held{held("r", 2)}})
	id := t.redeliver(app1, delivery.Redelivery{From: 1, To: 2, At: day(1)})
	old := t.openReader(id)
	p := t.openReader(id)
	put := func(s delivery.Settlement) []delivery.ReaderID {
		t.Helper()
		s.Reader = id
		fenced, err := t.s.Settle(ctx(), []delivery.Settlement{s})
		t.must(err)
		return fenced
	}
	attempt := eventlog.Attempt{Seq: 1, Number: 1, At: day(2), Durable: eventlog.Delivered, Cloud: eventlog.Delivered}
	t.same("fenced off", put(delivery.Settlement{
		Fence: p.Fence, Cursor: eventlog.NewCursor(1), Hold: []eventlog.Held{held("r", 2)}, Attempts: []eventlog.Attempt{attempt},
		Skip: []eventlog.Skip{{Lane: "r", From: 1, To: 1, Seq: 1}},
	}), []delivery.ReaderID{})
	t.same("pending", t.pendingReaders(app1), sorted(delivery.CallbackReader, id.Name))
	t.same("fenced off by who opened last", put(delivery.Settlement{Fence: old.Fence, Cursor: eventlog.NewCursor(2), Finished: true}), []delivery.ReaderID{id})

	last := delivery.Settlement{Fence: p.Fence, Cursor: eventlog.NewCursor(2), Attempts: []eventlog.Attempt{{Seq: 2, Number: 1, At: day(2)}}, Finished: true}
	t.same("fenced off at the end", put(last), []delivery.ReaderID{})
	t.same("the same settlement again, as after an unknown outcome", put(last), []delivery.ReaderID{})
	t.same("who was fenced off before, after the end", put(delivery.Settlement{Fence: old.Fence, Finished: true}), []delivery.ReaderID{id})
	t.same("pending after the end", t.pendingReaders(app1), []string{delivery.CallbackReader})
	_, err := t.s.Open(ctx(), id)
	t.fails("opening a redelivery that is finished", err, delivery.ErrNoReader)
	t.same("its announcements", t.skips(id, "r"), []eventlog.Skip{})
	attempts, err := t.h.Attempts(id)
	t.must(err)
	t.same("its attempts", attempts, []eventlog.Attempt{attempt, last.Attempts[0]})
	t.same("held lanes of the other reader", t.open(app1).Held, []eventlog.Held{held("r", 2)})
	if next := t.redeliver(app1, delivery.Redelivery{From: 1, To: 2, At: day(3)}); next.Name == id.Name {
		t.Errorf("the name %q was used again", id.Name)
	}
}

// finishedByAge has a redelivery of a dead letter that the log has forgotten: Forget does not reach its attempts any more.
func finishedByAge(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true)
	t.give(callbackReader(app1), t.open(app1).Fence, 1, dead(1, day(1)))
	t.forget(app1, 1, 1, 1)
	over, going := t.redeliver(app1, delivery.Redelivery{From: 1, To: 1, At: day(2)}), t.redeliver(app1, delivery.Redelivery{From: 1, To: 1, At: day(2)})
	attempts := []eventlog.Attempt{{Seq: 1, Number: 1, At: day(3)}, {Seq: 1, Number: 2, At: day(3)}}
	for _, id := range []delivery.ReaderID{over, going} {
		t.settled(delivery.Settlement{
			Reader: id, Fence: t.openReader(id).Fence, Cursor: eventlog.NewCursor(1), Attempts: attempts, Finished: id == over,
		})
	}
	left := func(id delivery.ReaderID, want []eventlog.Attempt) {
		t.Helper()
		got, err := t.h.Attempts(id)
		t.must(err)
		t.same("attempts of "+id.Name, got, want)
	}
	t.forgetDead(day(0), 9, 100, 0, 0)
	left(over, attempts)
	t.forgetDead(time.Now().Add(time.Hour), 9, 100, 1, 0) // as time goes by
	left(over, nil)
	left(going, attempts)
	t.same("pending", t.pendingReaders(app1), []string{going.Name})
	if next := t.redeliver(app1, delivery.Redelivery{From: 1, To: 1, At: day(4)}); next.Name == over.Name || next.Name == going.Name {
		t.Errorf("the name %q was used again", next.Name)
	}
}

// limitedRedeliveries asks for more than an App may have; one that ends makes room for another.
func limitedRedeliveries(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true)
	r := delivery.Redelivery{From: 1, To: 1, At: day(1)}
	var first delivery.ReaderID
	for i := range delivery.MaxRedeliveries {
		if id := t.redeliver(app1, r); i == 0 {
			first = id
		}
	}
	_, err := t.s.Redeliver(ctx(), app1, r)
	t.fails("one more", err, delivery.ErrTooMany)
	t.redeliver(app2, r)
	t.settled(delivery.Settlement{Reader: first, Fence: t.openReader(first).Fence, Cursor: eventlog.NewCursor(1), Finished: true})
	t.redeliver(app1, r)
}

// concurrentRedeliveries asks for redeliveries on every handle at once: each has a name of its own.
func concurrentRedeliveries(t *suite) {
	t.newApps(app1)
	handles := t.handles()
	const each = 8
	for range each * len(handles) {
		t.write(app1, "r", true)
	}
	names := make([]string, each*len(handles))
	var asking sync.WaitGroup
	for i := range names {
		asking.Go(func() {
			id, err := handles[i%len(handles)].Redeliver(ctx(), app1, delivery.Redelivery{From: 1, To: int64(i + 1), At: day(1)})
			if err != nil {
				t.Errorf("redelivery %d: %v", i, err)
			}
			names[i] = id.Name
		})
	}
	asking.Wait()
	for i, name := range names {
		if p := t.openReader(delivery.ReaderID{App: app1, Name: name}); p.Redelivery == nil || p.Redelivery.To != int64(i+1) {
			t.Errorf("the reader %q has %+v, want the redelivery to %d", name, p.Redelivery, i+1)
		}
	}
	slices.Sort(names)
	t.same("names", len(slices.Compact(names)), each*len(handles))
}

// readAgain has eight events, of which the log has forgotten the first four; 1, 3, 4 and 6 are dead letters.
func readAgain(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, false, true) // 1, 2, 3
	t.write(app1, "q", true)              // 4
	t.write(app1, "r", true)              // 5
	t.write(app1, "q", true, false)       // 6, 7
	t.write(app1, "r", true)              // 8
	t.write(app2, "r", true, true, true)
	log := t.log(app1)
	size := log[0].Size()
	id := callbackReader(app1)
	check := func(state string) {
		t.Helper()
		for _, c := range []struct {
			name     string
			from, to int64
			lane     eventlog.Lane
			dead     bool
			page     delivery.Page
			want     []int64
		}{
			{"one lane", 3, 8, "r", false, ample, []int64{3, 5, 8}},
			{"both ends are included", 3, 6, "", false, ample, []int64{3, 4, 5, 6}},
			{"one", 4, 4, "", false, ample, []int64{4}},
			{"one of another lane", 4, 4, "r", false, ample, nil},
			{"no callback", 7, 7, "", false, ample, nil},
			{"backwards", 6, 3, "", false, ample, nil},
			{"after the head", 9, 99, "", false, ample, nil},
			{"dead letters", 1, 99, "", true, ample, []int64{1, 3, 4, 6}},
			{"dead letters between", 2, 4, "", true, ample, []int64{3, 4}},
			{"dead letters of a lane", 1, 99, "q", true, ample, []int64{4, 6}},
			{"dead letters where none is", 7, 8, "", true, ample, nil},
			{"by events", 3, 99, "", false, delivery.Page{Events: 2, Bytes: 1 << 20}, []int64{3, 4}},
			{"by events, over the log's beginning", 4, 99, "", false, delivery.Page{Events: 2, Bytes: 1 << 20}, []int64{4, 5}},
			{"by bytes", 3, 99, "r", false, delivery.Page{Events: 10, Bytes: 2 * size}, []int64{3, 5}},
			{"at least one", 3, 99, "", false, delivery.Page{Events: 10, Bytes: 1}, []int64{3}},
			{"dead letters by events", 1, 99, "", true, delivery.Page{Events: 1, Bytes: 1 << 20}, []int64{1}},
		} {
			got, err := t.s.ReadAgain(ctx(), app1, delivery.Redelivery{From: c.from, To: c.to, Lane: c.lane, DeadOnly: c.dead}, c.page)
			t.must(err)
			t.same(state+", "+c.name, seqs(got), c.want)
			for _, e := range got {
				t.same(state+", "+c.name+", the event itself", e, log[e.Seq-1])
			}
		}
	}
	all := func(want ...int64) {
		t.Helper()
		got, err := t.s.ReadAgain(ctx(), app1, delivery.Redelivery{From: 1, To: 8}, ample)
		t.must(err)
		t.same("all", seqs(got), want)
	}
	t.give(id, t.open(app1).Fence, 8, dead(6, day(1)), dead(3, day(1)), dead(1, day(1)), dead(4, day(1)))
	// What another reader has given up is no dead letter of the callback URL.
	again := t.redeliver(app1, delivery.Redelivery{From: 5, To: 5, At: day(2)})
	t.settled(delivery.Settlement{
		Reader: again, Fence: t.openReader(again).Fence, Cursor: eventlog.NewCursor(5), Dead: []eventlog.Dead{dead(5, day(3))}, Finished: true,
	})
	check("all in the log")
	all(1, 3, 4, 5, 6, 8)
	t.forget(app1, 4, 100, 4)
	check("half forgotten")
	all(1, 3, 4, 5, 6, 8)
	t.forget(app1, 99, 100, 4)
	all(1, 3, 4, 6)
	got, err := t.s.ReadAgain(ctx(), app1, delivery.Redelivery{From: 1, To: 8, Lane: "r"}, ample)
	t.must(err)
	t.same("one lane of what is forgotten", seqs(got), []int64{1, 3})
}

func readAgainBounds(t *suite) {
	t.newApps(app1)
	ch := engine.Change{App: app1}
	const count = 1100
	var list []eventlog.Dead
	for i := range count {
		ch.Events = append(ch.Events, event("r", true, strings.Repeat("x", 100)))
		list = append(list, dead(int64(i+1), day(1)))
	}
	t.must(commit(t.s, []engine.Change{ch}))
	t.give(callbackReader(app1), t.open(app1).Fence, count, list...)
	t.forget(app1, 600, 600, 600)
	for _, dead := range []bool{false, true} {
		got, err := t.s.ReadAgain(ctx(), app1, delivery.Redelivery{From: 1, To: count, DeadOnly: dead}, delivery.Page{Events: 5000, Bytes: 1 << 30})
		t.must(err)
		if len(got) != 1000 || got[0].Seq != 1 || got[999].Seq != 1000 {
			t.Errorf("%d events, want 1 to 1,000", len(got))
		}
	}
}
