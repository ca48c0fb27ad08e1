package delivery_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestUndeliveredCallbacksSurviveARestart(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(lane("r1", status(500)))
		w.modify("r1", 3)
		w.modify("r2", 1)
		w.pass(time.Second)
		w.wantCalls("r1.1", "r1.1#2", "r2.1")
		w.restart()
		w.backend.reply(always(accept))
		w.pass(time.Minute)
		w.wantCalls("r1.1#3", "r1.2", "r1.3") // the number of attempts has survived too
	})
}

func TestWhatWasDeliveredAndNotSettledIsSentAgainAndNothingIsLost(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.pass(time.Second)
		w.store.fail(before, "Settle")
		w.modify("r1", 2)
		w.modify("r2", 1)
		w.pass(3 * time.Second)
		w.wantCalls("r1.1", "r1.2", "r2.1")
		w.restart() // the last settlement fails too
		w.pass(time.Second)
		w.wantCalls("r1.1", "r1.2", "r2.1")
		w.restart()
		w.pass(time.Minute)
		w.wantCalls()
	})
}

func TestAHeldLaneWhoseSettlementFailedIsInTheNextOne(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.pass(time.Second)
		w.backend.reply(func(c call) reply {
			return map[bool]reply{true: status(500), false: hang}[c.Attempt == 1]
		})
		w.configure(app1, func(a *live.App) { a.Delivery.Timeout = time.Minute })
		w.store.fail(before, "Settle")
		w.modify("r1", 2)
		w.pass(time.Second / 2)
		w.store.fail(0)
		w.pass(time.Second) // the retry is in flight, the settlement is stored
		w.wantCalls("r1.1", "r1.1#2")
		w.shut() // breaks the retry off
		w.backend.reply(always(accept))
		w.boot()
		w.pass(time.Minute)
		w.wantCalls("r1.1#2", "r1.2")
	})
}

func TestASettlementOfUnknownOutcomeIsStoredAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(lane("r2", status(500)))
		w.store.fail(applied, "Settle")
		w.modify("r1", 2)
		w.modify("r2", 2)
		w.pass(2 * time.Second)
		w.store.fail(0)
		w.backend.reply(always(accept))
		w.pass(time.Minute)
		w.backend.take()
		w.restart()
		w.pass(time.Minute)
		w.wantCalls()
	})
}

func TestDeliveryGoesOnWhenTheStoreIsBack(t *testing.T) {
	for _, method := range []string{"Open", "Read", "ReadLane", "Settle"} {
		t.Run(method, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.create("r1", "r2")
				w.backend.reply(lane("r1", status(500)))
				w.modify("r1", 2)
				w.restart()
				w.pass(time.Second / 2)
				w.backend.take()
				w.shut()
				w.boot()
				w.store.fail(before, method)
				w.modify("r2", 2)
				w.backend.reply(always(accept))
				w.pass(time.Minute)
				w.store.fail(0)
				w.pass(time.Minute)
				got := map[string]bool{}
				for _, c := range w.backend.take() {
					c.Attempt = 1
					got[c.String()] = true
				}
				if diff := cmp.Diff(map[string]bool{"r1.1": true, "r1.2": true, "r2.1": true, "r2.2": true}, got); diff != "" {
					t.Errorf("delivered (-want +got):\n%s", diff)
				}
				if n := w.d.Running(); n != 0 {
					t.Errorf("%d readers run, want none", n)
				}
			})
		})
	}
}

func TestNothingIsSentWhileSettlementsCannotBeStored(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.store.fail(before, "Settle")
		w.modify("r1", 1)
		w.pass(time.Second / 2)
		w.backend.take()
		w.store.takeAsked()
		w.modify("r1", 3)
		w.wantCalls()
		w.store.fail(0)
		w.pass(time.Second)
		w.wantCalls("r1.2", "r1.3", "r1.4")
	})
}

func TestAStoreThatIsAwayIsAskedOnceASecond(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.pass(time.Second)
		w.store.fail(before, "Settle", "Read", "ReadLane", "Open")
		w.backend.reply(always(status(500)))
		w.modify("r1", 1)
		w.store.takeAsked()
		w.pass(10 * time.Second)
		if got := len(w.store.takeAsked()); got < 5 || got > 12 {
			t.Errorf("the store was asked %d times in ten seconds, want about ten", got)
		}
		w.store.fail(0)
	})
}

func TestAHandOverThatIsLostIsReadFromTheLog(t *testing.T) {
	lost := func(n int) func([]eventlog.Event) bool {
		seen := 0
		return func([]eventlog.Event) bool { seen++; return seen != n }
	}
	inWorld(t, func(w *world) {
		w.create("r1")
		w.tap = lost(2)
		w.modify("r1", 4)
		w.pass(time.Second)
		w.wantCalls("r1.1", "r1.2", "r1.3", "r1.4")
	})
}

func TestAnEmptyHandOverMakesTheReaderReadTheLog(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1")
		w.pass(time.Second) // at rest
		w.tap = func([]eventlog.Event) bool { return false }
		w.modify("r1", 2)
		w.wantCalls()
		w.d.HandOver(app1, nil)
		w.wantCalls("r1.1", "r1.2")
	})
}

func TestAHandOverThatDoesNotFitIsReadFromTheLog(t *testing.T) {
	const rooms = 600 // two events each: more than an inbox holds
	inWorld(t, func(w *world) {
		w.create("r1")
		w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[c.Lane == "r1" && c.Attempt == 1] })
		w.modify("r1", 1)
		synctest.Wait()
		w.store.takeAsked()
		w.store.during("ReadLane", func() { w.crowd(rooms) }) // the reader is busy meanwhile
		w.pass(time.Minute)
		if got, want := len(w.backend.take()), rooms+2; got != want {
			t.Errorf("got %d calls, want %d", got, want)
		}
		if !slices.Contains(w.store.takeAsked(), "Read") {
			t.Error("the log was not read: all of it fitted")
		}
	})
}

func TestAReaderThatWasOpenedElsewhereStopsSettling(t *testing.T) {
	inWorld(t, func(w *world) {
		w.create("r1", "r2")
		w.backend.reply(lane("r1", hang))
		w.modify("r1", 2)
		w.pass(time.Second)
		w.wantCalls("r1.1")

		other := delivery.New(delivery.Options{
			Log: w.db, Sender: newBackend(), Settings: func(id live.AppID) *live.App { return w.eng.App(id) },
			Logger: slog.New(slog.DiscardHandler),
		})
		if err := other.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
		other.Stop()
		done, err := w.db.Open(context.Background(), delivery.ReaderID{App: app1, Name: delivery.CallbackReader})
		if err != nil {
			t.Fatal(err)
		}
		w.modify("r2", 1) // makes it settle while r1 is in flight
		w.pass(20 * time.Second)
		if n := len(w.logs.with("a reader was opened elsewhere")); n == 0 {
			t.Error("it was not told of")
		}
		if diff := cmp.Diff(int64(4), done.Cursor.Done()); diff != "" {
			t.Errorf("the cursor of the other (-want +got):\n%s", diff)
		}
		w.modify("r2", 1)
		synctest.Wait()
		calls := names(w.backend.take())
		if diff := cmp.Diff([]string{"r2.1", "r2.2"}, calls[max(len(calls)-2, 0):]); diff != "" {
			t.Errorf("it goes on with what the other has left (-want +got):\n%s", diff)
		}
	})
}
