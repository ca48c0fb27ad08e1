package delivery_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/delivery"
)

// backlogs collects what the collector shows, anew.
func (w *world) backlogs() map[string]float64 {
	w.t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(delivery.NewCollector(w.d, w.db))
	return gauges(w.t, reg)
}

func TestBacklogsAreShownPerAppOnlyWhileThereAreSome(t *testing.T) {
	none := map[string]float64{"callboard_backlog_events": 0, "callboard_oldest_undelivered_seconds": 0, "callboard_readers_behind": 0}
	app := " callback 1400000001"
	cases := []struct {
		name  string
		given func(w *world)
		want  map[string]float64 // five seconds after three changes of r0 (2, 3 and 4 of the log)
	}{
		{"everything is delivered", func(*world) {}, none},
		{"the App backend refuses", func(w *world) { w.backend.reply(always(status(500))) }, map[string]float64{
			"callboard_app_lanes_held" + app: 1, "callboard_app_next_try_seconds" + app: 2, "callboard_app_state" + app + " sending": 1}},
		{"it is paused", func(w *world) { w.mustPause() }, map[string]float64{
			"callboard_app_lanes_held" + app: 0, "callboard_app_next_try_seconds" + app: 0, "callboard_app_state" + app + " paused": 1}},
		{"it asks to wait", func(w *world) { w.backend.reply(always(later(503, time.Minute))) }, map[string]float64{
			"callboard_app_lanes_held" + app: 0, "callboard_app_next_try_seconds" + app: 55, "callboard_app_state" + app + " sending": 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.create("r0")
				w.pass(time.Second)
				c.given(w)
				w.pass(time.Second)
				begun := time.Now()
				w.modify("r0", 3)
				w.pass(5*time.Second - time.Since(begun))
				want := c.want
				if _, ok := want["callboard_backlog_events"]; !ok {
					want["callboard_backlog_events"], want["callboard_app_backlog_events"+app] = 3, 3
					want["callboard_oldest_undelivered_seconds"], want["callboard_app_oldest_undelivered_seconds"+app] = 5, 5
					want["callboard_readers_behind"] = 1
				}
				if diff := cmp.Diff(want, w.backlogs()); diff != "" {
					t.Errorf("shown (-want +got):\n%s", diff)
				}
				w.backend.reply(always(accept))
				_ = w.resume()
				w.pass(2 * time.Minute)
				if diff := cmp.Diff(none, w.backlogs()); diff != "" {
					t.Errorf("shown when everything is delivered (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAnOpenBreakerIsShown(t *testing.T) {
	inWorld(t, func(w *world) {
		w.backend.reply(always(status(500)))
		w.changes(9, 1)
		w.pass(time.Minute)
		if got := w.backlogs()["callboard_app_state callback 1400000001 breaker open"]; got != 1 {
			t.Errorf("%v, want that the breaker is shown to be open", w.backlogs())
		}
	})
}

// A redelivery of dead letters needs no log; its backlog has no age that could be told.
func TestARedeliveryOfWhatTheLogForgotIsNotShownAsCenturiesOld(t *testing.T) {
	inWorldWith(t, keep(time.Hour), func(w *world) {
		w.bury()
		w.pass(3 * time.Hour)
		w.backend.reply(always(status(500)))
		w.again(delivery.Redelivery{DeadOnly: true})
		paused := w.again(delivery.Redelivery{From: 1000, To: 1 << 60})
		if err := w.d.Pause(context.Background(), paused, asked); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Minute)
		for name, v := range w.backlogs() {
			if v < 0 || v > 1000 {
				t.Errorf("%s is %v", name, v)
			}
		}
	})
}

func TestTheStoreIsAskedForBacklogsAtMostOnceInFiveSeconds(t *testing.T) {
	inWorld(t, func(w *world) {
		store := &countedBacklogs{store: w.db}
		reg := prometheus.NewRegistry()
		reg.MustRegister(delivery.NewCollector(w.d, store))
		for range 20 {
			gauges(t, reg)
			w.pass(time.Second)
		}
		if store.n < 3 || store.n > 5 {
			t.Errorf("the store was asked %d times in 20 seconds, want 4", store.n)
		}
		store.err = errAway
		w.pass(6 * time.Second)
		if _, err := reg.Gather(); err == nil || !strings.Contains(err.Error(), errAway.Error()) {
			t.Errorf("got %v, want that the store is away", err)
		}
	})
}

// countedBacklogs counts how often it is asked.
type countedBacklogs struct {
	store delivery.Backlogs
	n     int
	err   error
}

// Backlogs implements delivery.Backlogs.
func (s *countedBacklogs) Backlogs(ctx context.Context, yield func(delivery.Backlog) error) error {
	s.n++
	return errors.Join(s.err, s.store.Backlogs(ctx, yield))
}

func TestAPauseIsShownBeforeItsReaderIsThere(t *testing.T) {
	inWorld(t, func(w *world) {
		w.mustPause()
		w.create("r0")
		w.modify("r0", 1)
		w.shut()
		w.boot()
		w.store.fail(before, "Open")
		w.pass(2 * time.Second)
		if w.backlogs()["callboard_app_state callback 1400000001 paused"] != 1 {
			t.Errorf("shown: %v, want that the App is paused", w.backlogs())
		}
		w.store.fail(0)
	})
}
