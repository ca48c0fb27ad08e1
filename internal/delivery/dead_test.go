package delivery_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestACallbackThatFailsWhileOthersAreAcceptedIsGivenUpAndItsLaneGoesOn(t *testing.T) {
	inWorld(t, func(w *world) {
		w.giveUpAfter(10 * time.Second)
		w.create("r1", "r2")
		w.backend.reply(func(c call) reply {
			if c.Lane == "r1" && c.RoomSeq == 2 {
				return body(502, "no")
			}
			return nil
		})
		w.modify("r1", 2)
		w.alive("r2", 30*time.Second)
		want := []string{"r1.1", "r1.1#2", "r1.1#3", "r1.1#4", "r1.1#5", "r1.2 skips 1-1"}
		calls := w.backend.take()
		if diff := cmp.Diff(want, wholes(calls, "r1")); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		letters := w.letters(app1)
		if len(letters) != 1 {
			t.Fatalf("%d dead letters, want 1", len(letters))
		}
		if diff := cmp.Diff(string(calls[0].Body), string(letters[0].Body)); diff != "" {
			t.Errorf("the bytes of the dead letter (-sent +kept):\n%s", diff)
		}
		seq := letters[0].Seq
		wantDead := eventlog.Dead{Seq: seq, At: calls[0].At.Add(15 * time.Second), Why: "status 502", Attempts: 5}
		if diff := cmp.Diff(wantDead, w.store.buried()[seq]); diff != "" {
			t.Errorf("the dead letter (-want +got):\n%s", diff)
		}
		if told := w.logs.with("is given up and becomes a dead letter"); len(told) != 1 {
			t.Errorf("it was told of %d times, want once", len(told))
		}
		w.wantRest("after the lane went on")
	})
}

// Each case fails the first callback of r1 and says after how many attempts it is given up; 0: it is not.
func TestWhatCountsForGivingUp(t *testing.T) {
	const day = 24 * time.Hour
	cases := []struct {
		name  string
		after time.Duration
		do    func(w *world)
		want  int
	}{
		{"others are accepted all the time", 10 * time.Second, func(w *world) { w.alive("r2", 20*time.Second) }, 5},
		{"at least three attempts, however short the time is", time.Millisecond, func(w *world) { w.alive("r2", 20*time.Second) }, 3},
		{"never with 0", 0, func(w *world) {
			for range 24 {
				w.modify("r2", 1)
				w.pass(time.Hour)
			}
		}, 0},
		{"nothing else is going on", 10 * time.Second, func(w *world) { w.pass(day) }, 0},
		{"something was accepted only before it failed first", 10 * time.Second, func(w *world) { w.pass(day) }, 0},
		{"the time before anything else was accepted does not count", 10 * time.Second, func(w *world) {
			w.pass(40 * time.Second)      // attempts at 0, 1, 3, 7, 15, 31
			w.alive("r2", 40*time.Second) // the next at 63: 32 s of failing
			w.pass(10 * time.Second)
		}, 7},
		{"a pause does not count", 30 * time.Second, func(w *world) {
			w.alive("r2", 2*time.Second) // attempts at 0 and 1
			w.mustPause()
			w.pass(time.Hour)
			w.mustResume()                // the third, at once; 2 s of failing
			w.alive("r2", 20*time.Second) // and 4 and 8 s later, then 16
		}, 0},
		{"an open breaker does not count", 30 * time.Second, func(w *world) {
			w.alive("r2", 2*time.Second)
			w.backend.reply(always(status(500)))
			for n := range 6 {
				w.modify(live.RoomID(fmt.Sprintf("r%d", n+3)), 1)
			}
			w.pass(time.Hour)
			w.backend.reply(failing("r1"))
			w.pass(16 * time.Second)
			w.alive("r2", 5*time.Second)
		}, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.giveUpAfter(c.after)
				w.create("r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8")
				w.modify("r2", 1)
				synctest.Wait()
				w.backend.reply(failing("r1"))
				w.modify("r1", 1)
				synctest.Wait()
				c.do(w)
				w.pass(time.Second)
				got := 0
				for _, d := range w.store.buried() {
					got = d.Attempts
				}
				if got != c.want {
					t.Errorf("given up after %d attempts, want %d; calls: %q", got, c.want, wholes(w.backend.all(), "r1"))
				}
			})
		})
	}
}

func TestTheTimeOfFailingSurvivesARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.giveUpAfter(40 * time.Second)
		w.create("r1", "r2")
		w.backend.reply(failing("r1"))
		w.modify("r1", 1)
		w.alive("r2", 35*time.Second) // attempts at 0, 1, 3, 7, 15, 31: it has been failing for 31 s
		w.restart()
		w.pass(time.Hour) // nothing else is accepted: it does not count
		if got := w.dead(); got != nil {
			t.Fatalf("given up while nothing else was accepted: %q", got)
		}
		w.alive("r2", 301*time.Second) // the next try is at most five minutes away
		if diff := cmp.Diff([]string{"r1.1"}, w.dead()); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		for _, d := range w.store.buried() {
			if d.Attempts < 7 {
				t.Errorf("the dead letter tells of %d attempts, want those before the restart too", d.Attempts)
			}
		}
	})
}

func TestCallbacksGivenUpInARowAreAnnouncedAsOneRange(t *testing.T) {
	inWorld(t, func(w *world) {
		w.giveUpAfter(time.Second)
		w.create("r1", "r2")
		w.backend.reply(func(c call) reply {
			if c.Lane == "r1" && c.RoomSeq <= 4 {
				return status(500)
			}
			return nil
		})
		w.modify("r1", 4)
		w.alive("r2", 20*time.Second)
		if diff := cmp.Diff([]string{"r1.4 skips 1-3"}, lastOf(wholes(w.backend.all(), "r1"))); diff != "" {
			t.Errorf("the last call (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"r1.1", "r1.2", "r1.3"}, w.dead()); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
	})
}

func lastOf(list []string) []string { return list[max(len(list)-1, 0):] }

func TestAnAnnouncementIsRepeatedUntilItIsAcceptedAndThenGone(t *testing.T) {
	inWorld(t, func(w *world) {
		w.giveUpAfter(time.Second)
		w.create("r1", "r2")
		w.backend.reply(func(c call) reply {
			if c.Lane == "r1" && (c.RoomSeq == 2 || c.RoomSeq == 3 && c.Attempt < 3) {
				return status(500)
			}
			return nil
		})
		w.modify("r1", 3)
		w.alive("r2", 10*time.Second)
		want := []string{"r1.1", "r1.1#2", "r1.1#3", "r1.2 skips 1-1", "r1.2#2 skips 1-1", "r1.2#3 skips 1-1", "r1.3"}
		if diff := cmp.Diff(want, wholes(w.backend.take(), "r1")); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		w.restart()
		w.modify("r1", 1)
		w.pass(time.Second)
		if diff := cmp.Diff([]string{"r1.4"}, wholes(w.backend.take(), "r1")); diff != "" {
			t.Errorf("after a restart (-want +got):\n%s", diff)
		}
	})
}

// The announcement is stored, and nothing of its lane is in memory, when the next event of the lane comes.
func TestAnAnnouncementWaitsForTheNextCallbackOfItsLane(t *testing.T) {
	cases := []struct {
		name   string
		before func(w *world) // between giving up and the next event
		commit func(w *world)
	}{
		{"handed over", func(*world) {}, func(w *world) { w.modify("r1", 2) }},
		{"handed over after a restart", func(w *world) { w.restart(); w.pass(time.Second) }, func(w *world) { w.modify("r1", 2) }},
		{"read from the log", func(*world) {}, func(w *world) {
			w.tap = func([]eventlog.Event) bool { return false }
			w.modify("r1", 2)
			w.tap = nil
			w.d.HandOver(app1, nil)
		}},
		{"read from the log after a restart", func(*world) {}, func(w *world) {
			w.d.Stop()
			w.modify("r1", 2)
			w.end()
			w.boot()
		}},
		{"the store fails when it is asked", func(w *world) { w.restart(); w.pass(time.Second) }, func(w *world) {
			w.store.fail(before, "Skips")
			w.modify("r1", 2)
			w.pass(3 * time.Second)
			w.wantCalls()
			w.store.fail(0)
		}},
		{"after another pause and a restart", func(w *world) {
			w.mustPause()
			w.restart()
		}, func(w *world) { w.modify("r1", 2); w.pass(time.Second); w.mustResume() }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.giveUpAfter(time.Second)
				w.create("r1", "r2")
				w.backend.reply(failing("r1"))
				w.modify("r1", 2)
				w.alive("r2", 10*time.Second)
				w.backend.reply(always(accept))
				w.pass(time.Second)
				w.wantRest("the lane has nothing left")
				w.backend.take()
				c.before(w)
				c.commit(w)
				w.pass(2 * time.Second)
				if diff := cmp.Diff([]string{"r1.3 skips 1-2", "r1.4"}, wholes(w.backend.take(), "r1")); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestALaneThatIsHeldOverARestartStillAnnouncesWhatWasGivenUpBefore(t *testing.T) {
	inWorld(t, func(w *world) {
		w.giveUpAfter(time.Second)
		w.create("r1", "r2")
		w.backend.reply(failing("r1"))
		w.modify("r1", 1)
		w.alive("r2", 5*time.Second) // given up
		w.giveUpAfter(0)
		w.modify("r1", 2)
		w.pass(time.Second)
		w.restart()
		w.pass(10 * time.Second)
		for _, text := range wholes(w.backend.take(), "r1")[3:] {
			if count([]string{text}, "skips 1-1") != 1 {
				t.Errorf("%s, want it to announce 1-1", text)
			}
		}
		w.backend.reply(always(accept))
		w.pass(time.Minute)
		calls := wholes(w.backend.take(), "r1")
		if len(calls) != 2 || count(calls[:1], "skips 1-1") != 1 || calls[1] != "r1.3" {
			t.Errorf("calls: %q, want r1.2 announcing 1-1 and r1.3", calls)
		}
	})
}

func TestAnAnnouncementThatIsToldAndOneThatComesAfterItDoNotMix(t *testing.T) {
	inWorld(t, func(w *world) {
		w.giveUpAfter(time.Second)
		w.create("r1", "r2")
		w.backend.reply(func(c call) reply {
			if c.Lane == "r1" && c.RoomSeq%2 == 0 {
				return status(500)
			}
			return nil
		})
		w.modify("r1", 6)
		w.alive("r2", 20*time.Second)
		want := []string{"r1.2 skips 1-1", "r1.4 skips 3-3", "r1.6 skips 5-5"}
		if diff := cmp.Diff(want, announcing(w.backend.all())); diff != "" {
			t.Errorf("announcements (-want +got):\n%s", diff)
		}
	})
}

func TestTheCloudProfileHasNoDeadLettersAndAnnouncesNothing(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.configure(app1, cloud)
		w.giveUpAfter(time.Millisecond)
		w.create("r1", "r2")
		w.backend.reply(failing("r1"))
		for range 4 {
			w.modify("r1", 1)
			w.modify("r2", 1)
			w.pass(5 * time.Second)
		}
		w.backend.reply(lane("r1", hang))
		w.modify("r1", 9) // some of them are failed unsent
		w.pass(time.Minute)
		w.mustPause()
		w.modify("r1", 3)
		w.pass(2 * time.Hour) // longer than the log is kept
		w.backend.reply(always(accept))
		w.mustResume()
		w.modify("r1", 1)
		w.pass(time.Minute)
		calls := w.backend.all()
		if got := announcing(calls); got != nil {
			t.Errorf("announced: %q, want nothing", got)
		}
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none", got)
		}
		if got := lastOf(wholes(calls, "r1")); !cmp.Equal(got, []string{"r1.17"}, cmpopts.EquateEmpty()) {
			t.Errorf("the last call is %q, want r1.17", got)
		}
		w.wantRest("at the end")
	})
}

// Nothing stores it again before the next event: until then a cursor that the database takes back would say that something waits.
func TestTheLastSettlementBeforeARestIsDurable(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(after(time.Second, accept)))
		w.changes(1, 3)
		w.pass(time.Minute)
		settled := w.store.settled
		if n := len(settled); n < 2 || !settled[n-1].Durable || settled[n-1].Cursor.Done() != 4 {
			t.Errorf("settlements %+v, want a durable one of all 4 at the end", settled)
		}
	})
}
