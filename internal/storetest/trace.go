package storetest

import (
	"fmt"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

func lastBefore(t *suite) {
	t.newApps(app1, app2)
	got := func(id live.AppID, until int64) int64 {
		t.Helper()
		to, err := t.s.LastBefore(ctx(), id, time.UnixMilli(until))
		t.must(err)
		return to
	}
	t.timed(app1, 10, 10, 20, 30, 30, 40)
	for until, want := range map[int64]int64{9: 0, 10: 0, 11: 2, 20: 2, 21: 3, 30: 3, 31: 5, 40: 5, 41: 6, 99: 6} {
		t.same(fmt.Sprintf("the last before %d", until), got(app1, until), want)
	}
	t.settleTo(app1, 6)
	t.forget(app1, 2, 100, 2)
	t.same("before one that is not forgotten", got(app1, 31), int64(5))
	t.same("before all that are not forgotten", got(app1, 11), int64(2))
	t.forget(app1, 6, 100, 4)
	t.same("when all are forgotten", got(app1, 11), int64(6))
	t.same("of an empty log", got(app2, 31), int64(0))
}

func extents(t *suite) {
	t.newApps(app1)
	got := func(id live.AppID) operate.Extent {
		t.Helper()
		e, err := t.s.Extent(ctx(), id)
		t.must(err)
		return e
	}
	t.same("of an empty log", got(app1), operate.Extent{Log: logOf(app1)})
	t.same("of no App", got(app2), operate.Extent{})
	t.write(app1, "r", true, true, true)
	t.same("of three events", got(app1), operate.Extent{Log: logOf(app1), Head: 3})
	t.settleTo(app1, 3)
	t.forget(app1, 2, 100, 2)
	t.same("after two were forgotten", got(app1), operate.Extent{Log: logOf(app1), Floor: 2, Head: 3})
	t.forget(app1, 3, 100, 1)
	t.same("after all were", got(app1), operate.Extent{Log: logOf(app1), Floor: 3, Head: 3})
}

func (t *suite) trace(id delivery.ReaderID, seq int64) operate.Trace {
	t.Helper()
	trace, err := t.s.Trace(ctx(), id, seq)
	t.must(err)
	return trace
}

func traces(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, false, true) // 1, 2, 3
	t.write(app1, "q", true)              // 4
	t.write(app2, "r", true)
	log := t.log(app1)
	for i := range log {
		log[i].Body = nil
	}
	id := callbackReader(app1)
	h := held("r", 3)
	cursor := eventlog.NewCursor(3)
	attempts := []eventlog.Attempt{{Seq: 3, Number: 1, At: day(1), Status: 500, Durable: eventlog.Retry, Cloud: eventlog.Failed, Why: "status 500"},
		{Seq: 3, Number: 2, At: day(2), Durable: eventlog.Retry, Cloud: eventlog.Failed, Why: "timeout", Answer: "<&>"}}
	t.settled(delivery.Settlement{
		Reader: id, Fence: t.open(app1).Fence, Cursor: cursor, Hold: []eventlog.Held{h}, Attempts: attempts, Dead: []eventlog.Dead{dead(1, day(1))}, Paused: "asked",
	})
	extent := operate.Extent{Log: logOf(app1), Head: 4}
	standing := func(lane *eventlog.Held) *operate.Standing {
		return &operate.Standing{Cursor: cursor, Paused: "asked", Lane: lane}
	}
	d := dead(1, day(1))
	t.same("a dead letter", t.trace(id, 1), operate.Trace{Extent: extent, Event: &log[0], Standing: standing(&h), Dead: &d})
	t.same("no callback", t.trace(id, 2), operate.Trace{Extent: extent, Event: &log[1], Standing: standing(&h)})
	t.same("a lane that is held", t.trace(id, 3), operate.Trace{
		Extent: extent, Event: &log[2], Standing: standing(&h),
		Attempts: []operate.Try{{Reader: id.Name, Attempt: attempts[0]}, {Reader: id.Name, Attempt: attempts[1]}},
	})
	t.same("another lane", t.trace(id, 4), operate.Trace{Extent: extent, Event: &log[3], Standing: standing(nil)})
	t.same("above the head", t.trace(id, 5).Event, (*eventlog.Event)(nil))
	t.same("of no App", t.trace(callbackReader(largest), 1), operate.Trace{})
	t.same("of no reader", t.trace(delivery.ReaderID{App: app1, Name: "nobody"}, 4), operate.Trace{Extent: extent, Event: &log[3]})

	t.settled(delivery.Settlement{Reader: id, Fence: t.open(app1).Fence, Cursor: cursor, Release: []eventlog.Lane{"r"}})
	t.forget(app1, 2, 100, 2)
	extent.Floor = 2
	t.same("a dead letter that the log forgot", t.trace(id, 1).Event, &log[0])
	forgotten := t.trace(id, 2)
	t.same("what is forgotten", []any{forgotten.Extent, forgotten.Event}, []any{extent, (*eventlog.Event)(nil)})
}

