package delivery_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
)

const asked eventlog.Reason = "a person asked"

// pause pauses app1 and waits at most a minute for it to be stored.
func (w *world) pause() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return w.d.Pause(ctx, reader1, asked)
}

func (w *world) resume() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return w.d.Resume(ctx, reader1)
}

func (w *world) mustPause() {
	w.t.Helper()
	if err := w.pause(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) mustResume() {
	w.t.Helper()
	if err := w.resume(); err != nil {
		w.t.Fatal(err)
	}
}

// Somebody is told that these are stored: a loss of power must not undo them.
func TestWhatAPersonIsAnsweredIsPromised(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(2, 2)
		w.pass(time.Second)
		w.backend.reply(always(hang))
		id := w.again(delivery.Redelivery{})
		w.pass(time.Second)
		if got := w.store.promised(); got != nil {
			t.Errorf("settlements of %v are promised, and nobody was told anything", got)
		}
		ctx := context.Background()
		for _, c := range []struct {
			name string
			ask  func() error
			of   delivery.ReaderID
		}{
			{"pause", func() error { return w.d.Pause(ctx, reader1, asked) }, reader1},
			{"resume", func() error { return w.d.Resume(ctx, reader1) }, reader1},
			{"cancel", func() error { return w.d.Cancel(ctx, id) }, id},
		} {
			if err := c.ask(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]delivery.ReaderID{c.of}, w.store.promised()); diff != "" {
				t.Errorf("promised with %s (-want +got):\n%s", c.name, diff)
			}
		}
	})
}

// A reader at rest does not know that another process, or a new log, has raised its fence: what it is asked for first is refused
// by the store, and whoever asked must not be told that it is not known whether it was stored.
func TestAReaderThatWasOpenedElsewhereDoesWhatItIsAskedFor(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(2, 2)
		w.pass(time.Second)
		w.backend.take()
		fence := func(id delivery.ReaderID) {
			if _, err := w.db.Open(context.Background(), id); err != nil {
				t.Fatal(err)
			}
		}
		fence(reader1)
		w.mustPause()
		w.modify("r0", 1)
		w.pass(time.Minute)
		w.wantCalls()
		fence(reader1)
		w.mustResume()
		w.pass(time.Second)
		if got := slices.Compact(names(w.backend.take())); !slices.Equal(got, []string{"r0.3"}) { // sent before it was fenced off, it repeats
			t.Errorf("after the pause there came %q, want r0.3", got)
		}

		w.backend.reply(always(hang))
		id := w.again(delivery.Redelivery{})
		w.pass(100 * time.Millisecond)
		fence(id)
		if err := w.d.Cancel(context.Background(), id); err != nil {
			t.Errorf("cancel: %v", err)
		}
	})
}

func TestAPauseOutlivesARestartAndResumeDeliversAllInOrder(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(lane("r1", status(500)))
		w.changes(2, 2)
		w.pass(time.Second)
		w.backend.take()
		w.mustPause()
		w.changes(2, 200) // more than a lane may have in memory
		w.pass(time.Hour)
		w.wantRest("while it is paused")
		w.restart()
		w.changes(3, 1)
		w.pass(time.Hour)
		w.wantRest("after the restart")
		w.wantCalls()
		w.backend.reply(always(accept))
		w.mustResume()
		w.pass(20 * time.Second)
		got := map[string]int{}
		for _, c := range w.backend.take() {
			if c.RoomSeq <= got[c.Lane] || got[c.Lane] != 0 && c.RoomSeq != got[c.Lane]+1 {
				t.Errorf("%s came after change %d", c, got[c.Lane]-1)
			}
			got[c.Lane] = c.RoomSeq
		}
		if diff := cmp.Diff(map[string]int{"r0": 204, "r1": 204, "r2": 2}, got); diff != "" {
			t.Errorf("the last numbers of the lanes (-want +got):\n%s", diff)
		}
		w.restart()
		w.modify("r0", 1)
		w.wantCalls("r0.204")
		w.wantLog(1, "callbacks are paused until somebody resumes", "after the restart")
	})
}

// wantLog says how often a text is to be found in the log.
func (w *world) wantLog(times int, text, when string) {
	w.t.Helper()
	if found := w.logs.with(text); len(found) < times || times == 0 && len(found) > 0 {
		w.t.Errorf("%s: %q is logged %d times, want %d", when, text, len(found), times)
	}
}

