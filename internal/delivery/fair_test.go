package delivery_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

// apps makes n Apps beside app1 and app2, each with a room that is changed so often, all at the same time.
func (w *world) apps(n, changes int) {
	w.t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			id := live.AppID(1_400_001_000 + i)
			do := func(cmd live.Command) error {
				_, err := w.eng.Do(context.Background(), id, live.Actor{Account: "administrator"}, cmd)
				return err
			}
			app := live.App{
				ID: id, Callback: &live.Callback{URL: secretURL, Commands: []string{string(callback.CommandAfterModifyAdmin)}},
				Delivery: live.Delivery{Profile: live.Durable, Timeout: 5 * time.Second, Concurrency: 64},
			}
			err := errors.Join(do(live.ConfigureApp{App: app}), do(live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"}))
			ops := []live.AdminOp{live.AddAdministrators, live.DeleteAdministrators}
			for k := range changes {
				err = errors.Join(err, do(live.ModifyAdmin{Room: "r1", Accounts: []live.Account{"ann"}, Op: ops[k%2]}))
			}
			if err != nil {
				w.t.Errorf("App %d: %v", id, err)
			}
		})
	}
	all.Wait()
}

// healthy is the last of all Apps: a start begins with the others.
const healthy = live.AppID(1_499_999_999)

// takes is how long it takes until a change of the healthy App arrives.
func (w *world) takes() time.Duration {
	w.t.Helper()
	begun := time.Now()
	w.modifyOf(healthy, "r1", 1)
	for range 60_000 {
		synctest.Wait()
		for _, c := range w.backend.take() {
			if c.App == healthy.String() {
				return c.At.Sub(begun)
			}
		}
		w.pass(10 * time.Millisecond)
	}
	w.t.Fatal("it did not arrive in ten minutes")
	return 0
}

// hangAllBut makes an App with a room whose backend accepts; all others hang.
func (w *world) hangAllBut(id live.AppID) {
	w.t.Helper()
	w.configure(id, nil)
	w.do(id, live.CreateRoom{Room: "r1", Type: live.RoomType, Owner: "owner"})
	w.backend.reply(func(c call) reply { return map[bool]reply{true: hang}[c.App != id.String()] })
}

// With 1,024 slots, suspects have half of them at most: the rest is free for whoever is not hung.
func TestAHealthyAppIsServedAtOnceBesideThreeThousandHungOnes(t *testing.T) {
	const hung = 3000
	inWorld(t, func(w *world) {
		w.hangAllBut(healthy)
		w.modifyOf(healthy, "r1", 1)
		w.apps(hung, 1)
		w.pass(time.Minute)
		for range 5 {
			if took := w.takes(); took > 10*time.Millisecond {
				t.Errorf("with all of them known to hang it took %v, want no time", took)
			}
			w.pass(777 * time.Millisecond)
		}
		w.d.Stop()
		w.modifyOf(healthy, "r1", 1)
		w.end()
		w.boot()
		if took := w.takes(); took > 10*time.Millisecond {
			t.Errorf("right after a restart it took %v, want no time: the store tells who failed before", took)
		}
	})
}

// Of Apps that were never tried nobody knows that they hang. Each may take one slot for each turn of the line: 3,000 Apps,
// 1,024 slots and a time limit of 5 s make three rounds.
func TestAHealthyAppIsServedWithinARoundOfTheLineWhenNobodyIsKnown(t *testing.T) {
	const hung = 3000
	inWorld(t, func(w *world) {
		w.hangAllBut(healthy)
		w.d.Stop()
		w.apps(hung, 3)
		w.end()
		w.boot()
		if took := w.takes(); took > 15*time.Second {
			t.Errorf("it took %v, want at most three times the time limit", took)
		}
	})
}

// Who waits in line makes no turn until it is called.
func TestWhoWaitsForASlotCostsNothing(t *testing.T) {
	const waiting = 2000
	inWorldWith(t, func(o *delivery.Options) { o.InFlight = 1 }, func(w *world) {
		w.create("r1")
		w.backend.reply(always(after(time.Hour, accept)))
		w.configure(app1, func(a *live.App) { a.Delivery.Timeout = 2 * time.Hour })
		w.modify("r1", 1)
		synctest.Wait()
		w.apps(waiting, 1)
		w.pass(time.Minute)
		looked := w.looked.Load()
		w.pass(30 * time.Minute)
		if got := w.looked.Load() - looked; got > 100 {
			t.Errorf("%d readers that wait for a slot looked at their settings %d times in half an hour, want not at all", waiting, got)
		}
		w.backend.reply(always(accept))
		w.pass(time.Hour)
		if got := len(w.backend.take()); got != waiting+1 {
			t.Errorf("got %d calls when the slot was free, want %d", got, waiting+1)
		}
	})
}