func tracedRedeliveries(t *suite) {
	t.newApps(app1)
	t.endpoints(app1, "audit")
	t.write(app1, "r", true, true) // 1, 2
	t.write(app1, "q", true)       // 3
	id := callbackReader(app1)
	own := eventlog.Attempt{Seq: 2, Number: 1, At: day(0), Durable: eventlog.Retry, Cloud: eventlog.Failed}
	t.settled(delivery.Settlement{Reader: id, Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(3), Attempts: []eventlog.Attempt{own}})
	ask := func(n int, from, to int64, lane eventlog.Lane) (delivery.ReaderID, delivery.Redelivery) {
		r := delivery.Redelivery{Reader: id.Name, From: from, To: to, Lane: lane, By: "ann", At: day(n)}
		return t.redeliver(app1, r), r
	}
	first, all := ask(1, 1, 3, "")
	_, _ = ask(2, 1, 1, "")
	_, _ = ask(3, 1, 3, "q")
	second, lane := ask(4, 2, 2, "r")
	elsewhere := t.redeliver(app1, delivery.Redelivery{Reader: "endpoint-audit", From: 1, To: 3, By: "ann", At: day(5)})
	t.settled(delivery.Settlement{
		Reader: elsewhere, Fence: t.openReader(elsewhere).Fence, Cursor: eventlog.NewCursor(0),
		Attempts: []eventlog.Attempt{{Seq: 2, Number: 1, At: day(6), Durable: eventlog.Retry, Cloud: eventlog.Failed}},
	})
	again := eventlog.Attempt{Seq: 2, Number: 1, At: day(5), Durable: eventlog.Delivered, Cloud: eventlog.Delivered}
	t.settled(delivery.Settlement{Reader: second, Fence: t.openReader(second).Fence, Cursor: eventlog.NewCursor(2), Attempts: []eventlog.Attempt{again}, Finished: true})
	got := t.trace(id, 2)
	if n := len(got.Redeliveries); n != 2 || got.Redeliveries[1].Finished.IsZero() {
		t.Fatalf("redeliveries: %+v, want two, the second finished", got.Redeliveries)
	}
	got.Redeliveries[1].Finished = time.Time{}
	t.same("redeliveries", got.Redeliveries, []operate.Redelivery{{Reader: first.Name, Redelivery: all}, {Reader: second.Name, Redelivery: lane}})
	t.same("attempts", got.Attempts, []operate.Try{{Reader: id.Name, Attempt: own}, {Reader: second.Name, Attempt: again}})
	if there := t.trace(delivery.ReaderID{App: app1, Name: "endpoint-audit"}, 2); len(there.Redeliveries) != 1 || len(there.Attempts) != 1 {
		t.Errorf("of the endpoint: %+v and %+v, want one redelivery and its attempt", there.Redeliveries, there.Attempts)
	}
	t.same("attempts, when asked for the redelivery", t.trace(second, 2).Attempts, []operate.Try{{Reader: second.Name, Attempt: again}})
}

