package delivery_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Whatever the backlog waits for, deleting the callback settles all of it at once, without an attempt; when callbacks come
// back, what was discarded is announced.
func TestDeletingTheCallbackDiscardsWhateverWaitsAndAnnouncesIt(t *testing.T) {
	cases := []struct {
		name  string
		given func(w *world)
		soon  time.Duration // when nothing is left
		first map[string]string
	}{
		{"lanes that wait for a slot", func(w *world) {
			w.configure(app1, func(a *live.App) { a.Delivery.Concurrency = 1 })
			w.backend.reply(lane("r0", after(2*time.Second, accept)))
			w.changes(4, 3)
		}, 3 * time.Second, map[string]string{"r0": "r0.4 skips 2-3", "r1": "r1.4 skips 1-3"}},
		{"held lanes that are tried again in minutes", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(4, 3)
			w.pass(4 * time.Minute)
		}, time.Second, map[string]string{"r0": "r0.4 skips 1-3", "r3": "r3.4 skips 1-3"}},
		{"a lane that is behind", func(w *world) {
			w.backend.reply(lane("r0", after(2*time.Second, accept)))
			w.changes(1, 300)
			w.create("r1")
		}, 3 * time.Second, map[string]string{"r0": "r0.301 skips 2-300", "r1": "r1.1"}},
		{"an open breaker", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(10, 3)
			w.pass(time.Hour)
			w.changes(10, 2)
		}, time.Second, map[string]string{"r0": "r0.6 skips 1-5", "r9": "r9.6 skips 1-5"}},
		{"a pause", func(w *world) {
			w.backend.reply(lane("r0", status(500)))
			w.changes(2, 3)
			w.pass(time.Second)
			w.mustPause()
			w.changes(2, 3)
		}, time.Second, map[string]string{"r0": "r0.7 skips 1-6", "r1": "r1.7 skips 4-6"}},
		{"a pause and a restart", func(w *world) {
			w.mustPause()
			w.changes(2, 3)
			w.restart()
		}, time.Second, map[string]string{"r0": "r0.4 skips 1-3", "r1": "r1.4 skips 1-3"}},
		{"an App backend that asked to wait", func(w *world) {
			w.backend.reply(always(later(503, 5*time.Minute)))
			w.changes(2, 3)
		}, time.Second, map[string]string{"r0": "r0.4 skips 1-3", "r1": "r1.4 skips 1-3"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				c.given(w)
				synctest.Wait()
				w.backend.take()
				w.deleteCallback()
				w.pass(c.soon)
				w.wantRest("after the callback was deleted")
				w.wantCalls()
				if got := w.dead(); got != nil {
					t.Errorf("dead letters: %q, want none: nobody wants them", got)
				}
				w.backend.reply(always(accept))
				w.setCallback()
				_ = w.resume()
				for name := range c.first {
					w.modify(live.RoomID(name), 1)
				}
				w.pass(2 * time.Second)
				got := map[string]string{}
				for _, call := range w.backend.take() {
					if _, ok := got[call.Lane]; ok {
						t.Errorf("%s is one call too many", call.whole())
					}
					got[call.Lane] = call.whole()
				}
				if diff := cmp.Diff(c.first, got); diff != "" {
					t.Errorf("the next callbacks (-want +got):\n%s", diff)
				}
				w.wantRest("at the end")
			})
		})
	}
}

// changes makes so many rooms, r0, r1 …, unless they are there, and changes each so often.
func (w *world) changes(rooms, times int) {
	w.t.Helper()
	for i := range rooms {
		id := live.RoomID(fmt.Sprintf("r%d", i))
		if w.room(id) == nil {
			w.create(id)
		}
	}
	for range times {
		for i := range rooms {
			w.modify(live.RoomID(fmt.Sprintf("r%d", i)), 1)
		}
	}
}

func TestWhatComesRightAfterADiscardIsDeliveredThoughTheBreakerWasOpen(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.changes(10, 1)
		w.pass(time.Hour)
		w.backend.reply(always(accept))
		w.backend.take()
		w.deleteCallback()
		w.setCallback()
		w.modify("r3", 1)
		w.pass(5 * time.Second)
		if diff := cmp.Diff([]string{"r3.2 skips 1-1"}, wholes(w.backend.take(), "r3")); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		w.wantRest("after it was delivered")
	})
}

