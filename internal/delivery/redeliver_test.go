package delivery_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

// again asks for a redelivery of app1; To 0: to the end.
func (w *world) again(r delivery.Redelivery) delivery.ReaderID {
	w.t.Helper()
	r.From = max(r.From, 1)
	if r.To == 0 {
		r.To = math.MaxInt64 - 1
	}
	r.By, r.At = "ann", time.Now()
	id, err := w.d.Redeliver(context.Background(), app1, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// Nobody but this process would begin it before the next start, and the log is kept for it.
func TestARedeliveryOfUnknownOutcomeIsBegunIfItWasStored(t *testing.T) {
	for _, c := range []struct {
		name string
		how  fault
		want []string
	}{{"it was stored", applied, []string{"r0.1"}}, {"it was not", before, nil}} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.changes(1, 1)
				w.wantCalls("r0.1")
				w.store.fail(c.how, "Redeliver", "Open") // the store stays away
				if _, err := w.d.Redeliver(context.Background(), app1, delivery.Redelivery{From: 1, To: 9}); err == nil {
					t.Error("no error")
				}
				w.pass(5 * time.Second)
				w.store.fail(0)
				w.pass(5 * time.Second)
				w.wantReplays(c.want...)
				w.wantOver(delivery.ReaderID{App: app1, Name: "redelivery-1"})
				w.again(delivery.Redelivery{})
				w.pass(5 * time.Second)
				w.wantReplays("r0.1")
			})
		})
	}
}

// replays are the calls that a person asked for, and rest the others.
func replays(calls []call) (again, rest []call) {
	for _, c := range calls {
		if c.Header.Get(callback.HeaderReplay) == "true" {
			again = append(again, c)
		} else {
			rest = append(rest, c)
		}
	}
	return again, rest
}

// wantReplays compares what was sent again since it was compared last; nothing else was sent.
func (w *world) wantReplays(want ...string) {
	w.t.Helper()
	synctest.Wait()
	again, rest := replays(w.backend.take())
	if diff := cmp.Diff(want, names(again)); diff != "" {
		w.t.Errorf("sent again (-want +got):\n%s", diff)
	}
	if rest != nil {
		w.t.Errorf("sent beside it: %q, want nothing", names(rest))
	}
}

// wantOver fails when something of a redelivery is left.
func (w *world) wantOver(id delivery.ReaderID) {
	w.t.Helper()
	w.wantRest("after the redelivery")
	if _, err := w.db.Open(context.Background(), id); err == nil {
		w.t.Errorf("reader %s is still there", id.Name)
	}
	err := w.db.Pending(context.Background(), func(other delivery.ReaderID) error {
		w.t.Errorf("reader %v has something to do, want none", other)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if n := w.d.Readers(); n > 1 {
		w.t.Errorf("%d readers are in memory, want at most that of the callback URL", n)
	}
}

func TestWhatIsAskedForIsSentAgainAndTheRedeliveryEndsByItself(t *testing.T) {
	cases := []struct {
		name string
		ask  delivery.Redelivery
		want []string
	}{
		{"everything", delivery.Redelivery{}, []string{"r0.1", "r0.2", "r0.3", "r1.1", "r1.2", "r1.3"}},
		{"a range", delivery.Redelivery{From: 4, To: 6}, []string{"r0.2", "r1.1", "r1.2"}}, // 1 and 2 make the rooms
		{"one lane", delivery.Redelivery{Lane: "r1"}, []string{"r1.1", "r1.2", "r1.3"}},
		{"one event", delivery.Redelivery{From: 5, To: 5}, []string{"r0.2"}},
		{"a range without callbacks", delivery.Redelivery{From: 1, To: 2}, nil},
		{"a range beyond the log", delivery.Redelivery{From: 1000, To: 2000}, nil},
		{"an unknown lane", delivery.Redelivery{Lane: "r7"}, nil},
		{"dead letters, of which there are none", delivery.Redelivery{DeadOnly: true}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.changes(2, 3)
				w.pass(time.Second)
				first := w.backend.take()
				id := w.again(c.ask)
				w.pass(time.Second)
				for _, c := range w.backend.all()[len(first):] {
					if !sameAsBefore(first, c) {
						t.Errorf("%s has other bytes or headers than at first", c)
					}
				}
				w.wantReplays(c.want...)
				w.wantOver(id)
				w.restart()
				w.pass(time.Minute)
				w.wantCalls()
			})
		})
	}
}

// sameAsBefore tells whether one of the calls before is the same but that it was no replay and may have announced something.
func sameAsBefore(before []call, c call) bool {
	h := c.Header.Clone()
	h.Del(callback.HeaderReplay)
	for _, b := range before {
		if b.String() == c.String() {
			was := b.Header.Clone()
			was.Del(callback.HeaderSkipped)
			return cmp.Equal(was, h) && cmp.Equal(b.Body, c.Body)
		}
	}
	return false
}

