package storetest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

const (
	lastNumber = 1<<31 - 1
	createRoom = "Live.CallbackAfterCreateRoom"
)

// whole is a search over everything of a reader.
func whole(reader string) operate.Search {
	return operate.Search{Reader: reader, From: 1, To: 1 << 40, Limit: 1000, Look: 1000, Bytes: 1 << 20}
}

// begin sets a search before its first row.
func begin(s operate.Search) operate.Search {
	s.After = operate.Mark{Seq: s.To + 1}
	if s.Ascending {
		s.After = operate.Mark{Seq: s.From - 1, Number: lastNumber}
	}
	return s
}

// found reads all pages of a search for attempts and returns what they have.
func (t *suite) found(id live.AppID, s operate.Search) []operate.Delivery {
	t.Helper()
	return allPages(t, t.s.Attempts, id, s)
}

// allPages reads all pages of a search and returns what they have.
func allPages[Row any](t *suite, read func(context.Context, live.AppID, operate.Search) (operate.Page[Row], error), id live.AppID, s operate.Search) []Row {
	t.Helper()
	var all []Row
	s = begin(s)
	for range 1000 {
		page, err := read(ctx(), id, s)
		t.must(err)
		if len(page.Rows) > s.Limit || page.Looked < len(page.Rows) {
			t.Fatalf("a page of %d rows, %d looked at, limit %d", len(page.Rows), page.Looked, s.Limit)
		}
		all = append(all, page.Rows...)
		if !page.More {
			return all
		}
		s.After = page.Next
	}
	t.Fatal("the pages do not end")
	return nil
}

// mixedLog has 12 events over three lanes and two commands; all verdicts, and some events with three attempts.
func (t *suite) mixedLog(id live.AppID) []operate.Delivery {
	t.Helper()
	ch := engine.Change{App: id}
	for i := range 12 {
		e := event(live.RoomID([]string{"a", "b", "c"}[i%3]), true, "{}")
		e.Time = int64(1000 + i)
		if i%4 == 1 {
			e.Command = createRoom
		}
		ch.Events = append(ch.Events, e)
	}
	t.must(commit(t.s, []engine.Change{ch}))
	// Durable, cloud, and what it counted as: the profile has changed now and then.
	verdicts := [][3]eventlog.Verdict{
		{eventlog.Delivered, eventlog.Delivered, eventlog.Delivered}, {eventlog.Delivered, eventlog.Failed, eventlog.Failed},
		{eventlog.Retry, eventlog.Failed, eventlog.GivenUp}, {eventlog.Retry, eventlog.Delivered, eventlog.Retry},
		{eventlog.Retry, eventlog.Delivered, eventlog.Delivered},
	}
	var list []operate.Delivery
	for i := range 12 {
		for n := range 1 + 2*(i%2) {
			v := verdicts[(i+n)%len(verdicts)]
			list = append(list, operate.Delivery{
				Attempt: eventlog.Attempt{
					Seq: int64(i + 1), Number: n + 1, At: day(i), Duration: time.Duration(n+1) * time.Millisecond, Status: 200 + i, Durable: v[0], Cloud: v[1], Counted: v[2],
					Why: eventlog.Reason(fmt.Sprintf("because %d", i)), Answer: "<&>",
				},
				Lane: ch.Events[i].Lane, Command: ch.Events[i].Command,
			})
		}
	}
	return list
}

func attemptPages(t *suite) {
	t.newApps(app1, app2)
	all := t.mixedLog(app1)
	t.mixedLog(app2)
	s := delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(12)}
	for i := range all {
		s.Attempts = append(s.Attempts, all[i].Attempt)
	}
	t.settled(s)
	other := t.redeliver(app1, delivery.Redelivery{From: 1, To: 12, At: day(1)})
	again := eventlog.Attempt{Seq: 5, Number: 1, At: day(20), Durable: eventlog.Delivered, Cloud: eventlog.Delivered}
	t.settled(delivery.Settlement{Reader: other, Fence: t.openReader(other).Fence, Cursor: eventlog.NewCursor(5), Attempts: []eventlog.Attempt{again}})

	for _, state := range append(operate.States(), "") {
		for _, lane := range []eventlog.Lane{"", "b", "never"} {
			for _, command := range []string{"", createRoom, "never"} {
				for _, ascending := range []bool{true, false} {
					for _, limit := range []int{1, 3, 1000} {
						f := whole(delivery.CallbackReader)
						f.State, f.Lane, f.Command, f.Ascending, f.Limit = state, lane, command, ascending, limit
						t.same(fmt.Sprintf("attempts of %+v", f), t.found(app1, f), chosen(all, f))
					}
				}
			}
		}
	}
	part := whole(delivery.CallbackReader)
	part.From, part.To = 4, 6
	t.same("attempts of a range", t.found(app1, part), chosen(all, part))
	for _, lane := range []eventlog.Lane{"", "b"} {
		for _, ascending := range []bool{true, false} {
			f := whole(delivery.CallbackReader)
			f.Lane, f.Ascending, f.Limit, f.Since, f.Until = lane, ascending, 2, day(3), day(8)
			t.same("attempts of a time", t.found(app1, f), chosen(all, f))
			f.Until = time.Time{}
			t.same("attempts from a time on", t.found(app1, f), chosen(all, f))
		}
	}
	t.same("attempts of a redelivery", t.found(app1, whole(other.Name)),
		[]operate.Delivery{{Attempt: again, Lane: "b", Command: modifyAdmin}})
	t.same("attempts of another App", t.found(app2, whole(delivery.CallbackReader)), []operate.Delivery{})
	t.same("attempts of nobody", t.found(app1, whole("nobody")), []operate.Delivery{})
}

