package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

// rooms makes n rooms and changes each once.
func (w *world) rooms(n int) {
	w.t.Helper()
	for i := range n {
		w.create(live.RoomID(fmt.Sprintf("r%02d", i)))
	}
	for i := range n {
		w.modify(live.RoomID(fmt.Sprintf("r%02d", i)), 1)
	}
}

func TestAnAppHasAtMostItsConcurrencyInFlight(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(app1, func(a *live.App) { a.Delivery.Concurrency = 3 })
		w.backend.reply(always(after(time.Second, accept)))
		w.rooms(10)
		w.pass(10 * time.Second)
		if got := w.backend.peak(); got != 3 {
			t.Errorf("%d were in flight at one time, want 3", got)
		}
		if got := len(w.backend.take()); got != 10 {
			t.Errorf("got %d calls, want 10", got)
		}
	})
}

func TestAllAppsTogetherHaveAtMostInFlightInFlight(t *testing.T) {
	inWorldWith(t, func(o *delivery.Options) { o.InFlight = 4 }, func(w *world) {
		w.configure(app2, nil)
		w.do(app2, live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"})
		w.backend.reply(always(after(time.Second, accept)))
		w.rooms(10)
		w.modifyOf(app2, "r1", 3)
		w.pass(20 * time.Second)
		if got := w.backend.peak(); got != 4 {
			t.Errorf("%d were in flight at one time, want 4", got)
		}
		if got := len(w.backend.take()); got != 13 {
			t.Errorf("got %d calls, want 13", got)
		}
	})
}

func TestARetryReadsNoMoreThanItSends(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(always(status(500)))
		w.modify("r1", 20)
		w.pass(20 * time.Second)
		if diff := cmp.Diff([]int{1, 1, 1, 1}, w.store.takePages()); diff != "" {
			t.Errorf("events read for each retry (-want +got):\n%s", diff)
		}
	})
}

// A bubble's clock stands still while somebody spins, so a reader that does cannot end this test.
func TestALaneThatIsDueWaitsForASlotWithoutSpinning(t *testing.T) {
	inWorldWith(t, func(o *delivery.Options) { o.InFlight = 1 }, func(w *world) {
		w.configure(app2, nil)
		w.create("r1")
		w.do(app2, live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"})
		w.backend.reply(func(c call) reply {
			if c.App == app1.String() && c.Attempt == 1 {
				return status(500)
			} else if c.App == app2.String() {
				return after(5*time.Second, accept)
			}
			return accept
		})
		w.modify("r1", 1)
		w.pass(100 * time.Millisecond) // it is refused, whatever the store waits for
		w.modifyOf(app2, "r1", 1)
		w.pass(4 * time.Second)
		if got := len(w.backend.take()); got != 2 {
			t.Errorf("got %d calls while the slot was taken, want 2", got)
		}
		w.pass(2 * time.Second)
		w.wantCalls("r1.1#2")
	})
}

func TestRetriesUseAtMostAQuarterOfTheSlots(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(app1, func(a *live.App) { a.Delivery.Concurrency = 8 })
		w.backend.reply(func(c call) reply {
			switch {
			case c.Lane > "r03":
				return accept
			case c.Attempt == 1:
				return status(500)
			}
			return after(4*time.Second, status(500))
		}) // four lanes fail: too few for the breaker
		w.rooms(20)
		w.pass(time.Second)
		w.backend.peak()
		w.pass(time.Second) // all have been due for a second
		if got := w.backend.busy(); got != 2 {
			t.Errorf("%d retries are in flight, want 2 of 8 slots", got)
		}
		w.backend.reply(always(accept))
		w.create("r90", "r91")
		w.backend.take()
		w.modify("r90", 1)
		w.modify("r91", 1)
		w.wantCalls("r90.1", "r91.1")
	})
}

func TestTheWindowsOfAllAppsTogetherAreBounded(t *testing.T) {
	const memory, event = 4000, 650 // bytes: some seven events
	inWorldWith(t, func(o *delivery.Options) { o.Memory = memory }, func(w *world) {
		w.configure(app2, nil)
		w.do(app2, live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"})
		w.configure(app1, func(a *live.App) { a.Delivery.Concurrency = 1 })
		w.backend.reply(always(after(time.Second, accept)))
		w.rooms(40)
		w.modifyOf(app2, "r1", 20)
		var most int64
		for range 70 {
			w.pass(time.Second)
			most = max(most, w.d.Used())
		}
		if most < memory/2 || most > memory+2*event {
			t.Errorf("the windows took up to %d bytes, want about %d: each App may have one event more", most, memory)
		}
		if got := len(w.backend.take()); got != 60 {
			t.Errorf("got %d calls, want 60", got)
		}
		if got := w.d.Used(); got != 0 {
			t.Errorf("%d bytes are still accounted for, want none", got)
		}
	})
}

func TestManyHeldLanesAreAllTriedAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.crowd(90)
		w.pass(time.Minute)
		w.backend.take()
		w.backend.reply(always(accept))
		w.pass(2 * time.Minute)
		if got := len(w.backend.take()); got != 90 {
			t.Errorf("got %d calls after the App backend was back, want one for each of 90 rooms", got)
		}
		if n := w.d.Running(); n != 0 {
			t.Errorf("%d readers run, want none", n)
		}
	})
}