func TestARedeliveryRefusesWhatIsNoRangeAndAnUnknownApp(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, r := range []delivery.Redelivery{{From: 0, To: 5}, {From: 6, To: 5}, {From: -1, To: 1}} {
			if id, err := w.d.Redeliver(context.Background(), app1, r); err == nil {
				t.Errorf("%d to %d became the redelivery %s", r.From, r.To, id.Name)
			}
		}
		if _, err := w.d.Redeliver(context.Background(), app2, delivery.Redelivery{From: 1, To: 5}); err == nil {
			t.Error("a redelivery of an unknown App was taken")
		}
		w.wantRest("at the end")
	})
}

// bury gives up the first three callbacks of r1, and returns what was tried.
func (w *world) bury() []call {
	w.t.Helper()
	w.giveUpAfter(time.Second)
	w.create("r1", "r2")
	w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.Lane == "r1" && c.RoomSeq <= 4] })
	w.modify("r1", 4)
	w.alive("r2", 20*time.Second)
	if diff := cmp.Diff([]string{"r1.1", "r1.2", "r1.3"}, w.dead()); diff != "" {
		w.t.Fatalf("dead letters (-want +got):\n%s", diff)
	}
	w.backend.reply(always(accept))
	w.giveUpAfter(0)
	w.pass(time.Second)
	return w.backend.take()
}

func TestDeadLettersThatAreAcceptedLeave(t *testing.T) {
	inWorld(t, func(w *world) {
		first := w.bury()
		w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.RoomSeq == 3 && c.Attempt < 3] })
		id := w.again(delivery.Redelivery{DeadOnly: true})
		w.pass(10 * time.Second)
		for _, c := range w.backend.all()[len(first):] {
			if c.Attempt == 1 && !sameAsBefore(first, c) {
				t.Errorf("%s has other bytes or headers than at first", c)
			}
		}
		w.wantReplays("r1.1", "r1.2", "r1.2#2", "r1.2#3", "r1.3")
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none", got)
		}
		w.wantOver(id)
	})
}

func TestADeadLetterIsSentAgainWhenTheLogForgotIt(t *testing.T) {
	for _, ask := range []delivery.Redelivery{{DeadOnly: true}, {}, {Lane: "r1"}} {
		t.Run(fmt.Sprintf("dead only %v, lane %q", ask.DeadOnly, ask.Lane), func(t *testing.T) {
			inWorldWith(t, keep(time.Hour), func(w *world) {
				first := w.bury()
				w.pass(3 * time.Hour)
				if got := seqs(w.log(app1)); got != "none" {
					t.Fatalf("the log has %s, want nothing", got)
				}
				w.backend.take()
				id := w.again(ask)
				w.pass(time.Second)
				for _, c := range w.backend.all()[len(first):] {
					if !sameAsBefore(first, c) {
						t.Errorf("%s has other bytes or headers than at first", c)
					}
				}
				w.wantReplays("r1.1", "r1.2", "r1.3")
				if got := w.dead(); got != nil {
					t.Errorf("dead letters: %q, want none", got)
				}
				w.wantOver(id)
			})
		})
	}
}

// What is as old as the log is kept is the very reason why there are dead letters: a sweep does not end their redelivery, and
// their redelivery does not keep the log.
func TestASweepDoesNotEndTheRedeliveryOfDeadLetters(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.bury()
		w.pass(3 * time.Hour)
		w.create("r3")
		w.backend.reply(failing("r1")) // the redelivery takes its time
		id := w.again(delivery.Redelivery{DeadOnly: true})
		for range 8 {
			w.modify("r3", 1)
			w.pass(30 * time.Minute)
		}
		if log := w.log(app1); len(log) > 4 {
			t.Errorf("the log has %d events, want only those of the last hour or so", len(log))
		}
		w.backend.reply(always(accept))
		w.pass(6 * time.Minute)
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none: they were accepted", got)
		}
		w.pass(time.Second)
		w.wantOver(id)
	})
}

func TestARedeliveryThatIsInterruptedGoesOnAfterARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(3, 100)
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(always(after(time.Second, accept)))
		id := w.again(delivery.Redelivery{})
		w.pass(10 * time.Second)
		w.restart()
		w.pass(10 * time.Second)
		w.restart()
		w.pass(5 * time.Minute)
		again, _ := replays(w.backend.take())
		last := map[string]int{}
		for _, c := range again {
			if last[c.Lane] != 0 && c.RoomSeq > last[c.Lane]+1 {
				t.Errorf("%s came after change %d", c, last[c.Lane]-1)
			}
			last[c.Lane] = max(last[c.Lane], c.RoomSeq)
		}
		if diff := cmp.Diff(map[string]int{"r0": 101, "r1": 101, "r2": 101}, last); diff != "" {
			t.Errorf("the last numbers of the lanes (-want +got):\n%s", diff)
		}
		w.wantOver(id)
	})
}

