package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// gauges are all values of a registry, by name and labels.
func gauges(t tb, reg prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			list[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return list
}

// metered is an option: the metrics go into a registry, which each start makes anew.
func metered(reg **prometheus.Registry, also func(*delivery.Options)) func(*delivery.Options) {
	return func(o *delivery.Options) {
		*reg = prometheus.NewRegistry()
		o.Metrics = delivery.NewMetrics(*reg)
		if also != nil {
			also(o)
		}
	}
}

// hold makes rooms, named after name, whose first callback is held for failing: something is accepted between any two failures.
func (w *world) hold(name string, n int) {
	w.t.Helper()
	if w.room("ok") == nil {
		w.create("ok")
	}
	for i := range n {
		id := live.RoomID(fmt.Sprintf("%s%d", name, i))
		w.create(id)
		w.modify(id, 1)
		w.modify("ok", 1)
		synctest.Wait()
	}
}

func TestNothingMoreIsAdmittedWhileAsManyLanesAreHeldAsMayBe(t *testing.T) {
	var reg *prometheus.Registry
	inWorldWith(t, metered(&reg, func(o *delivery.Options) { o.HeldLanes = 12 }), func(w *world) {
		w.backend.reply(func(c call) reply { return map[bool]reply{true: status(500)}[strings.HasPrefix(c.Lane, "bad")] })
		w.hold("bad", 12)
		if got := gauges(t, reg); got["callboard_readers_full"] != 1 || got["callboard_lanes_held failing"] != 12 {
			t.Errorf("the metrics say: %v, want one reader that is full, of 12 failing lanes", got)
		}
		w.wantLog(1, "as many lanes are held as may be", "when it is full")
		w.backend.take()
		w.create("r1")
		w.modify("r1", 2)
		w.pass(time.Second / 2)
		for _, c := range w.backend.take() {
			if c.Lane == "r1" {
				t.Errorf("%s was sent though no more may be admitted", c)
			}
		}
		w.backend.reply(always(accept))
		w.pass(10 * time.Second)
		calls := w.backend.take()
		if diff := cmp.Diff([]string{"r1.1", "r1.2"}, wholes(calls, "r1")); diff != "" {
			t.Errorf("when lanes drain (-want +got):\n%s", diff)
		}
		got := gauges(t, reg)
		for _, name := range []string{"callboard_readers_full", "callboard_lanes_held failing", "callboard_lanes_held behind", "callboard_lanes_held catching up"} {
			if got[name] != 0 {
				t.Errorf("%s is %v at the end, want 0", name, got[name])
			}
		}
		w.wantRest("at the end")
	})
}

// As many held lanes as may be are in memory after a start, and all are tried again when the App backend is back.
func TestAsManyHeldLanesAsMayBeAreAllTriedAgain(t *testing.T) {
	const lanes = 2000
	var reg *prometheus.Registry
	inWorldWith(t, metered(&reg, func(o *delivery.Options) { o.HeldLanes = lanes }), func(w *world) {
		w.d.Stop()
		for i := range 4 {
			w.crowdOf(app1, string(rune('a'+i)), lanes/4, 1)
		}
		p, err := w.db.Open(context.Background(), reader1)
		if err != nil {
			t.Fatal(err)
		}
		s := delivery.Settlement{Reader: reader1, Fence: p.Fence}
		for _, e := range w.log(app1) {
			if s.Cursor.Mark(e.Seq); e.Callback {
				s.Hold = append(s.Hold, eventlog.Held{Lane: e.Lane, Next: e.Seq, Attempts: 3, Try: time.Now().Add(time.Minute), Since: time.Now(), Why: "status 500"})
			}
		}
		if _, err := w.db.Settle(context.Background(), []delivery.Settlement{s}); err != nil {
			t.Fatal(err)
		}
		w.end()
		w.boot()
		w.pass(time.Second)
		if got := gauges(t, reg); got["callboard_lanes_held failing"] != lanes || got["callboard_readers_full"] != 1 {
			t.Errorf("the metrics say %v failing lanes, and full is %v, want %d and 1", got["callboard_lanes_held failing"], got["callboard_readers_full"], lanes)
		}
		if got := w.d.Used(); got != 0 {
			t.Errorf("%d bytes of events are in memory before they are tried, want none", got)
		}
		w.pass(2 * time.Minute)
		got := gauges(t, reg)
		if got["callboard_callbacks_settled_total delivered"] != lanes || got["callboard_lanes_held failing"]+got["callboard_readers_full"] != 0 {
			t.Errorf("at the end: %v", got)
		}
		w.wantRest("at the end")
	})
}

func TestAnAppHasAtMostAQuarterOfTheMemory(t *testing.T) {
	const memory = 2 << 20
	inWorldWith(t, func(o *delivery.Options) { o.Memory = memory }, func(w *world) {
		w.backend.reply(always(hang))
		w.mustPause()
		w.crowdOf(app1, "r", 300, 15) // twice as much
		w.mustResume()
		synctest.Wait()
		if got := w.d.Used(); got < memory/5 || got > memory/4+200_000 { // and a page of the log
			t.Errorf("%d bytes are in memory, want about a quarter of %d", got, memory)
		}
	})
}

// What is recorded of attempts, and not stored, is bounded in all: then sending waits.
func TestSendingWaitsWhenTheBufferOfAttemptsIsFull(t *testing.T) {
	const records = 24
	inWorldWith(t, func(o *delivery.Options) { o.Records = records }, func(w *world) {
		w.apps(10, 1)
		w.pass(time.Second)
		w.backend.take()
		w.store.during("Settle", func() { <-time.After(8 * time.Second) })
		for i := range 10 {
			w.modifyOf(live.AppID(1_400_001_000+i), "r1", 10)
		}
		w.pass(7 * time.Second)
		if got := len(w.backend.take()); got > records || got < records/3 {
			t.Errorf("%d attempts were made while nothing could be stored, want at most %d", got, records)
		}
		w.pass(20 * time.Second)
		total := 0
		for _, c := range w.backend.all() {
			if c.RoomSeq > 2 {
				total++
			}
		}
		if total != 100 {
			t.Errorf("%d callbacks were sent in all, want 100", total)
		}
	})
}

func TestNoMetricOfDeliveryHasALabelForTheApp(t *testing.T) {
	var reg *prometheus.Registry
	inWorldWith(t, metered(&reg, nil), func(w *world) {
		w.apps(3, 2)
		w.backend.reply(failing("r1"))
		w.changes(2, 2)
		w.pass(time.Minute)
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		if len(families) < 10 {
			t.Fatalf("%d metrics, want more", len(families))
		}
		known := map[string]bool{"reason": true, "state": true, "verdict": true, "outcome": true, "why": true}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				for _, l := range m.GetLabel() {
					if !known[l.GetName()] {
						t.Errorf("%s has the label %s", f.GetName(), l.GetName())
					}
				}
			}
		}
	})
}

// A start reads the logs of many Apps at the same time: none may count on memory that another one is about to take.
func TestReadersThatFillTogetherStayWithinTheMemoryOfAll(t *testing.T) {
	const apps, memory = 40, 60_000
	inWorldWith(t, func(o *delivery.Options) { o.Memory = memory }, func(w *world) {
		w.backend.reply(always(hang))
		w.d.Stop()
		w.apps(apps, 40)
		w.end()
		for range 5 {
			w.boot()
			synctest.Wait()
			if got := w.d.Used(); got > memory+apps*500 {
				t.Errorf("%d bytes are in memory, want at most %d and an event of each App", got, memory)
			}
			w.shut()
		}
		w.boot()
	})
}
