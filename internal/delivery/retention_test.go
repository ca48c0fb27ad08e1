package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/sqlite"
)

func TestWhatIsOldAndSettledIsForgottenAndNumbersGoOn(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.changes(2, 3)
		w.pass(30 * time.Minute)
		w.modify("r0", 1) // 9
		w.pass(40 * time.Minute)
		if got := seqs(w.log(app1)); got != "9-9" {
			t.Errorf("the log has %s, want 9-9: what is young stays", got)
		}
		w.pass(time.Hour)
		if got := seqs(w.log(app1)); got != "none" {
			t.Errorf("the log has %s, want none", got)
		}
		w.backend.take()
		for range 2 {
			w.restart()
			w.modify("r0", 1)
			w.create("r9")
			w.modify("r9", 1)
			w.do(app1, live.DestroyRoom{Room: "r9"})
			w.pass(time.Second)
		}
		if got := seqs(w.log(app1)); got != "10-17" {
			t.Errorf("the log has %s, want 10-17", got)
		}
		for _, c := range w.backend.take() {
			if c.Lane == "r0" && number(c.Header, "Callboard-Room-Prev") != c.RoomSeq-1 {
				t.Errorf("%s follows on %s, want the one before", c, c.Header.Get("Callboard-Room-Prev"))
			}
		}
		w.pass(2 * time.Hour)
		w.wantRest("at the end")
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none", got)
		}
	})
}

// Whatever keeps callbacks from being delivered, at the age of the log they become dead letters, not before, and the log goes.
func TestWhatIsTooOldAndNotDeliveredBecomesADeadLetter(t *testing.T) {
	const age = time.Hour
	cases := []struct {
		name  string
		given func(w *world) // 3 changes of each of 10 rooms are never delivered
		end   func(w *world)
	}{
		{"held lanes", func(w *world) {
			w.create("ok")
			w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.Lane != "ok"] })
			w.changes(10, 3)
		}, nil},
		{"an open breaker", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(10, 3)
		}, nil},
		{"a pause", func(w *world) {
			w.mustPause()
			w.changes(10, 3)
		}, func(w *world) { w.mustResume() }},
		{"a pause that begins with a backlog", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(10, 3)
			w.pass(time.Second)
			w.mustPause()
		}, func(w *world) { w.mustResume() }},
		{"a pause that 410 led to", func(w *world) {
			w.backend.reply(always(status(410)))
			w.changes(10, 3)
		}, func(w *world) { w.mustResume() }},
		{"an App backend that hangs", func(w *world) {
			w.configure(app1, func(a *live.App) { a.Delivery.Timeout = 11 * time.Minute })
			w.backend.reply(always(hang))
			w.changes(10, 3)
		}, nil},
		{"an App backend that asks to wait", func(w *world) {
			w.backend.reply(always(later(503, 5*time.Minute)))
			w.changes(10, 3)
		}, nil},
		{"a dispatcher that was down", func(w *world) {
			w.d.Stop()
			w.changes(10, 3)
			w.pass(2 * age)
			w.end()
			w.backend.reply(always(hang))
			w.boot()
		}, nil},
		{"a reader that was opened elsewhere", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(10, 3)
			w.pass(10 * time.Minute)
			if _, err := w.db.Open(context.Background(), reader1); err != nil {
				w.t.Fatal(err)
			}
		}, nil},
		{"a restart now and then", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(10, 3)
			for range 10 {
				w.pass(5 * time.Minute)
				w.restart()
			}
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorldWith(t, keep(age), func(w *world) {
				c.given(w)
				w.pass(40 * time.Minute)
				if got := w.dead(); got != nil && c.name != "a dispatcher that was down" && c.name != "a restart now and then" {
					t.Fatalf("%d dead letters before the time, want none", len(got))
				}
				w.pass(age + 10*time.Minute)
				if got := len(w.dead()); got != 30 {
					t.Errorf("%d dead letters, want 30: %q", got, w.dead())
				}
				if got := seqs(w.log(app1)); got != "none" {
					t.Errorf("the log has %s, want none", got)
				}
				for seq, d := range w.store.buried() {
					if d.Why != "not delivered within the time that the log is kept" {
						t.Errorf("event %d is dead because %q", seq, d.Why)
					}
				}
				w.wantRest("when all are dead")
				w.backend.reply(always(accept))
				if c.end != nil {
					c.end(w)
				}
				w.restart()
				w.backend.take()
				w.modify("r3", 1)
				w.pass(6 * time.Minute)
				// The announcement went with the log.
				if diff := cmp.Diff([]string{"r3.4"}, wholes(w.backend.take(), "r3")); diff != "" {
					t.Errorf("the next callback (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestWhatDiedOfAgeIsAnnouncedAsLongAsTheLogKnowsIt(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.mustPause()
		w.changes(1, 3)
		w.pass(30 * time.Minute)
		w.modify("r0", 2)
		w.pass(30*time.Minute + 10*time.Second) // three are dead, and not forgotten before the next sweep
		w.mustResume()
		w.pass(time.Second)
		got := wholes(w.backend.take(), "r0")
		if want := []string{"r0.4 skips 1-3", "r0.5"}; !cmp.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if told := w.logs.with("they are dead letters now"); len(told) != 1 {
			t.Errorf("it was told of %d times, want once: %q", len(told), told)
		}
	})
}

func TestAHungAttemptOfAnOldCallbackMayStillBeAccepted(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.configure(app1, func(a *live.App) { a.Delivery.Timeout = 3 * time.Hour })
		w.backend.reply(lane("r0", after(2*time.Hour, accept)))
		w.changes(2, 3)
		w.pass(110 * time.Minute)
		if got := seqs(w.log(app1)); got != "3-8" { // 1 and 2 make the rooms
			t.Errorf("the log has %s while the attempt of 3 is in flight, want 3-8", got)
		}
		w.pass(30 * time.Minute)
		if diff := cmp.Diff([]string{"r0.2", "r0.3"}, w.dead()); diff != "" {
			t.Errorf("dead letters (-want +got):\n%s", diff)
		}
		if got := seqs(w.log(app1)); got != "none" {
			t.Errorf("the log has %s, want none", got)
		}
	})
}

