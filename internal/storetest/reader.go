package storetest

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func callbackReader(id live.AppID) delivery.ReaderID {
	return delivery.ReaderID{App: id, Name: delivery.CallbackReader}
}

func (t *suite) open(id live.AppID) delivery.Position {
	t.Helper()
	p, err := t.s.Open(ctx(), callbackReader(id))
	t.must(err)
	slices.SortFunc(p.Held, func(a, b eventlog.Held) int { return strings.Compare(string(a.Lane), string(b.Lane)) })
	return p
}

// settled stores settlements and fails when one of them was fenced off.
func (t *suite) settled(list ...delivery.Settlement) {
	t.Helper()
	fenced, err := t.s.Settle(ctx(), list)
	t.must(err)
	t.same("fenced off", fenced, []delivery.ReaderID{})
}

func held(lane eventlog.Lane, next int64) eventlog.Held {
	return eventlog.Held{
		Lane: lane, Next: next, Attempts: 3, Why: "500", Failing: 98_765_432 * time.Millisecond,
		Try: time.UnixMilli(1_750_000_001_234), Since: time.UnixMilli(1_750_000_000_567),
	}
}

func pending(t *suite) {
	t.newApps(app1, app2, largest)
	got := func() []live.AppID {
		t.Helper()
		var list []live.AppID
		t.must(t.s.Pending(ctx(), func(id delivery.ReaderID) error {
			t.same("reader", id.Name, delivery.CallbackReader)
			list = append(list, id.App)
			return nil
		}))
		slices.Sort(list)
		return list
	}
	t.same("without events", got(), []live.AppID{})
	t.write(app1, "r", true)
	t.write(largest, "r", true, true)
	t.same("with events", got(), []live.AppID{app1, largest})
	p1, p3 := t.open(app1), t.open(largest)
	t.same("opened is not settled", got(), []live.AppID{app1, largest})
	t.settled(
		delivery.Settlement{Reader: callbackReader(app1), Fence: p1.Fence, Cursor: eventlog.NewCursor(1)},
		delivery.Settlement{Reader: callbackReader(largest), Fence: p3.Fence, Cursor: eventlog.NewCursor(1)},
	)
	t.same("one has read all", got(), []live.AppID{largest})
	t.settled(delivery.Settlement{Reader: callbackReader(largest), Fence: p3.Fence, Cursor: eventlog.NewCursor(2), Hold: []eventlog.Held{held("r", 2)}})
	t.same("a held lane", got(), []live.AppID{largest})
	t.settled(delivery.Settlement{Reader: callbackReader(largest), Fence: p3.Fence, Cursor: eventlog.NewCursor(2), Release: []eventlog.Lane{"r"}})
	t.same("all settled", got(), []live.AppID{})

	t.write(app1, "r", true)
	t.write(app2, "r", true)
	stop := errors.New("stop")
	calls := 0
	err := t.s.Pending(ctx(), func(delivery.ReaderID) error {
		calls++
		return stop
	})
	t.fails("Pending", err, stop)
	t.same("calls after an error", calls, 1)
}

func fence(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, true)
	old, other := t.open(app1), t.open(app2)
	t.same("log", old.Log, logOf(app1))
	present := t.open(app1)
	if present.Fence == old.Fence {
		t.Fatalf("the second Open has the fence %d of the first", old.Fence)
	}
	attempt := []eventlog.Attempt{{Seq: 1, Number: 1, At: time.UnixMilli(1), Durable: eventlog.Delivered, Cloud: eventlog.Delivered}}
	fenced, err := t.s.Settle(ctx(), []delivery.Settlement{
		{Reader: callbackReader(app1), Fence: old.Fence, Cursor: eventlog.NewCursor(2), Hold: []eventlog.Held{held("r", 2)}, Attempts: attempt},
		{Reader: callbackReader(app2), Fence: other.Fence, Cursor: eventlog.NewCursor(9), Hold: []eventlog.Held{held("r", 9)}, Attempts: attempt},
		{Reader: delivery.ReaderID{App: app1, Name: "nobody"}, Fence: 1, Cursor: eventlog.NewCursor(1), Attempts: attempt},
	})
	t.must(err)
	t.same("fenced off", fenced, []delivery.ReaderID{callbackReader(app1), {App: app1, Name: "nobody"}})
	p := t.open(app1)
	t.same("cursor of who was fenced off", p.Cursor, eventlog.Cursor{})
	t.same("held lanes of who was fenced off", p.Held, []eventlog.Held{})
	t.attempts(app1, nil)
	p = t.open(app2)
	t.same("cursor of its neighbour", p.Cursor, eventlog.NewCursor(9))
	t.same("held lanes of its neighbour", p.Held, []eventlog.Held{held("r", 9)})
	t.attempts(app2, attempt)
	_, err = t.s.Open(ctx(), delivery.ReaderID{App: app1, Name: "nobody"})
	t.fails("Open of a reader that does not exist", err, delivery.ErrNoReader)
}

func (t *suite) attempts(id live.AppID, want []eventlog.Attempt) {
	t.Helper()
	got, err := t.h.Attempts(callbackReader(id))
	t.must(err)
	t.same("attempts", got, want)
}

