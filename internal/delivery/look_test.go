package delivery_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func (w *world) look(lane string, seq int64) delivery.Glimpse {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	g, err := w.d.Look(ctx, reader1, eventlog.ControlLane(lane), seq)
	if err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
	return g
}

// Of 1 to 3 the first makes the room: 2 is what is asked about.
func TestAReaderSaysWhatItDoesAboutAnEvent(t *testing.T) {
	cases := []struct {
		name  string
		given func(w *world)
		check func(g delivery.Glimpse) bool
	}{
		{"nothing to do", func(w *world) { w.changes(1, 1); w.pass(time.Second) }, func(g delivery.Glimpse) bool { return g.Resting }},
		{"in flight", func(w *world) {
			w.backend.reply(always(hang))
			w.changes(1, 2)
		}, func(g delivery.Glimpse) bool { return g.Lane.Sending && g.Lane.First == 2 && g.InFlight == 1 }},
		{"refused", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(1, 2)
			w.pass(1500 * time.Millisecond)
		}, func(g delivery.Glimpse) bool {
			return !g.Lane.Sending && g.Lane.First == 2 && g.Lane.Held != nil && g.Lane.Held.Attempts == 2 && g.Lane.Held.Why == "status 500"
		}},
		{"an open breaker", func(w *world) {
			w.backend.reply(always(status(500)))
			w.changes(6, 1)
			w.pass(time.Second)
		}, func(g delivery.Glimpse) bool { return !g.BreakerSince.IsZero() && g.Probe.After(g.BreakerSince) }},
		{"asked to wait", func(w *world) {
			w.backend.reply(always(later(503, time.Minute)))
			w.changes(1, 1)
		}, func(g delivery.Glimpse) bool { return g.Later.After(time.Now().Add(50 * time.Second)) }},
		{"gone", func(w *world) {
			w.backend.reply(always(status(410)))
			w.changes(6, 1)
			w.pass(time.Minute)
		}, func(g delivery.Glimpse) bool { return g.Resting || g.Gone }},
		{"no more slots", func(w *world) {
			w.configure(app1, func(a *live.App) { a.Delivery.Concurrency = 1 })
			w.backend.reply(always(hang))
			w.changes(2, 1)
		}, func(g delivery.Glimpse) bool { return g.InFlight == 1 && g.Allowed == 1 }},
		{"a store that fails", func(w *world) {
			w.backend.reply(always(hang))
			w.changes(1, 1)
			w.store.fail(before, "Settle")
			w.pass(10 * time.Second)
		}, func(g delivery.Glimpse) bool { return !g.StoreFails.IsZero() }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				c.given(w)
				synctest.Wait()
				if g := w.look("r0", 2); !c.check(g) {
					t.Errorf("the reader says %+v", g)
				}
				w.store.fail(0)
			})
		})
	}
}

func TestAnAttemptIsToldOfBeforeItIsStored(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.changes(1, 1)
		synctest.Wait()
		g := w.look("r0", 2)
		var got []int
		for _, a := range g.Attempts {
			got = append(got, a.Status)
		}
		if diff := cmp.Diff([]int{500}, got); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestAskingStartsNoReaderAndEndsWithItsContext(t *testing.T) {
	inWorld(t, func(w *world) {
		w.mustPause()
		w.changes(1, 1)
		w.pass(time.Minute)
		if g := w.look("r0", 2); !g.Resting {
			t.Errorf("a reader that is paused says %+v, want that it rests", g)
		}
		w.wantRest("after it was asked")
		w.mustResume()
		w.backend.reply(always(hang))
		w.modify("r0", 1)
		synctest.Wait()
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := w.d.Look(ctx, reader1, "r0", 2); err != nil && !errors.Is(err, delivery.ErrSilent) {
			t.Errorf("error %v, want none or ErrSilent", err)
		}
	})
}
