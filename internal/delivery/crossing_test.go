package delivery_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/delivery"
)

func TestALaneHasOneCallbackInFlightWhicheverReaderSendsIt(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(3, 40)
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(always(after(100*time.Millisecond, accept)))
		w.again(delivery.Redelivery{})
		w.again(delivery.Redelivery{Lane: "r1"})
		for range 20 { // faster than they can be sent
			w.changes(3, 1)
			w.pass(50 * time.Millisecond)
		}
		if w.backend.overlap != nil {
			t.Errorf("two callbacks of one lane were in flight: %v", w.backend.overlap)
		}
		again, first := replays(w.backend.take())
		if len(again) < 8 || len(first) < 8 {
			t.Errorf("in two seconds %d were sent again and %d at first; want neither to shut the other out", len(again), len(first))
		}
		w.pass(time.Minute)
		if w.backend.overlap != nil {
			t.Errorf("two callbacks of one lane were in flight: %v", w.backend.overlap)
		}
		more, rest := replays(w.backend.take())
		if got, want := len(again)+len(more), 4*40; got < want {
			t.Errorf("%d were sent again in all, want at least %d", got, want)
		}
		if got := len(first) + len(rest); got != 60 {
			t.Errorf("%d were sent at first in all, want 60", got)
		}
		w.wantRest("at the end")
	})
}

// A reader that is paused, or whose App backend is down, must not keep a lane that it stands in line for.
func TestAReaderThatStandsLeavesItsLanesToOthers(t *testing.T) {
	inWorld(t, func(w *world) {
		w.changes(2, 10)
		w.pass(time.Second)
		w.backend.take()
		w.backend.reply(always(after(time.Second, accept)))
		id := w.again(delivery.Redelivery{})
		w.pass(500 * time.Millisecond)
		w.changes(2, 3) // they stand in line for r0 and r1
		w.mustPause()
		w.pass(time.Minute)
		if again, _ := replays(w.backend.take()); len(again) != 20 {
			t.Errorf("%d were sent again while the others were paused, want 20", len(again))
		}
		w.mustResume()
		w.pass(time.Minute)
		if _, rest := replays(w.backend.take()); len(rest) != 6 {
			t.Errorf("%d were sent after the pause, want 6", len(rest))
		}
		w.wantOver(id)
	})
}

func TestARedeliveryThatIsCanceledSendsNothingMoreAndIsGone(t *testing.T) {
	for _, c := range []struct {
		name  string
		given func(w *world, id delivery.ReaderID)
	}{
		{"at work", func(*world, delivery.ReaderID) {}},
		{"paused", func(w *world, id delivery.ReaderID) {
			if err := w.d.Pause(context.Background(), id, asked); err != nil {
				w.t.Fatal(err)
			}
		}},
		{"paused before a restart", func(w *world, id delivery.ReaderID) {
			if err := w.d.Pause(context.Background(), id, asked); err != nil {
				w.t.Fatal(err)
			}
			w.restart()
		}},
		{"with held lanes", func(w *world, _ delivery.ReaderID) {
			w.backend.reply(always(status(500)))
			w.pass(30 * time.Second)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.changes(3, 20)
				w.pass(time.Second)
				w.backend.reply(always(after(time.Second, accept)))
				id := w.again(delivery.Redelivery{})
				w.pass(1500 * time.Millisecond)
				c.given(w, id)
				ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
				defer cancel()
				if err := w.d.Cancel(ctx, id); err != nil {
					t.Fatal(err)
				}
				w.backend.take()
				w.pass(time.Minute)
				w.wantCalls()
				w.wantOver(id)
				if err := w.d.Cancel(ctx, id); err == nil {
					t.Error("what is gone was cancelled")
				}
				if err := w.d.Cancel(ctx, reader1); err == nil {
					t.Error("the reader of the callback URL was cancelled")
				}
				w.backend.reply(always(accept))
				w.modify("r0", 1)
				w.pass(2 * time.Second)
				w.wantCalls("r0.21")
			})
		})
	}
}

// Its end is being stored when somebody asks for it: the answer comes all the same.
func TestARedeliveryThatIsCanceledWhileItEndsAnswers(t *testing.T) {
	for n := range 4 { // the last of them stores the end
		inWorld(t, func(w *world) {
			w.changes(1, 3)
			w.pass(time.Second)
			w.backend.reply(always(after(300*time.Millisecond, accept)))
			id := w.again(delivery.Redelivery{})
			answer := make(chan error, 1)
			var atSettlement func(left int)
			atSettlement = func(left int) {
				w.store.during("Settle", func() {
					if left > 0 {
						atSettlement(left - 1)
						return
					}
					go func() {
						ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
						defer cancel()
						answer <- w.d.Cancel(ctx, id)
					}()
					<-time.After(time.Millisecond) // until it is asked
				})
			}
			atSettlement(n)
			w.pass(2 * time.Minute)
			select {
			case err := <-answer:
				if err != nil && !errors.Is(err, delivery.ErrNoReader) {
					t.Errorf("cancelled in settlement %d: %v, want nil or ErrNoReader", n, err)
				}
			default:
				t.Errorf("cancelled in settlement %d: there is no answer", n)
			}
			w.wantOver(id)
		})
	}
}

func TestARedeliveryKeepsItsPace(t *testing.T) {
	inWorld(t, func(w *world) {
		w.crowdOf(app1, "a", 100, 80)
		w.pass(10 * time.Second)
		w.backend.take()
		began := time.Now()
		id := w.again(delivery.Redelivery{})
		w.pass(time.Minute)
		calls := w.backend.take()
		if len(calls) != 8000 {
			t.Fatalf("%d were sent again, want 8000", len(calls))
		}
		last := began
		for _, c := range calls {
			if c.At.After(last) {
				last = c.At
			}
		}
		if took := last.Sub(began); took < 3900*time.Millisecond || took > 5*time.Second {
			t.Errorf("8000 were sent again in %v, want about 4 s: 2,000 a second", took)
		}
		w.wantOver(id)
	})
}
