package delivery_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func cloud(a *live.App) {
	a.Delivery = live.Delivery{Profile: live.Cloud, Timeout: 2 * time.Second, Concurrency: 8}
}

func TestTheCloudProfileSendsOnceAndGoesOn(t *testing.T) {
	cases := []struct {
		name  string
		reply reply
		want  eventlog.Verdict
	}{
		{"refused", status(500), eventlog.Failed},
		{"no envelope", body(200, "ok"), eventlog.Failed},
		{"an answer that says no is ignored", body(200, `{"ActionStatus":"FAIL","ErrorCode":1}`), eventlog.Delivered},
		{"accepted", accept, eventlog.Delivered},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.configure(app1, cloud)
				w.create("r1")
				w.backend.reply(always(c.reply))
				w.modify("r1", 3)
				w.wantCalls("r1.1", "r1.2", "r1.3")
				w.pass(10 * time.Minute)
				w.wantCalls()
				var got []eventlog.Verdict
				for _, a := range w.store.attempts() {
					got = append(got, a.Cloud)
				}
				if diff := cmp.Diff([]eventlog.Verdict{c.want, c.want, c.want}, got); diff != "" {
					t.Errorf("verdicts of the cloud (-want +got):\n%s", diff)
				}
				if n := w.d.Running(); n != 0 {
					t.Errorf("%d readers run, want none: there is nothing left to try", n)
				}
			})
		})
	}
}

// What an attempt counted as is recorded: later settings do not change what became of a callback.
func TestAnAttemptCountsByTheProfileThatApplied(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		durable := func(a *live.App) {
			a.Delivery = live.Delivery{Profile: live.Durable, Timeout: 5 * time.Second, Concurrency: 8, GiveUpAfter: time.Second}
		}
		w.configure(app1, cloud)
		w.backend.reply(lane("r1", status(500)))
		w.modify("r1", 1)
		synctest.Wait()
		w.configure(app1, durable)
		w.modify("r1", 1)
		w.alive("r2", 6*time.Second)
		w.backend.reply(always(body(200, "ok"))) // a plain yes, which the cloud does not take
		w.modify("r1", 1)
		synctest.Wait()
		w.configure(app1, cloud)
		w.modify("r1", 1)
		w.pass(time.Second)
		// One that is in flight when the profile changes counts by the one that it was sent with.
		w.backend.reply(always(after(time.Second, status(500))))
		w.modify("r1", 1)
		synctest.Wait()
		w.configure(app1, durable)
		w.pass(time.Minute)
		var got []string
		for _, a := range w.store.attempts() {
			if a.Number == 1 || a.Counted != eventlog.Retry {
				got = append(got, fmt.Sprintf("%d#%d %s", a.Seq, a.Number, a.Counted))
			}
		}
		want := []string{"3#1 failed", "4#1 retry"}
		for seq := range 6 { // of r2
			want = append(want, fmt.Sprintf("%d#1 delivered", seq+5))
		}
		want = append(want, "4#3 given up", "11#1 delivered", "12#1 failed", "13#1 failed")
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestTheCloudProfileFailsUnsentWhatIsOlderThanTenSeconds(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(app1, cloud)
		w.create("r1", "r2")
		w.backend.reply(lane("r1", hang))
		w.modify("r1", 9)
		w.modify("r2", 1)
		w.pass(time.Minute)
		// Each takes the two seconds of the setting; the sixth begins when it is ten seconds old, which is not too old.
		want := []string{"0s r1.1", "2s r1.2", "4s r1.3", "6s r1.4", "8s r1.5", "10s r1.6", "0s r2.1"}
		if diff := cmp.Diff(want, timed(w.backend.take())); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
		unsent := 0
		for _, a := range w.store.attempts() {
			if a.Status == 0 && a.Duration == 0 && a.Cloud == eventlog.Failed && a.Counted == eventlog.Failed {
				unsent++
			}
		}
		if unsent != 3 {
			t.Errorf("%d callbacks are recorded as failed unsent, want 3", unsent)
		}
	})
}
