package storetest

import (
	"fmt"
	"strings"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// ample is a page that is never full.
var ample = delivery.Page{Events: 1000, Bytes: 1 << 24}

func readBounds(t *suite) {
	t.newApps(app1, app2)
	ch := engine.Change{App: app1}
	const count = 1100
	for range count {
		ch.Events = append(ch.Events, event("r", true, strings.Repeat("x", 1000)))
	}
	t.must(commit(t.s, []engine.Change{ch}))
	t.write(app2, "r", true)
	size := ch.Events[0].Size()
	for _, c := range []struct {
		name     string
		after    int64
		page     delivery.Page
		from, to int64
		end      bool
	}{
		{"from the start", 0, delivery.Page{Events: 3, Bytes: 1 << 20}, 1, 3, false},
		{"from the middle", 500, delivery.Page{Events: 2, Bytes: 1 << 20}, 501, 502, false},
		{"as many as fit by bytes", 0, delivery.Page{Events: 100, Bytes: 4 * size}, 1, 4, false},
		{"one byte less", 0, delivery.Page{Events: 100, Bytes: 4*size - 1}, 1, 3, false},
		{"one that does not fit is returned all the same", 7, delivery.Page{Events: 100, Bytes: 1}, 8, 8, false},
		{"at most 1,000 events", 0, delivery.Page{Events: 5000, Bytes: 1 << 30}, 1, 1000, false},
		{"the end", 1098, ample, 1099, count, true},
		{"the end without the last", 1098, delivery.Page{Events: 100, Bytes: size}, 1099, 1099, false},
	} {
		got, end, err := t.s.Read(ctx(), app1, c.after, c.page)
		t.must(err)
		if len(got) == 0 || got[0].Seq != c.from || got[len(got)-1].Seq != c.to || int64(len(got)) != c.to-c.from+1 {
			t.Errorf("%s: %d events %v, want %d to %d", c.name, len(got), seqs(got), c.from, c.to)
		}
		t.same("the end of the log: "+c.name, end, c.end)
	}
	for id, after := range map[live.AppID]int64{app1: count, app2: 1, largest: 0} {
		got, end, err := t.s.Read(ctx(), id, after, ample)
		t.must(err)
		t.same(fmt.Sprintf("the end of the log of %d", id), end, true)
		t.same(fmt.Sprintf("after the head of %d", id), seqs(got), []int64{})
	}
}

func readLane(t *suite) {
	t.newApps(app1, app2)
	t.write(app1, "r", true, false, true) // 1, 2, 3
	t.write(app1, "other", true)          // 4
	t.write(app1, "r", true, true)        // 5, 6
	t.write(app1, "R", true)              // 7
	t.write(app2, "r", true)
	members := event("r", true, "{}")
	members.Lane = "r/members"
	t.must(commit(t.s, []engine.Change{{App: app1, Events: []eventlog.Event{members}}})) // 8
	t.write(app1, "r", true)                                                             // 9
	log := t.log(app1)
	size := log[0].Size()
	for _, c := range []struct {
		name     string
		lane     eventlog.Lane
		from, to int64
		page     delivery.Page
		want     []int64
	}{
		{"all", "r", 1, 9, ample, []int64{1, 3, 5, 6, 9}},
		{"both ends are included", "r", 3, 6, ample, []int64{3, 5, 6}},
		{"ends between", "r", 2, 4, ample, []int64{3}},
		{"one", "r", 5, 5, ample, []int64{5}},
		{"none", "r", 7, 8, ample, nil},
		{"backwards", "r", 6, 3, ample, nil},
		{"by events", "r", 1, 9, delivery.Page{Events: 2, Bytes: 1 << 20}, []int64{1, 3}},
		{"by bytes", "r", 1, 9, delivery.Page{Events: 10, Bytes: 3 * size}, []int64{1, 3, 5}},
		{"at least one", "r", 1, 9, delivery.Page{Events: 10, Bytes: 1}, []int64{1}},
		{"letter case", "R", 1, 9, ample, []int64{7}},
		{"another lane of the room", "r/members", 1, 9, ample, []int64{8}},
		{"no such lane", "q", 1, 9, ample, nil},
	} {
		got, err := t.s.ReadLane(ctx(), app1, delivery.LanePart{Lane: c.lane, From: c.from, To: c.to}, c.page)
		t.must(err)
		t.same(c.name, seqs(got), c.want)
	}
	got, err := t.s.ReadLane(ctx(), app1, delivery.LanePart{Lane: "r", From: 5, To: 5}, ample)
	t.must(err)
	t.same("the event itself", got, log[4:5])
}
