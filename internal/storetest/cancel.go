package storetest

import (
	"context"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
)

// canceled calls everything with a context that has ended. It is done again and again: a call that chooses at random
// between its context and its work would pass once.
func canceled(t *suite) {
	t.newApps(app1)
	t.write(app1, "r", true)
	p := t.open(app1)
	over, cancel := context.WithCancel(ctx())
	cancel()
	id := callbackReader(app1)
	calls := map[string]func() error{
		"Begin": func() error {
			tx, err := t.s.Begin(over)
			if err == nil {
				tx.Rollback()
			}
			return err
		},
		"EachApp":     func() error { return t.s.EachApp(over, func(*live.App) error { return nil }) },
		"Room":        func() error { _, err := t.s.Room(over, app1, "r"); return err },
		"PublicRooms": func() error { _, err := t.s.PublicRooms(over, app1, live.RoomPage{Limit: 1}); return err },
		"Pending":     func() error { return t.s.Pending(over, func(delivery.ReaderID) error { return nil }) },
		"Open":        func() error { _, err := t.s.Open(over, id); return err },
		"Read":        func() error { _, _, err := t.s.Read(over, app1, 0, ample); return err },
		"ReadLane": func() error {
			_, err := t.s.ReadLane(over, app1, delivery.LanePart{Lane: "r", From: 1, To: 1}, ample)
			return err
		},
		"Settle": func() error {
			_, err := t.s.Settle(over, []delivery.Settlement{{Reader: id, Fence: p.Fence, Cursor: eventlog.NewCursor(1)}})
			return err
		},
	}
	again := delivery.Redelivery{From: 1, To: 1, At: day(1)}
	for name, call := range map[string]func() error{
		"ReadAgain":       func() error { _, err := t.s.ReadAgain(over, app1, again, ample); return err },
		"Redeliver":       func() error { _, err := t.s.Redeliver(over, app1, again); return err },
		"Skips":           func() error { _, err := t.s.Skips(over, id, []eventlog.Lane{"r"}); return err },
		"Aged":            func() error { return t.s.Aged(over, day(1), func(live.AppID, int64) error { return nil }) },
		"Forget":          func() error { _, err := t.s.Forget(over, app1, 1, 1); return err },
		"ForgetDead":      func() error { _, _, err := t.s.ForgetDead(over, day(1), 0, 1); return err },
		"Backlogs":        func() error { return t.s.Backlogs(over, func(delivery.Backlog) error { return nil }) },
		"Bounds":          func() error { _, err := t.s.Bounds(over, app1); return err },
		"EventsAfter":     func() error { _, _, err := t.s.EventsAfter(over, app1, 0, feed.Page{Events: 1}); return err },
		"LaneEventsAfter": func() error { _, _, err := t.s.LaneEventsAfter(over, app1, "r", 0, feed.Page{Events: 1}); return err },
		"RoomsAfter":      func() error { _, err := t.s.RoomsAfter(over, app1, "", 1); return err },
		"LastCallbacks":   func() error { _, err := t.s.LastCallbacks(over, app1, []eventlog.Lane{"r"}); return err },
		"Standing":        func() error { _, err := t.s.Standing(over, app1, id.Name, 1, 1); return err },
	} {
		calls[name] = call
	}
	for range 20 {
		for name, call := range calls {
			t.fails(name, call(), context.Canceled)
		}
		if t.Failed() {
			return
		}
	}
	next := t.open(app1)
	t.same("cursor", next.Cursor, eventlog.Cursor{})
	t.same("fence", next.Fence, p.Fence+1)
	t.same("the next number", seqs(t.write(app1, "r", true)), []int64{2})
}