// The window of an App has at most 4,096 events; here are far more lanes than that.
func TestADiscardOfManyLanesIsPromptAndBounded(t *testing.T) {
	for _, mood := range []struct {
		name  string
		reply reply
	}{{"hung", hang}, {"dead", status(500)}} {
		t.Run(mood.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.backend.reply(always(mood.reply))
				w.crowdOf(app1, "a", 2500, 1)
				w.crowdOf(app1, "b", 2500, 1)
				w.pass(time.Minute)
				used := w.d.Used()
				w.deleteCallback()
				var most int64
				for range 60 {
					w.pass(100 * time.Millisecond)
					most = max(most, w.d.Used())
				}
				if most > used+2<<20 {
					t.Errorf("%d bytes in memory while it was discarded, %d before: want no more", most, used)
				}
				w.wantRest("six seconds after the callback was deleted")
			})
		})
	}
}

func TestADiscardThatEndsAnOpenBreakerLeavesNothingBehind(t *testing.T) {
	for name, later := range map[string]time.Duration{"at once": 0, "within a settlement": 150 * time.Millisecond, "later": time.Second} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.backend.reply(always(status(500)))
				w.changes(40, 2)
				w.pass(time.Minute)
				w.backend.reply(always(accept))
				w.backend.take()
				w.store.fail(before, "ReadLane")
				w.deleteCallback()
				w.pass(3 * time.Second)
				w.setCallback()
				w.modify("r7", 1)
				synctest.Wait()
				w.store.fail(0)
				w.pass(later)
				w.pass(3 * time.Second)
				if diff := cmp.Diff([]string{"r7.3 skips 1-2"}, wholes(w.backend.take(), "r7")); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				w.wantRest("after it was delivered")
			})
		})
	}
}

// A discard admits nothing that it does not settle at once: not even of lanes that are in memory.
func TestADiscardOfLongLanesStaysWithinTheBudgetOfAnApp(t *testing.T) {
	const memory = 2 << 20 // of which an App has a quarter
	inWorldWith(t, func(o *delivery.Options) { o.Memory = memory }, func(w *world) {
		w.backend.reply(always(hang))
		w.crowdOf(app1, "r", 400, 15)
		synctest.Wait()
		used := w.d.Used() // a quarter, and what waits in the inbox
		w.deleteCallback()
		var most int64
		for range 200 {
			w.pass(50 * time.Millisecond)
			most = max(most, w.d.Used())
		}
		if used < memory/4 || most > used+memory/16 {
			t.Errorf("%d bytes were in memory while it was discarded, %d before: want no more", most, used)
		}
		w.wantRest("ten seconds after the callback was deleted")
	})
}

func TestASweepIsMadeAgainWhenTheStoreIsBackAndAsksItOnceASecond(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.Lane != "ok"] })
		w.create("ok")
		for i := range 30 { // all are held: something is accepted between any two failures
			room := live.RoomID(fmt.Sprintf("r%d", i))
			w.create(room)
			w.modify(room, 2)
			w.modify("ok", 1)
			synctest.Wait()
		}
		w.pass(time.Minute)
		w.store.fail(before, "ReadLane", "Read")
		w.store.takeAsked()
		w.deleteCallback()
		w.pass(10 * time.Second)
		if got := count(w.store.takeAsked(), "Read"); got > 12 {
			t.Errorf("the store was asked %d times in ten seconds, want about ten", got)
		}
		w.store.fail(0)
		w.pass(2 * time.Second)
		w.wantRest("when the store is back")
	})
}

