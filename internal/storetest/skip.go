package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
)

// skips reads the announcements of lanes.
func (t *suite) skips(id delivery.ReaderID, lanes ...eventlog.Lane) []eventlog.Skip {
	t.Helper()
	list, err := t.s.Skips(ctx(), id, lanes)
	t.must(err)
	slices.SortFunc(list, func(a, b eventlog.Skip) int { return strings.Compare(string(a.Lane), string(b.Lane)) })
	return list
}

func announcements(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true)
	id, other := callbackReader(app1), callbackReader(app2)
	p, q := t.open(app1), t.open(app2)
	t.same("announcements of a new reader", []bool{p.Skips, q.Skips}, []bool{false, false})
	put := func(s delivery.Settlement) {
		t.Helper()
		s.Reader, s.Fence, s.Cursor = id, p.Fence, eventlog.NewCursor(1)
		t.settled(s)
		t.settled(s) // the first may have had an unknown outcome
	}
	a := eventlog.Skip{Lane: "a", From: 1, To: 2, Seq: 1 << 40}
	b := eventlog.Skip{Lane: "b/members", From: 1 << 40, To: 1<<40 + 1, Seq: 5}
	at := eventlog.Skip{Lane: eventlog.AppLane, From: 7, To: 7, Seq: 6}
	put(delivery.Settlement{Skip: []eventlog.Skip{b, a, at}})
	t.same("announcements", t.skips(id, "a", "A", "b", "b/members", eventlog.AppLane, "never"), []eventlog.Skip{at, a, b})
	t.same("of one lane", t.skips(id, "a"), []eventlog.Skip{a})
	t.same("of no lane", t.skips(id), []eventlog.Skip{})
	t.same("of the other App", t.skips(other, "a", "b/members"), []eventlog.Skip{})

	grown := eventlog.Skip{Lane: "a", From: 3, To: 9, Seq: 12}
	put(delivery.Settlement{Skip: []eventlog.Skip{grown}, Told: []eventlog.Lane{"b/members", "never"}})
	t.same("after one has grown and one was told", t.skips(id, "a", "b/members", eventlog.AppLane), []eventlog.Skip{at, grown})
	// One was told, and then more of its lane was given up.
	put(delivery.Settlement{Skip: []eventlog.Skip{a}, Told: []eventlog.Lane{"a", eventlog.AppLane}})
	t.same("after one was told and is new", t.skips(id, "a", eventlog.AppLane), []eventlog.Skip{a})
	p = t.open(app1)
	t.same("whether there are announcements", []bool{p.Skips, t.open(app2).Skips}, []bool{true, false})
	put(delivery.Settlement{Told: []eventlog.Lane{"a"}})
	t.same("whether there are any after the last was told", t.open(app1).Skips, false)
}

func manySkips(t *suite) {
	const count = 1000
	t.newApps(app1)
	s := delivery.Settlement{Reader: callbackReader(app1), Fence: t.open(app1).Fence, Cursor: eventlog.Cursor{}}
	var lanes []eventlog.Lane
	for i := range count {
		lane := eventlog.Lane(fmt.Sprintf("room%04d", i))
		s.Skip = append(s.Skip, eventlog.Skip{Lane: lane, From: 1, To: 1, Seq: int64(i + 1)})
		lanes = append(lanes, lane)
	}
	t.settled(s)
	t.same("announcements of 1,000 lanes", t.skips(s.Reader, lanes...), s.Skip)
}