func TestARedeliveryHasATenthOfTheSlotsAndOneInFlightPerLane(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(app1, func(a *live.App) { a.Delivery.Concurrency = 30 })
		w.changes(10, 3)
		w.pass(time.Second)
		w.backend.take()
		w.backend.peak()
		w.backend.reply(always(after(time.Second, accept)))
		id := w.again(delivery.Redelivery{})
		w.pass(20 * time.Second)
		if got := w.backend.peak(); got != 3 {
			t.Errorf("%d were in flight at one time, want 3 of 30", got)
		}
		if w.backend.overlap != nil {
			t.Errorf("two callbacks of one lane were in flight: %v", w.backend.overlap)
		}
		if got := len(w.backend.take()); got != 30 {
			t.Errorf("got %d calls, want 30", got)
		}
		w.wantOver(id)
	})
}

// What is sent again holds up what is sent anyway for one attempt of its lane, and other lanes not at all.
func TestARedeliveryThatHangsDoesNotHoldUpWhatIsSentAnyway(t *testing.T) {
	inWorldWith(t, func(o *delivery.Options) { o.InFlight = 8 }, func(w *world) {
		w.changes(4, 20)
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(func(c call) reply {
			return map[bool]reply{true: hang, false: accept}[c.Header.Get(callback.HeaderReplay) != ""]
		})
		for range 10 {
			w.again(delivery.Redelivery{})
		}
		w.pass(3 * time.Second)
		w.backend.take()
		w.create("live")
		w.modify("live", 3)
		w.modify("r0", 1)
		synctest.Wait()
		_, rest := replays(w.backend.take())
		if diff := cmp.Diff([]string{"live.1", "live.2", "live.3"}, names(rest)); diff != "" {
			t.Errorf("sent beside the redelivery, at once (-want +got):\n%s", diff)
		}
		w.pass(5 * time.Second) // of the timeout
		_, rest = replays(w.backend.take())
		if diff := cmp.Diff([]string{"r0.21"}, names(rest)); diff != "" {
			t.Errorf("sent after one attempt of ten redeliveries (-want +got):\n%s", diff)
		}
		if w.backend.overlap != nil {
			t.Errorf("two callbacks of one lane were in flight: %v", w.backend.overlap)
		}
	})
}

func TestARedeliveryGivesUpAndLeavesTheDeadLetterAsItIs(t *testing.T) {
	inWorld(t, func(w *world) {
		w.bury()
		was := w.letters(app1)
		w.giveUpAfter(5 * time.Second)
		w.backend.reply(func(c call) reply {
			if c.Lane == "r1" && c.RoomSeq == 2 {
				return status(500)
			}
			return after(time.Second, accept)
		})
		id := w.again(delivery.Redelivery{})
		w.pass(time.Minute)
		again, _ := replays(w.backend.take())
		want := []string{"r1.1", "r1.1#2", "r1.1#3", "r1.1#4", "r1.2", "r1.3", "r1.4"}
		if diff := cmp.Diff(want, wholes(again, "r1")); diff != "" {
			t.Errorf("sent again, announcing nothing (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(was[:1], w.letters(app1)); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		w.wantLog(1, "a callback is given up in a redelivery", "when the redelivery is over")
		w.wantOver(id)
	})
}

func TestARedeliveryIsPausedAndResumedByItself(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(3, 3)
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(always(after(time.Second, accept)))
		id := w.again(delivery.Redelivery{})
		w.pass(500 * time.Millisecond)
		if err := w.d.Pause(context.Background(), id, asked); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour)
		w.wantRest("while it is paused")
		w.restart()
		w.pass(time.Hour)
		w.wantRest("after a restart")
		w.backend.take()
		if err := w.d.Resume(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		if again, _ := replays(w.backend.take()); len(again) < 6 {
			t.Errorf("%d were sent again after it was resumed, want at least 6", len(again))
		}
		w.wantOver(id)
	})
}

// Settings change, and events grow old, while redeliveries end: nothing may start a reader that is no longer there.
func TestNewSettingsWhileARedeliveryEndsStartNoReaderThatHasEnded(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.changes(1, 2)
		w.pass(time.Second)
		id := w.again(delivery.Redelivery{})
		w.store.during("Settle", func() {})
		for range 50 {
			w.configure(app1, func(a *live.App) { a.Delivery.Concurrency++ })
			w.pass(10 * time.Millisecond)
		}
		w.pass(time.Second)
		w.d.SettingsChangedFor(id)
		w.pass(time.Minute)
		w.wantOver(id)
		if err := w.d.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
	})
}

func TestADiscardDoesNotTakeARedeliveryWithIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(1, 3)
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(always(status(500)))
		id := w.again(delivery.Redelivery{})
		w.pass(time.Second)
		w.deleteCallback()
		w.pass(10 * time.Second)
		w.setCallback()
		w.backend.reply(always(accept))
		w.pass(time.Minute)
		again, _ := replays(w.backend.take())
		if got := lastOf(wholes(again, "r0")); !cmp.Equal(got, []string{"r0.3"}) {
			t.Errorf("the last one is %q, want r0.3", got)
		}
		w.wantOver(id)
	})
}