func TestALogLongerThanTheWindowAgesWhileNothingIsSent(t *testing.T) {
	const rooms, times = 300, 20
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.mustPause()
		w.crowdOf(app1, "r", rooms, times)
		w.pass(30 * time.Minute)
		w.changes(1, 5) // these are young
		w.pass(45 * time.Minute)
		if got := len(w.letters(app1)); got != rooms*times {
			t.Errorf("%d dead letters, want %d", got, rooms*times)
		}
		if got := len(w.log(app1)); got != 6 {
			t.Errorf("the log has %d events, want the 6 young ones", got)
		}
		w.wantRest("while it is paused")
		w.mustResume()
		w.pass(time.Second)
		w.wantCalls("r0.1", "r0.2", "r0.3", "r0.4", "r0.5")
	})
}

func TestWhatIsOldAndDiscardedIsNoDeadLetter(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.mustPause()
		w.changes(3, 3)
		w.deleteCallback()
		w.pass(3 * time.Hour)
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none", got)
		}
		if got := seqs(w.log(app1)); got != "none" {
			t.Errorf("the log has %s, want none", got)
		}
	})
}

func TestARedeliveryKeepsTheLogNoLongerThanItsAge(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.changes(3, 3)
		w.pass(time.Second)
		w.backend.reply(always(status(500)))
		id := w.again(delivery.Redelivery{})
		paused := w.again(delivery.Redelivery{To: 12})
		if err := w.d.Pause(context.Background(), paused, asked); err != nil {
			t.Fatal(err)
		}
		w.pass(2 * time.Hour)
		if got := seqs(w.log(app1)); got != "none" {
			t.Errorf("the log has %s, want none", got)
		}
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none: all were delivered once", got)
		}
		w.wantOver(id)
		w.wantOver(paused)
	})
}

// What a redelivery names may begin above what is too old.
func TestAPausedRedeliveryOfYoungEventsCostsNothingWhenOldOnesAge(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.changes(2, 3)
		w.pass(40 * time.Minute)
		w.modify("r1", 2)
		w.pass(time.Second)
		id := w.again(delivery.Redelivery{Lane: "r1"})
		if err := w.d.Pause(context.Background(), id, asked); err != nil {
			t.Fatal(err)
		}
		w.backend.take()
		w.pass(25 * time.Minute)
		w.wantRest("while it is paused")
		looked := w.looked.Load()
		w.pass(5 * time.Minute)
		if got := w.looked.Load() - looked; got > 200 {
			t.Errorf("the settings were looked at %d times in five minutes, want hardly ever", got)
		}
		if err := w.d.Resume(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		w.wantReplays("r1.4", "r1.5")
		w.wantOver(id)
	})
}

func TestDeadLettersAreForgottenByAgeAndBeyondTheirNumber(t *testing.T) {
	option := func(o *delivery.Options) {
		keep(time.Hour)(o)
		o.Retention.Dead, o.Retention.DeadLimit = 10*time.Hour, 4
	}
	inWorldWith(t, option, func(w *world) {
		w.mustPause()
		w.changes(2, 3)
		w.pass(2 * time.Hour)
		if diff := cmp.Diff([]string{"r1.1", "r0.2", "r1.2", "r0.3", "r1.3"}[1:], w.dead()); diff != "" {
			t.Errorf("dead letters, the newest 4 (-want +got):\n%s", diff)
		}
		if told := w.logs.with("more dead letters than are kept"); len(told) == 0 {
			t.Error("it was not told that dead letters are lost")
		}
		w.pass(10 * time.Hour)
		if got := w.dead(); got != nil {
			t.Errorf("dead letters: %q, want none", got)
		}
	})
}

func TestNothingIsForgottenWithoutRetentionOrWhileItsStoreFails(t *testing.T) {
	for name, option := range map[string]func(*delivery.Options){
		"no store": nil,
		"a store that fails": func(o *delivery.Options) {
			keep(time.Hour)(o)
			o.Retention.Store = brokenRetention{o.Retention.Store.(*sqlite.DB)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inWorldWith(t, option, func(w *world) {
				w.changes(2, 3)
				w.backend.reply(always(status(500)))
				w.changes(8, 1)
				w.pass(3 * time.Hour)
				if got := seqs(w.log(app1)); got != "1-22" {
					t.Errorf("the log has %s, want 1-22", got)
				}
			})
		})
	}
}

// brokenRetention forgets nothing.
type brokenRetention struct{ delivery.Retention }

// Forget implements delivery.Retention.
func (brokenRetention) Forget(context.Context, live.AppID, int64, int) (int, error) {
	return 0, errAway
}

// Aged implements delivery.Retention.
func (brokenRetention) Aged(context.Context, time.Time, func(live.AppID, int64) error) error {
	return errAway
}

func TestStopEndsALongSweep(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.crowdOf(app1, "r", 100, 20)
		w.pass(time.Hour + 30*time.Second)
		begun := time.Now()
		w.restart()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %v to stop", took)
		}
		synctest.Wait()
		w.pass(time.Hour)
		if got := seqs(w.log(app1)); got != "none" {
			t.Errorf("the log has %s, want none", got)
		}
	})
}