func TestWhatIsInFlightWhenTheCallbackIsDeletedIsAnnouncedOnlyIfItWasNotAccepted(t *testing.T) {
	cases := []struct {
		name  string
		reply reply
		want  string
	}{
		{"accepted", accept, "r0.4 skips 2-3"},
		{"refused", status(500), "r0.4 skips 1-3"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.backend.reply(always(after(time.Second, c.reply)))
				w.changes(1, 3)
				synctest.Wait()
				w.backend.reply(always(accept))
				w.deleteCallback()
				w.setCallback()
				w.modify("r0", 1)
				w.pass(5 * time.Second)
				if diff := cmp.Diff([]string{"r0.1", c.want}, wholes(w.backend.take(), "r0")); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// What was discarded and what was given up before it is one gap, and one announcement.
func TestADiscardAfterDeadLettersIsAnnouncedWithThem(t *testing.T) {
	inWorld(t, func(w *world) {
		w.giveUpAfter(time.Second)
		w.create("r1", "r2")
		w.backend.reply(failing("r1"))
		w.modify("r1", 1)
		w.alive("r2", 6*time.Second)
		w.giveUpAfter(0)
		w.modify("r1", 2)
		w.pass(time.Second)
		w.deleteCallback()
		w.tap = func([]eventlog.Event) bool { return false }
		w.modify("r1", 2) // nobody is subscribed
		w.tap = nil
		w.pass(time.Second)
		w.restart()
		w.backend.reply(always(accept))
		w.setCallback()
		w.modify("r1", 2)
		w.pass(time.Second)
		calls := wholes(w.backend.all(), "r1")
		if diff := cmp.Diff([]string{"r1.6 skips 1-3", "r1.7"}, calls[max(len(calls)-2, 0):]); diff != "" {
			t.Errorf("the last calls (-want +got):\n%s", diff)
		}
	})
}

// What waits for an endpoint is discarded as what waits for the callback, and nothing of anybody else is.
func TestWhatWaitsForAnEndpointIsDiscardedAndAnnouncedThere(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(w *world)
	}{
		{"held lanes", func(w *world) {
			w.backend.reply(toEndpoint("audit", status(500)))
			w.changes(2, 4)
			w.pass(time.Minute)
		}},
		{"an open breaker", func(w *world) {
			w.backend.reply(toEndpoint("audit", status(500)))
			w.changes(2, 1)
			for i := range 8 {
				w.crowdOf(app1, fmt.Sprintf("other-%d", i), 1, 1)
			}
			w.changes(2, 3)
			w.pass(time.Hour)
		}},
		{"a pause", func(w *world) {
			if err := w.d.Pause(context.Background(), audit, asked); err != nil {
				w.t.Fatal(err)
			}
			w.changes(2, 4)
			w.pass(time.Second)
		}},
		{"a restart right after it was asked for", func(w *world) {
			w.backend.reply(toEndpoint("audit", status(500)))
			w.changes(2, 4)
			w.pass(time.Minute)
			w.tap = nil
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.endpoints("audit", "shadow")
				c.given(w)
				head := w.head(app1)
				w.backend.take()
				w.do(app1, live.DiscardBacklog{Endpoint: "audit", To: head})
				if c.name == "a restart right after it was asked for" {
					w.restart()
				}
				w.pass(5 * time.Second)
				w.wantRest("after it was discarded")
				w.wantCallsTo(map[string][]string{})
				if letters := w.lettersOf(audit); len(letters) > 0 {
					t.Errorf("%d dead letters, want none: nobody wants them", len(letters))
				}
				w.backend.reply(always(accept))
				if err := w.d.Resume(context.Background(), audit); err != nil {
					t.Fatal(err)
				}
				w.endpoints("audit", "shadow") // other settings leave it discarded
				w.changes(2, 1)
				w.pass(5 * time.Second)
				got := map[string][]string{}
				for _, c := range w.backend.take() {
					got[c.to()] = append(got[c.to()], c.whole())
				}
				want := map[string][]string{"": {"r0.5", "r1.5"}, "shadow": {"r0.5", "r1.5"}, "audit": {"r0.5 skips 1-4", "r1.5 skips 1-4"}}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the next callbacks (-want +got):\n%s", diff)
				}
				w.wantRest("at the end")
			})
		})
	}
}

// head is the last number of an App's log.
func (w *world) head(id live.AppID) int64 {
	w.t.Helper()
	e, err := w.db.Extent(context.Background(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return e.Head
}

// Discarding up to a number leaves what comes after it, of the same lanes too.
func TestWhatIsDiscardedUpToANumberIsAnnouncedAndTheRestIsDelivered(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.changes(2, 4) // 1 and 2 make the rooms; then r0 and r1 in turns
		w.pass(time.Minute)
		w.backend.take()
		w.do(app1, live.DiscardBacklog{To: 6}) // the first two changes of each
		w.backend.reply(always(accept))
		w.pass(20 * time.Second)
		calls := w.backend.take()
		for lane, want := range map[string][]string{"r0": {"r0.3 skips 1-2", "r0.4"}, "r1": {"r1.3 skips 1-2", "r1.4"}} {
			if diff := cmp.Diff(want, wholes(calls, lane)); diff != "" {
				t.Errorf("calls of %s (-want +got):\n%s", lane, diff)
			}
		}
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none: nobody wants them", got)
		}
		w.wantRest("at the end")
	})
}