// tracedDiscard has four events and discards of two readers: each event was discarded by the first that reached it.
func tracedDiscard(t *suite) {
	t.newApps(app1, app2)
	t.endpoints(app1, "audit")
	t.timed(app1, 1000, 1000, 1000, 1000)
	t.timed(app2, 1000)
	callback, audit := callbackReader(app1), endpointID(app1, "audit")
	discard := func(at int64, by live.Account, command string, d *engine.Discarded) {
		t.Helper()
		t.must(commit(t.s, []engine.Change{{App: app1, Settings: withEndpoints(app1, "audit"), DiscardToHead: d != nil && d.To == 0, Audit: []engine.Audit{
			{At: time.UnixMilli(at), By: live.Actor{Account: by}, Command: command, Changed: []string{"discard"}, Discarded: d},
		}}}))
	}
	who := func(id delivery.ReaderID, seq int64, want string) {
		t.Helper()
		got := ""
		if d := t.trace(id, seq).Discarded; d != nil {
			got = fmt.Sprintf("%s at %d by %s", d.Command, d.At.UnixMilli(), d.By)
		}
		t.same(fmt.Sprintf("who discarded %d of %s", seq, id.Name), got, want)
	}
	who(callback, 1, "")
	discard(2000, "ann", "discard", &engine.Discarded{To: 1})
	discard(2001, "ann", "set_callback_token", nil)
	discard(2002, "bob", "discard", &engine.Discarded{Endpoint: "audit", To: 3})
	discard(2003, "bob", "discard", &engine.Discarded{To: 2})
	discard(2004, "eve", "delete_callback", &engine.Discarded{}) // up to 4, the head
	t.timed(app1, 1000)
	discard(2005, "eve", "discard", &engine.Discarded{To: 5})
	for seq, want := range map[int64]string{
		1: "discard at 2000 by ann", 2: "discard at 2003 by bob", 3: "delete_callback at 2004 by eve", 4: "delete_callback at 2004 by eve", 5: "discard at 2005 by eve",
	} {
		who(callback, seq, want)
	}
	for seq, want := range map[int64]string{1: "discard at 2002 by bob", 3: "discard at 2002 by bob", 4: ""} {
		who(audit, seq, want)
	}
	who(callbackReader(app2), 1, "")
	who(t.redeliver(app1, delivery.Redelivery{From: 1, To: 4, At: day(1)}), 1, "")
}

// tracedBeginning asks after which number readers began: it outlives other settings, and an endpoint that comes back begins anew.
func tracedBeginning(t *suite) {
	t.newApps(app1, app2)
	begun := func(id delivery.ReaderID, want int64) {
		t.Helper()
		s := t.trace(id, 1).Standing
		if s == nil {
			t.Fatalf("there is no reader %s", id.Name)
		}
		t.same("where "+id.Name+" begins", s.Begun, want)
	}
	t.timed(app1, 1000, 1000)
	t.timed(app2, 1000)
	callback, audit, shadow := callbackReader(app1), endpointID(app1, "audit"), endpointID(app1, "shadow")
	begun(callback, 0)
	t.endpoints(app1, "audit")
	begun(audit, 2)
	t.timed(app1, 1000)
	t.endpoints(app1, "audit", "shadow")
	t.settled(delivery.Settlement{Reader: audit, Fence: t.openReader(audit).Fence, Cursor: eventlog.NewCursor(3)})
	begun(audit, 2)
	begun(shadow, 3)
	t.must(commit(t.s, []engine.Change{{App: app1, Settings: withEndpoints(app1, "shadow"), CallbackBegins: true}}))
	begun(callback, 3)
	begun(callbackReader(app2), 0)
	t.timed(app1, 1000)
	t.endpoints(app1, "audit", "shadow")
	begun(callback, 3)
	begun(audit, 4)
	begun(shadow, 3)
}

// tracedFirstAttempt has more attempts than are told: the first is among them, because the cloud would have made no other.
func tracedFirstAttempt(t *suite) {
	t.newApps(app1)
	t.timed(app1, 1000)
	id, fence := callbackReader(app1), t.open(app1).Fence
	put := func(from, to int) {
		t.Helper()
		s := delivery.Settlement{Reader: id, Fence: fence}
		for n := from; n <= to; n++ {
			s.Attempts = append(s.Attempts, eventlog.Attempt{Seq: 1, Number: n, At: day(n), Status: 500, Durable: eventlog.Retry, Cloud: eventlog.Failed, Counted: eventlog.Retry})
		}
		t.settled(s)
	}
	numbers := func() (list []int) {
		for _, try := range t.trace(id, 1).Attempts {
			list = append(list, try.Number)
		}
		return list
	}
	want := func(first int, from, to int) []int {
		list := []int{first}
		for n := from; n <= to; n++ {
			list = append(list, n)
		}
		return list
	}
	put(2, operate.MaxTries) // the first was made twice, and the second is recorded
	t.same("as many as are told", numbers(), want(2, 3, operate.MaxTries))
	put(operate.MaxTries+1, operate.MaxTries+1)
	t.same("one more", numbers(), want(2, 3, operate.MaxTries+1))
	put(operate.MaxTries+2, 3*operate.MaxTries)
	t.same("many more", numbers(), want(2, 2*operate.MaxTries+1, 3*operate.MaxTries))
}
