package storetest

import (
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func newLog(t *suite) {
	t.must(commit(t.s, []engine.Change{{App: app1, Settings: withEndpoints(app1, "audit"), NewLog: logOf(app1)}}))
	t.newApps(app2)
	t.write(app1, "r", true, true)
	t.write(app2, "r", true)
	ids := []delivery.ReaderID{callbackReader(app1), endpointID(app1, "audit"), t.redeliver(app1, delivery.Redelivery{From: 1, To: 2, By: "ann", At: day(1)})}
	other := callbackReader(app2)
	opened := map[delivery.ReaderID]delivery.Position{}
	for _, id := range append(ids, other) {
		p, err := t.s.Open(ctx(), id)
		t.must(err)
		opened[id] = p
	}

	by := engine.Audit{At: time.UnixMilli(1_750_000_000_123), By: live.Actor{Account: "@console", Platform: "console"}, Command: "new_log", Changed: []string{"log"}}
	before, err := t.s.NewLog(ctx(), app1, "nextnext", by)
	t.must(err)
	t.same("the id before", before, logOf(app1))
	if before, err = t.s.NewLog(ctx(), largest, "nextnext", by); before != "" || err != nil {
		t.Errorf("an App that there is not had the log %q, %v", before, err)
	}
	rows, err := t.h.Audit(app1)
	t.must(err)
	t.same("audit", rows, []engine.Audit{by})
	if rows, err = t.h.Audit(largest); len(rows) != 0 || err != nil {
		t.Errorf("an App that there is not has the audit %v, %v", rows, err)
	}

	for _, id := range ids { // whoever had them settles nothing any more
		off, err := t.s.Settle(ctx(), []delivery.Settlement{{Reader: id, Fence: opened[id].Fence, Cursor: eventlog.NewCursor(2)}})
		t.must(err)
		t.same("fenced off", off, []delivery.ReaderID{id})
		p, err := t.s.Open(ctx(), id)
		t.must(err)
		t.same("the log of "+id.Name, p.Log, "nextnext")
		t.same("the cursor of "+id.Name, p.Cursor, opened[id].Cursor)
	}
	off, err := t.s.Settle(ctx(), []delivery.Settlement{{Reader: other, Fence: opened[other].Fence, Cursor: eventlog.NewCursor(1)}})
	t.must(err)
	t.same("fenced off of the other App", off, []delivery.ReaderID{})

	b, err := t.s.Bounds(ctx(), app1)
	t.must(err)
	t.same("the log of the feed", b.Log, "nextnext")
	t.same("its end", b.Head, int64(2))
	t.same("the next number", seqs(t.write(app1, "r", true)), []int64{3})
	b, err = t.s.Bounds(ctx(), app2)
	t.must(err)
	t.same("the log of the other App", b.Log, logOf(app2))
}
