package delivery_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestAnAppAtRestHasNoGoroutineAndWakesWithoutReadingTheLog(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.modify("r1", 1)
		w.wantCalls("r1.1")
		w.pass(time.Second)
		if n := w.d.Running(); n != 0 {
			t.Fatalf("%d readers run at rest, want none", n)
		}
		w.store.takeAsked()
		for n := range 3 {
			w.modify("r1", 1)
			w.pass(time.Second)
			if got := w.d.Running(); got != 0 {
				t.Errorf("change %d: %d readers run, want none", n, got)
			}
		}
		w.wantCalls("r1.2", "r1.3", "r1.4")
		if diff := cmp.Diff([]string{"Settle", "Settle", "Settle"}, w.store.takeAsked()); diff != "" {
			t.Errorf("the store was asked (-want +got):\n%s", diff)
		}
	})
}

func TestReadersAtRestAreForgottenBeyondAThousandAndWakeAllTheSame(t *testing.T) {
	inWorld(t, func(w *world) {
		const kept = 1000
		w.apps(kept+50, 1)
		w.pass(10 * time.Second)
		w.backend.take()
		w.wantRest("when all is delivered")
		if n := w.d.Readers(); n > kept {
			t.Errorf("%d readers at rest are in memory, want at most %d", n, kept)
		}
		for i := range kept + 50 {
			w.do(live.AppID(1_400_001_000+i), live.ModifyAdmin{Room: "r1", Accounts: []live.Account{"bob"}, Op: live.AddAdministrators})
		}
		w.pass(time.Second)
		if calls := w.backend.take(); len(calls) != kept+50 {
			t.Errorf("%d callbacks came, want one of each App", len(calls))
		}
		if n := w.d.Used(); n != 0 {
			t.Errorf("%d bytes of events are accounted at rest, want 0", n)
		}
	})
}

func TestProgressIsStoredAtMostFiveTimesASecond(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(always(after(10*time.Millisecond, accept)))
		w.modify("r1", 150) // one and a half seconds
		w.store.takeAsked()
		w.pass(10 * time.Second)
		settles := 0
		for _, method := range w.store.takeAsked() {
			if method == "Settle" {
				settles++
			}
		}
		if settles < 5 || settles > 10 {
			t.Errorf("got %d settlements in one and a half seconds, want about 8", settles)
		}
	})
}

func TestStopWaitsForWhatIsInFlightAndStoresIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(func(c call) reply {
			return after(2*time.Second, map[bool]reply{true: accept, false: status(500)}[c.Lane == "r1"])
		})
		w.modify("r1", 2)
		w.modify("r2", 1)
		synctest.Wait()
		start := time.Now()
		w.restart()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("Stop took %v, want the two seconds of what was in flight", took)
		}
		w.pass(20 * time.Second)
		w.wantCalls("r1.1", "r1.2", "r2.1", "r2.1#2", "r2.1#3", "r2.1#4")
	})
}

func TestStopBreaksOffWhatTakesLongerThanTheGraceTime(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.configure(app1, func(a *live.App) { a.Delivery.Timeout = time.Minute })
		w.backend.reply(func(c call) reply {
			return map[bool]reply{true: hang, false: after(time.Second, accept)}[c.Lane == "r1"]
		})
		w.modify("r1", 1)
		w.modify("r2", 1)
		synctest.Wait()
		start := time.Now()
		w.shut()
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("Stop took %v, want the grace time of 7s", took)
		}
		w.backend.reply(always(accept))
		w.boot()
		w.pass(time.Minute)
		// What was broken off is no failed attempt: it is sent again at once, as the first.
		w.wantCalls("r1.1", "r1.1", "r2.1")
	})
}

func TestNothingIsSentAfterStop(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(after(time.Second, accept)))
		w.configure(app1, func(a *live.App) { a.Delivery.Concurrency = 4 })
		w.rooms(40)
		synctest.Wait()
		before := len(w.backend.all())
		w.shut()
		if got := len(w.backend.all()); got != before {
			t.Errorf("%d callbacks were sent after Stop had begun, want none", got-before)
		}
		w.boot()
		w.pass(time.Minute)
		if got := len(w.backend.all()); got != 40 {
			t.Errorf("got %d calls in all, want 40", got)
		}
	})
}

func TestNothingIsSentWhenStopCameWhileTheLogWasRead(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.pass(time.Second)
		stopped := make(chan struct{})
		w.store.during("Read", func() {
			go func() {
				defer close(stopped)
				w.d.Stop()
			}()
			<-w.d.Stopping()
		})
		w.tap = func([]eventlog.Event) bool { return false }
		w.modify("r1", 1)
		w.tap = nil
		w.modify("r1", 1) // does not follow on what the reader has: it reads the log
		<-stopped
		w.wantCalls()
		w.end()
		w.boot()
		w.wantCalls("r1.1", "r1.2")
	})
}

func TestAHandOverAfterStopIsLeftToTheLog(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.d.Stop()
		w.modify("r1", 1)
		w.wantCalls()
		w.end()
		w.boot()
		w.wantCalls("r1.1")
	})
}

func TestADispatcherWithoutWorkStops(t *testing.T) {
	inWorld(t, func(w *world) {
		w.do(app1, live.DeleteCallback{})
		start := time.Now()
		w.restart()
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v to stop, want no time", took)
		}
	})
}
