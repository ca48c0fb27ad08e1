package delivery_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// wantReady compares what Ready says; empty: ready.
func (w *world) wantReady(when, want string) {
	w.t.Helper()
	err := w.d.Ready()
	if got := err == nil; got != (want == "") || !got && !strings.Contains(err.Error(), want) {
		w.t.Errorf("%s: %v, want %q", when, err, want)
	}
}

func TestDeliveryIsNotReadyWhileItIsStuckThroughAFaultOfThisServer(t *testing.T) {
	wait := func() { <-time.After(30 * time.Second) }
	cases := []struct {
		name  string
		begin func(w *world)
		want  string
		end   func(w *world)
	}{
		{"a settlement hangs", func(w *world) {
			w.store.during("Settle", wait)
			w.modify("r0", 1)
		}, "a settlement has been under way", nil},
		{"a read of the log hangs", func(w *world) {
			w.store.during("Read", wait)
			w.d.HandOver(app1, nil)
		}, "in one step", nil},
		{"the store fails to settle", func(w *world) {
			w.store.fail(before, "Settle")
			w.modify("r0", 1)
		}, "the store has failed", func(w *world) { w.store.fail(0) }},
		{"the store fails to read the log", func(w *world) {
			w.store.fail(before, "Read")
			w.d.HandOver(app1, nil)
		}, "the store has failed", func(w *world) { w.store.fail(0) }},
		{"the store fails to read a lane", func(w *world) {
			w.backend.reply(failing("r0"))
			w.modify("r0", 1)
			w.pass(500 * time.Millisecond)
			w.store.fail(before, "ReadLane")
			w.backend.reply(always(accept))
		}, "the store has failed", func(w *world) { w.store.fail(0) }},
		{"the store fails to open a reader", func(w *world) {
			w.store.fail(before, "Open")
			w.again(delivery.Redelivery{})
		}, "the store has failed", func(w *world) { w.store.fail(0) }},
		{"the store fails to read what is sent again", func(w *world) {
			w.store.fail(before, "ReadAgain")
			w.again(delivery.Redelivery{})
		}, "the store has failed", func(w *world) { w.store.fail(0) }},
		{"the log has a gap", func(w *world) {
			w.tap = func([]eventlog.Event) bool { return false }
			w.modify("r0", 2)
			w.store.gap.Store(true)
			w.d.HandOver(app1, nil)
		}, "the store has failed", func(w *world) { w.store.gap.Store(false) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.changes(1, 2)
				w.pass(time.Second)
				c.begin(w)
				w.pass(8 * time.Second)
				w.wantReady("after eight seconds", "")
				w.pass(5 * time.Second)
				w.wantReady("after thirteen seconds", c.want)
				if c.end != nil {
					c.end(w)
				}
				w.pass(30 * time.Second)
				w.wantReady("when it is over", "")
				w.wantRest("when it is over")
				w.pass(time.Minute)
				w.wantReady("at rest", "")
			})
		})
	}
}

// A fault that is over is over: also when there is nothing to store after it, or nothing for a long time.
func TestAFaultOfTheStoreThatIsOverDoesNotMakeDeliveryUnready(t *testing.T) {
	for _, method := range []string{"Open", "Read", "ReadLane", "Skips", "Settle"} {
		for _, hung := range []bool{false, true} {
			name := method
			if hung {
				name += ", and then the App backend hangs"
			}
			t.Run(name, func(t *testing.T) {
				inWorld(t, func(w *world) {
					w.giveUpAfter(time.Second)
					w.configure(app1, func(a *live.App) { a.Delivery.Timeout = time.Minute })
					w.create("r1", "r2")
					w.backend.reply(failing("r1"))
					w.modify("r1", 2)
					w.alive("r2", 5*time.Second) // so that there is an announcement, and a held lane
					w.restart()
					w.store.fail(before, method)
					w.d.HandOver(app1, nil)
					w.pass(2 * time.Second)
					if hung {
						w.backend.reply(always(hang))
						w.modify("r2", 1)
					} else {
						w.backend.reply(always(accept))
					}
					w.store.fail(0)
					for range 20 {
						w.pass(3 * time.Second)
						w.wantReady("after the fault", "")
					}
				})
			})
		}
	}
}

func TestAppBackendsThatDoNotAnswerDoNotMakeDeliveryUnready(t *testing.T) {
	cases := []struct {
		name  string
		given func(w *world)
	}{
		{"down", func(w *world) { w.backend.reply(always(status(500))) }},
		{"hung", func(w *world) { w.backend.reply(always(hang)) }},
		{"gone", func(w *world) { w.backend.reply(always(status(410))) }},
		{"asking to wait", func(w *world) { w.backend.reply(always(later(503, time.Minute))) }},
		{"paused", func(w *world) { w.mustPause() }},
		{"slots are scarce", func(w *world) {
			w.backend.reply(always(after(4*time.Second, accept)))
			w.apps(20, 2)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorldWith(t, func(o *delivery.Options) { o.InFlight = 3 }, func(w *world) {
				c.given(w)
				w.changes(20, 3)
				for range 20 {
					w.pass(3 * time.Second)
					w.wantReady("meanwhile", "")
				}
			})
		})
	}
}

func TestAReaderThatIsOpenedElsewhereAgainAndAgainIsNotStuck(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(2, 2)
		for range 10 {
			if _, err := w.db.Open(context.Background(), reader1); err != nil {
				t.Fatal(err)
			}
			w.modify("r0", 1)
			w.pass(2 * time.Second)
			w.wantReady("opened elsewhere", "")
		}
		synctest.Wait()
		w.pass(5 * time.Second)
		w.wantRest("at the end")
	})
}