func TestWhatIsInFlightWhenAPauseBeginsEndsAndCounts(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(func(c call) reply {
			return after(3*time.Second, map[bool]reply{true: accept, false: status(500)}[c.Lane == "r0"])
		})
		w.changes(2, 3)
		synctest.Wait()
		w.mustPause()
		w.pass(time.Hour)
		w.wantCalls("r0.1", "r1.1")
		w.wantRest("while it is paused")
		w.backend.reply(always(accept))
		w.mustResume()
		w.pass(time.Second)
		w.wantCalls("r0.2", "r0.3", "r1.1#2", "r1.2", "r1.3")
	})
}

func TestPauseReturnsOnlyWhenItIsStored(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(1, 1)
		w.pass(time.Second)
		w.store.fail(before, "Settle")
		done := make(chan error, 1)
		go func() { done <- w.pause() }()
		w.pass(10 * time.Second)
		select {
		case err := <-done:
			t.Fatalf("it returned %v while the store was away", err)
		default:
		}
		w.changes(1, 1)
		w.wantCalls("r0.1") // from before; it is paused all the same
		w.store.fail(0)
		w.pass(2 * time.Second)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		w.restart()
		w.pass(time.Minute)
		w.wantCalls()
	})
}

// Callers wait five seconds, and with many Apps at work progress is stored as seldom.
func TestPauseDoesNotWaitForTheTurnOfProgress(t *testing.T) {
	inWorldWith(t, func(o *delivery.Options) { o.SettleEvery = time.Hour }, func(w *world) {
		w.changes(1, 1)
		w.pass(time.Second)
		begun := time.Now()
		w.mustPause()
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestPauseGivesUpWithItsContextAndWithTheServer(t *testing.T) {
	cases := []struct {
		name string
		fail string
		stop bool
		want error
	}{
		{"its context ends", "Settle", false, context.DeadlineExceeded},
		{"the store does not open the reader", "Open", false, context.DeadlineExceeded},
		{"the server stops, and the store is away", "Settle", true, delivery.ErrStopping},
		{"the server stops before the reader is open", "Open", true, delivery.ErrStopping},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.changes(1, 1)
				w.pass(time.Second)
				w.restart()
				w.store.fail(before, c.fail)
				done := make(chan error, 1)
				go func() { done <- w.pause() }()
				w.pass(5 * time.Second)
				if c.stop {
					w.restart()
				}
				w.pass(2 * time.Minute)
				if err := <-done; !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

func TestAPauseThatIsAskedForWhileTheServerStopsIsRefused(t *testing.T) {
	inWorld(t, func(w *world) {
		w.d.Stop()
		if err := w.pause(); !errors.Is(err, delivery.ErrStopping) {
			t.Errorf("got %v, want ErrStopping", err)
		}
		w.end()
		w.boot()
	})
}

func TestAPauseThatIsStoredWhileTheServerStopsIsStored(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(after(3*time.Second, accept)))
		w.changes(1, 2)
		synctest.Wait()
		done := make(chan error, 1)
		go func() { done <- w.pause() }()
		synctest.Wait()
		w.restart()
		if err := <-done; err != nil {
			t.Fatalf("got %v, want that it is stored", err)
		}
		w.pass(time.Hour)
		w.wantCalls("r0.1")
	})
}

func TestPauseNeedsAReasonAndAReaderThatThereIs(t *testing.T) {
	inWorld(t, func(w *world) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := w.d.Pause(ctx, reader1, ""); err == nil {
			t.Error("a pause without a reason was taken")
		}
		for _, id := range []delivery.ReaderID{{App: app1, Name: "redelivery-1"}, {App: app2, Name: delivery.CallbackReader}} {
			begun := time.Now()
			if err := w.d.Pause(ctx, id, asked); !errors.Is(err, delivery.ErrNoReader) {
				t.Errorf("%v: got %v, want ErrNoReader", id, err)
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("%v: it took %v to see that there is no such reader", id, took)
			}
		}
		w.pass(time.Minute)
		w.wantRest("after it was refused")
		if err := w.d.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
	})
}

func TestTheTimeOfAPauseCountsNotForRetries(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.changes(1, 1)
		w.pass(40 * time.Second) // attempts at 0, 1, 3, 7, 15 and 31 s
		w.backend.take()
		w.mustPause()
		w.pass(time.Hour)
		w.restart()
		w.pass(time.Hour)
		w.mustResume()
		w.pass(40 * time.Second)
		w.wantCalls("r0.1#7") // at once, and then again after 64 s
	})
}
