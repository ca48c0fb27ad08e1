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

func between(t *suite) {
	t.newApps(app1, app2)
	type span struct{ From, To int64 }
	got := func(id live.AppID, since, until int64) span {
		t.Helper()
		at := func(ms int64) time.Time {
			if ms == 0 {
				return time.Time{}
			}
			return time.UnixMilli(ms)
		}
		from, to, err := t.s.Between(ctx(), id, at(since), at(until))
		t.must(err)
		return span{from, to}
	}
	t.timed(app1, 10, 10, 20, 30, 30, 40)
	const last = 1<<63 - 2
	for _, c := range []struct {
		since, until int64
		want         span
	}{
		{0, 0, span{1, last}}, {10, 0, span{1, last}}, {11, 0, span{3, last}}, {41, 0, span{7, last}},
		{0, 10, span{1, 0}}, {0, 11, span{1, 2}}, {0, 30, span{1, 3}}, {0, 99, span{1, 6}}, {20, 31, span{3, 5}}, {21, 30, span{4, 3}},
	} {
		t.same(fmt.Sprintf("between %d and %d", c.since, c.until), got(app1, c.since, c.until), c.want)
	}
	t.settleTo(app1, 6)
	t.forget(app1, 2, 100, 2)
	t.same("after the first were forgotten", got(app1, 20, 31), span{1, 5})
	t.same("of an empty log", got(app2, 20, 31), span{1, 0})
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

func tracedDiscard(t *suite) {
	t.newApps(app1)
	t.timed(app1, 1000)
	audit := func(at int64, command string) engine.Audit {
		return engine.Audit{At: time.UnixMilli(at), By: live.Actor{Account: "ann"}, Command: command, Changed: []string{"discard"}}
	}
	t.same("nobody did", t.trace(callbackReader(app1), 1).Discarded, (*operate.Discard)(nil))
	t.must(commit(t.s, []engine.Change{{
		App: app1, Settings: &live.App{ID: app1},
		Audit: []engine.Audit{audit(999, "discard"), audit(1500, "configure"), audit(2000, "discard"), audit(3000, "delete_callback")},
	}}))
	t.same("who did", t.trace(callbackReader(app1), 1).Discarded, &operate.Discard{At: time.UnixMilli(2000), By: "ann", Command: "discard"})
}
