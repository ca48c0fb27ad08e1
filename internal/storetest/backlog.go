package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
)

func (t *suite) backlogs() []delivery.Backlog {
	t.Helper()
	var list []delivery.Backlog
	t.must(t.s.Backlogs(ctx(), func(b delivery.Backlog) error {
		list = append(list, b)
		return nil
	}))
	slices.SortFunc(list, func(a, b delivery.Backlog) int {
		if a.Reader.App != b.Reader.App {
			return int(int64(a.Reader.App) - int64(b.Reader.App))
		}
		return strings.Compare(a.Reader.Name, b.Reader.Name)
	})
	return list
}

func backlogs(t *suite) {
	t.newApps(app1, app2, largest)
	t.same("without events", t.backlogs(), []delivery.Backlog{})
	t.timed(app1, 10, 20, 30, 40)
	t.timed(app2, 15)
	t.settleTo(app2, 1)
	id := callbackReader(app1)
	t.same("nothing settled", t.backlogs(), []delivery.Backlog{{Reader: id, Oldest: 1, Head: 4, Since: time.UnixMilli(10)}})
	s := delivery.Settlement{Reader: id, Fence: t.open(app1).Fence, Cursor: eventlog.NewCursor(2), Paused: "410 in 5 lanes in a row"}
	t.settled(s)
	t.same("half settled, paused", t.backlogs(), []delivery.Backlog{{Reader: id, Oldest: 3, Head: 4, Since: time.UnixMilli(30), Paused: true}})
	s.Paused, s.Cursor, s.Hold = "", eventlog.NewCursor(4), []eventlog.Held{held("a", 4), held("b", 2), held("c", 3)}
	t.settled(s)
	t.same("all done with, three lanes held", t.backlogs(), []delivery.Backlog{{Reader: id, Oldest: 2, Head: 4, Since: time.UnixMilli(20), Held: 3}})
	s.Hold, s.Release = nil, []eventlog.Lane{"a", "b", "c"}
	t.settled(s)
	t.same("all settled", t.backlogs(), []delivery.Backlog{})
	t.forget(app1, 2, 100, 2)
	again := t.redeliver(app1, delivery.Redelivery{From: 1, To: 3, At: day(1)})
	t.same("a redelivery from what is forgotten", t.backlogs(), []delivery.Backlog{{Reader: again, Oldest: 1, Head: 4, Since: time.UnixMilli(30)}})
	p := t.openReader(again)
	t.settled(delivery.Settlement{Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(4)})
	t.forget(app1, 4, 100, 2)
	t.same("a redelivery that is not finished, and an empty log", t.backlogs(), []delivery.Backlog{{Reader: again, Oldest: 5, Head: 4}})
	t.settled(delivery.Settlement{Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(4), Finished: true})
	t.same("all finished", t.backlogs(), []delivery.Backlog{})

	t.timed(app1, 50)
	t.timed(app2, 60)
	stop := errors.New("stop")
	calls := 0
	err := t.s.Backlogs(ctx(), func(delivery.Backlog) error {
		calls++
		return stop
	})
	t.fails("Backlogs", err, stop)
	t.same("calls after an error", calls, 1)
}