func settle(t *suite) {
	t.newApps(app1)
	p := t.open(app1)
	t.same("cursor of a new reader", p.Cursor, eventlog.Cursor{})
	t.same("held lanes of a new reader", p.Held, []eventlog.Held{})
	put := func(s delivery.Settlement) {
		t.Helper()
		s.Reader, s.Fence = callbackReader(app1), p.Fence
		t.settled(s)
	}
	cursor := eventlog.NewCursor(1 << 40)
	cursor.Mark(1<<40 + 2)
	cursor.Mark(1<<40 + 3)
	cursor.Mark(1<<40 + 9)
	var full eventlog.Attempt
	n := 0
	full.At = time.UnixMilli(1_750_000_000_999)
	for _, field := range []any{&full.Seq, &full.Number, &full.Status, &full.Why, &full.Answer} {
		fill(reflect.ValueOf(field).Elem(), &n)
	}
	full.Duration, full.Durable, full.Cloud, full.Counted = 1_234_567*time.Microsecond, eventlog.Retry, eventlog.Failed, eventlog.GivenUp
	put(delivery.Settlement{
		Cursor: cursor, Attempts: []eventlog.Attempt{full},
		Hold: []eventlog.Held{held("a", 5), held("b/messages", 6), held(eventlog.AppLane, 7)},
	})
	p = t.open(app1)
	t.same("cursor", p.Cursor, cursor)
	t.same("held lanes", p.Held, []eventlog.Held{held(eventlog.AppLane, 7), held("a", 5), held("b/messages", 6)})
	t.attempts(app1, []eventlog.Attempt{full})

	moved := held("a", 8)
	moved.Attempts, moved.Why, moved.Try, moved.Failing = 4, eventlog.Behind, time.UnixMilli(1), 0
	put(delivery.Settlement{Cursor: cursor, Hold: []eventlog.Held{moved, held("c", 9)}, Release: []eventlog.Lane{"b/messages", "never held"}})
	p = t.open(app1)
	t.same("held lanes after the next settlement", p.Held, []eventlog.Held{held(eventlog.AppLane, 7), moved, held("c", 9)})
	t.attempts(app1, []eventlog.Attempt{full})
}

func repeatedAttempts(t *suite) {
	t.newApps(app1)
	p := t.open(app1)
	put := func(list ...eventlog.Attempt) {
		t.Helper()
		t.settled(delivery.Settlement{Reader: callbackReader(app1), Fence: p.Fence, Cursor: eventlog.Cursor{}, Attempts: list})
	}
	attempt := func(seq int64, number, status int) eventlog.Attempt {
		return eventlog.Attempt{Seq: seq, Number: number, Status: status, At: time.UnixMilli(1), Durable: eventlog.Retry, Cloud: eventlog.Failed}
	}
	put(attempt(1, 1, 500), attempt(2, 1, 502))
	put(attempt(1, 1, 503), attempt(1, 2, 504))
	t.attempts(app1, []eventlog.Attempt{attempt(1, 1, 503), attempt(1, 2, 504), attempt(2, 1, 502)})
}

func paused(t *suite) {
	t.newApps(app1, app2)
	s := delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.Cursor{}}
	for _, why := range []eventlog.Reason{"", "410 in 5 lanes in a row", "asked for by \"administrator\"", ""} {
		s.Paused = why
		t.settled(s)
		p := t.open(app1)
		t.same("paused", p.Paused, why)
		s.Fence = p.Fence
	}
	t.same("the other App", t.open(app2).Paused, eventlog.Reason(""))
}

// settledTwice stores one settlement with everything in it as often as a reader does that does not know whether it was stored.
func settledTwice(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true, true, true, true)
	id := callbackReader(app1)
	t.give(id, t.open(app1).Fence, 1, dead(1, day(1)), dead(2, day(1)))
	t.settled(delivery.Settlement{
		Reader: id, Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(1),
		Hold: []eventlog.Held{held("b", 2)}, Skip: []eventlog.Skip{{Lane: "b", From: 1, To: 1, Seq: 1}},
	})
	cursor := eventlog.NewCursor(2)
	cursor.Mark(4)
	s := delivery.Settlement{
		Reader: id, Fence: t.open(app1).Fence, Cursor: cursor, Paused: "asked for",
		Hold: []eventlog.Held{held("a", 3)}, Release: []eventlog.Lane{"b"},
		Attempts: []eventlog.Attempt{{Seq: 3, Number: 1, At: day(2), Durable: eventlog.Retry, Cloud: eventlog.Failed}},
		Dead:     []eventlog.Dead{dead(4, day(2)), dead(2, day(2))}, Revived: []int64{1}, RevivedOf: delivery.CallbackReader,
		Skip: []eventlog.Skip{{Lane: "a", From: 1, To: 2, Seq: 4}}, Told: []eventlog.Lane{"b"},
	}
	type state struct {
		Position delivery.Position
		Skips    []eventlog.Skip
		Dead     []DeadLetter
		Attempts []eventlog.Attempt
		Log      []eventlog.Event
	}
	read := func() state {
		t.Helper()
		attempts, err := t.h.Attempts(id)
		t.must(err)
		p := t.open(app1)
		p.Fence, s.Fence = 0, p.Fence
		return state{p, t.skips(id, "a", "b"), t.dead(id), attempts, t.log(app1)}
	}
	t.settled(s)
	log := t.log(app1)
	once := read()
	t.same("stored", once, state{
		delivery.Position{Log: logOf(app1), Cursor: cursor, Held: s.Hold, Paused: s.Paused, Skips: true},
		s.Skip, []DeadLetter{{dead(2, day(1)), log[1]}, {dead(4, day(2)), log[3]}}, s.Attempts, log,
	})
	t.settled(s)
	t.same("stored twice", read(), once)
	t.settled(s)
	t.same("stored three times", read(), once)
}
