package storetest

import (
	"fmt"
	"slices"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// letters reads all pages of a search for dead letters and returns what they have.
func (t *suite) letters(id live.AppID, s operate.Search) []operate.Letter {
	t.Helper()
	return allPages(t, t.s.Letters, id, s)
}

// buried makes 12 events of an App dead letters, of which the log has forgotten the first four.
func (t *suite) buried(id live.AppID) []operate.Letter {
	t.Helper()
	t.mixedLog(id)
	var list []eventlog.Dead
	for i := range 12 {
		list = append(list, eventlog.Dead{Seq: int64(i + 1), At: day(i), Why: "500", Attempts: i})
	}
	log := t.log(id)
	t.give(callbackReader(id), t.open(id).Fence, 12, list...)
	t.forget(id, 4, 100, 4)
	var letters []operate.Letter
	for i := range log {
		e := log[i]
		letters = append(letters, operate.Letter{Dead: list[i], Event: eventlog.Event{
			Seq: e.Seq, Lane: e.Lane, Command: e.Command, Time: e.Time, RoomSeq: e.RoomSeq, Body: e.Body,
		}})
	}
	return letters
}

func letterPages(t *suite) {
	t.newApps(app1, app2)
	all := t.buried(app1)
	t.buried(app2)
	for _, lane := range []eventlog.Lane{"", "b", "never"} {
		for _, command := range []string{"", createRoom} {
			for _, ascending := range []bool{true, false} {
				for _, limit := range []int{1, 5, 1000} {
					for _, look := range []int{2, 1000} {
						f := whole(delivery.CallbackReader)
						f.Lane, f.Command, f.Ascending, f.Limit, f.Look, f.Body = lane, command, ascending, limit, look, limit == 5
						t.same(fmt.Sprintf("dead letters of %+v", f), t.letters(app1, f), written(all, f))
					}
				}
			}
		}
	}
	f := whole(delivery.CallbackReader)
	f.From, f.To, f.Since, f.Until = 2, 9, day(2), day(6)
	t.same("dead letters of a range and a time", t.letters(app1, f), written(all, f))
	t.same("dead letters of nobody", t.letters(app1, whole("nobody")), []operate.Letter{})
}

// written are those of the list that a search names, in its order, without bodies unless it asks for them.
func written(list []operate.Letter, s operate.Search) []operate.Letter {
	var found []operate.Letter
	for _, l := range list {
		e := &l.Event
		if !s.Body {
			e.Body = nil
		}
		if s.Covers(l.At) && l.Seq >= s.From && l.Seq <= s.To && (s.Lane == "" || s.Lane == e.Lane) && (s.Command == "" || s.Command == e.Command) {
			found = append(found, l)
		}
	}
	if !s.Ascending {
		slices.Reverse(found)
	}
	return found
}

func letterBytes(t *suite) {
	t.newApps(app1)
	ch := engine.Change{App: app1}
	var list []eventlog.Dead
	for i := range 5 {
		ch.Events = append(ch.Events, event("r", true, fmt.Sprintf(`{"body":"%0100d<&>"}`, i)))
		list = append(list, dead(int64(i+1), day(1)))
	}
	t.must(commit(t.s, []engine.Change{ch}))
	t.give(callbackReader(app1), t.open(app1).Fence, 5, list...)
	f := whole(delivery.CallbackReader)
	f.Ascending, f.Body = true, true
	for _, c := range []struct{ bytes, want int }{{1, 1}, {len(ch.Events[0].Body) * 2, 2}, {1 << 20, 5}} {
		f.Bytes = c.bytes
		page, err := t.s.Letters(ctx(), app1, begin(f))
		t.must(err)
		t.same(fmt.Sprintf("letters in %d bytes", c.bytes), len(page.Rows), c.want)
		t.same("whether there are more", page.More, c.want < 5)
		var got []string
		for _, l := range t.letters(app1, f) {
			got = append(got, string(l.Event.Body))
		}
		var want []string
		for i := range ch.Events {
			want = append(want, string(ch.Events[i].Body))
		}
		t.same("bodies", got, want)
	}
}