// chosen are those of the list that a search names, in its order.
func chosen(list []operate.Delivery, s operate.Search) []operate.Delivery {
	var found []operate.Delivery
	for _, d := range list {
		if d.Seq >= s.From && d.Seq <= s.To && (s.Lane == "" || s.Lane == d.Lane) && (s.Command == "" || s.Command == d.Command) && s.State.Has(d.Counted, d.Cloud) && s.Covers(d.At) {
			found = append(found, d)
		}
	}
	if !s.Ascending {
		slices.Reverse(found)
	}
	return found
}

// boundedLooks finds one attempt in a hundred, a few rows at a time.
func boundedLooks(t *suite) {
	t.newApps(app1)
	const count, needle = 100, 42
	ch := engine.Change{App: app1}
	s := delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(count)}
	for i := range count {
		e := event("r", true, "{}")
		a := eventlog.Attempt{Seq: int64(i + 1), Number: 1, At: day(1), Durable: eventlog.Delivered, Cloud: eventlog.Delivered, Counted: eventlog.Delivered}
		if a.Seq == needle {
			e.Command, a.Counted = createRoom, eventlog.Retry
		}
		ch.Events, s.Attempts = append(ch.Events, e), append(s.Attempts, a)
	}
	t.must(commit(t.s, []engine.Change{ch}))
	t.settled(s)
	for _, f := range []operate.Search{{State: operate.Retried}, {Command: createRoom}, {Lane: "r", State: operate.Retried}, {Lane: "r", Command: createRoom}} {
		for _, ascending := range []bool{true, false} {
			w := whole(delivery.CallbackReader)
			w.State, w.Command, w.Lane, w.Ascending, w.Look = f.State, f.Command, f.Lane, ascending, 7
			page, err := t.s.Attempts(ctx(), app1, begin(w))
			t.must(err)
			if len(page.Rows) > 0 || !page.More || page.Looked > 2*w.Look {
				t.Errorf("%+v: the first page has %d rows, more %v, looked at %d; want none yet", w, len(page.Rows), page.More, page.Looked)
			}
			var got []int64
			for _, d := range t.found(app1, w) {
				got = append(got, d.Seq)
			}
			t.same(fmt.Sprintf("what %+v finds", w), got, []int64{needle})
		}
	}
}

func forgottenAttempts(t *suite) {
	t.newApps(app1)
	all := t.mixedLog(app1)
	s := delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(12)}
	for i := range all {
		s.Attempts = append(s.Attempts, all[i].Attempt)
	}
	t.settled(s)
	t.forget(app1, 5, 100, 5)
	for _, lane := range []eventlog.Lane{"", "b"} {
		f := whole(delivery.CallbackReader)
		f.Lane = lane
		want := f
		want.From = 6
		t.same("attempts of lane "+string(lane), t.found(app1, f), chosen(all, want))
	}
}

// attemptsWithoutLog has a redelivery of a dead letter that the log forgot.
func attemptsWithoutLog(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true)
	t.give(callbackReader(app1), t.open(app1).Fence, 1, dead(1, day(1)))
	t.forget(app1, 1, 1, 1)
	id := t.redeliver(app1, delivery.Redelivery{From: 1, To: 1, At: day(2), DeadOnly: true})
	a := eventlog.Attempt{Seq: 1, Number: 1, At: day(3), Durable: eventlog.Retry, Cloud: eventlog.Failed}
	t.settled(delivery.Settlement{Reader: id, Fence: t.openReader(id).Fence, Attempts: []eventlog.Attempt{a}})
	t.same("attempts", t.found(app1, whole(id.Name)), []operate.Delivery{{Attempt: a}})
	f := whole(id.Name)
	f.Command = modifyAdmin
	t.same("attempts of a command", t.found(app1, f), []operate.Delivery{})
}
