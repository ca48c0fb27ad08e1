package delivery_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/live"
)

// A start begins with 128 readers. Those that are paused end at once, and must not keep their turn.
func TestPausedAppsDoNotKeepOthersFromBeginningAtAStart(t *testing.T) {
	inWorld(t, func(w *world) {
		const paused = 150
		w.backend.reply(always(status(500)))
		w.apps(paused, 1)
		w.configure(healthy, nil)
		w.do(healthy, live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"})
		w.modifyOf(healthy, "r1", 1)
		w.pass(time.Second)
		for i := range paused {
			id := delivery.ReaderID{App: live.AppID(1_400_001_000 + i), Name: delivery.CallbackReader}
			if err := w.d.Pause(context.Background(), id, asked); err != nil {
				t.Fatal(err)
			}
		}
		w.shut()
		w.backend.take()
		w.backend.reply(always(accept))
		w.boot()
		w.pass(time.Minute)
		calls := w.backend.take()
		if len(calls) != 1 || calls[0].App != healthy.String() {
			t.Errorf("in a minute after the start %d callbacks came, want the one of the App that is not paused", len(calls))
		}
	})
}

// A turn lasts until what was done is stored: else the readers of a start wait for that together, each with a goroutine that
// the runtime keeps the memory of.
func TestReadersOfAStartDoNotPileUp(t *testing.T) {
	inWorld(t, func(w *world) {
		const apps = 400
		w.backend.reply(always(after(time.Hour, accept)))
		w.apps(apps, 1)
		w.shut()
		w.backend.take()
		var most atomic.Int64
		w.backend.reply(func(call) reply {
			return func(ctx context.Context, r egress.Request) egress.Answer {
				most.Store(max(most.Load(), int64(w.d.Running())))
				return accept(ctx, r)
			}
		})
		w.boot()
		w.pass(time.Minute)
		if calls := w.backend.take(); len(calls) != apps {
			t.Errorf("%d callbacks came, want %d", len(calls), apps)
		}
		if n := most.Load(); n > 150 {
			t.Errorf("%d readers were at work together, want about the 128 that have a turn", n)
		}
	})
}
