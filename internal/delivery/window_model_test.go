package delivery

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/callboard/callboard/internal/eventlog"
)

// Whatever happens in whatever order, crashes included: nothing is lost, nothing is sent out of order, and the window
// says of every event where it is.
func TestWindowKeepsEveryCallbackInSomePlaceWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t, limits{
			events: rapid.IntRange(1, 12).Draw(t, "events"), bytes: rapid.IntRange(300, 6000).Draw(t, "bytes"),
			lane: rapid.IntRange(1, 4).Draw(t, "lane"), held: rapid.IntRange(1, 8).Draw(t, "held"),
			unsaved: rapid.IntRange(3, 12).Draw(t, "unsaved"),
		})
		r.quota = rapid.IntRange(1, 2).Draw(t, "quota")
		r.breaks = rapid.Bool().Draw(t, "breaks")
		actions := r.actions()
		actions[""] = func(*rapid.T) { r.check() }
		t.Repeat(actions)
		r.drain()
	})
}

func (r *rig) actions() map[string]func(*rapid.T) {
	names := []eventlog.Lane{"a", "b", "c", "d", "e", "f", eventlog.AppLane}
	return map[string]func(*rapid.T){
		"commit": func(t *rapid.T) {
			name := rapid.SampledFrom(names).Draw(t, "lane")
			for range rapid.IntRange(1, 6).Draw(t, "n") {
				r.commit(name, rapid.IntRange(0, 4).Draw(t, "callback") > 0, rapid.IntRange(0, 2000).Draw(t, "size"))
			}
		},
		"admit": func(t *rapid.T) {
			for range rapid.IntRange(1, 8).Draw(t, "n") {
				if !r.admit() {
					return
				}
			}
		},
		"send": func(t *rapid.T) {
			l := r.next(rapid.IntRange(0, 5).Draw(t, "broken") == 0)
			if l == nil {
				return
			}
			if rapid.IntRange(0, 5).Draw(t, "discard") == 0 {
				r.end(l, rapid.SampledFrom([]string{"discarded", "given up"}).Draw(t, "unsent"))
				return
			}
			r.send(l)
		},
		"park": func(*rapid.T) {
			if l := r.next(false); l != nil {
				r.w.park(l)
			}
		},
		"unpark": func(*rapid.T) { r.unpark() },
		"land": func(t *rapid.T) {
			l := r.anyFlying(t)
			how := rapid.SampledFrom([]string{"ok", "ok", "ok", "500", "500", "500", "abandon", "give up", "lose"}).Draw(t, "how")
			r.land(l, how, time.Duration(rapid.IntRange(0, 5).Draw(t, "wait"))*time.Second)
		},
		"wait": func(t *rapid.T) { r.now = r.now.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "s")) * time.Second) },
		"stop": func(t *rapid.T) {
			skipUnless(t, rapid.IntRange(0, 3).Draw(t, "really") == 0)
			reasons := []eventlog.Reason{"", "asked"}
			r.w.stop(rapid.SampledFrom(reasons).Draw(t, "paused"), rapid.SampledFrom(reasons).Draw(t, "gone"), r.now)
		},
		"take up": func(*rapid.T) {
			for _, l := range r.w.takeUp() {
				r.w.putBack(l)
			}
		},
		"settle": func(t *rapid.T) { skipUnless(t, r.take()) },
		"stored": func(t *rapid.T) {
			skipUnless(t, r.under != nil)
			// Applied and not told is a COMMIT of unknown outcome.
			applied := rapid.Bool().Draw(t, "applied")
			r.stored(applied, applied && rapid.IntRange(0, 3).Draw(t, "told") > 0)
		},
		"the database dies": func(*rapid.T) { r.databaseDies() },
		"crash": func(t *rapid.T) {
			skipUnless(t, rapid.IntRange(0, 3).Draw(t, "really") == 0)
			if r.under != nil && rapid.Bool().Draw(t, "applied") {
				r.stored(true, true)
			}
			r.crash()
		},
	}
}

// unpark puts all lanes back.
func (r *rig) unpark() {
	for _, l := range slices.Clone(r.w.parked) {
		r.w.unpark(l)
	}
}

func skipUnless(t *rapid.T, ok bool) {
	if !ok {
		t.Skip("the step does not fit this state: rapid draws another")
	}
}

func (r *rig) anyFlying(t *rapid.T) eventlog.Lane {
	var names []eventlog.Lane
	for _, name := range []eventlog.Lane{"a", "b", "c", "d", eventlog.AppLane} {
		if r.flying[name] != nil {
			names = append(names, name)
		}
	}
	skipUnless(t, len(names) > 0)
	return rapid.SampledFrom(names).Draw(t, "lane")
}

// drain delivers the rest with an App backend and a store that never fail.
func (r *rig) drain() {
	r.t.Helper()
	if r.under != nil {
		r.stored(true, true)
	}
	r.w.stop("", "", r.now)
	r.w.moved = true // a cursor that the database has forgotten is stored with what comes next
	r.unpark()
	for range 4*len(r.log) + 10 {
		for name := range r.flying {
			r.land(name, "ok", 0)
			r.check()
		}
		for r.admit() {
			r.check()
		}
		r.now = r.now.Add(5 * time.Second)
		for l := r.next(false); l != nil; l = r.next(false) {
			r.send(l)
			r.check()
		}
		if r.take() {
			r.stored(true, true)
			r.check()
		}
		if r.w.idle() && !r.w.dirty() && r.w.read == int64(len(r.log)) {
			break
		}
	}
	r.checkDrained()
}

func (r *rig) checkDrained() {
	r.t.Helper()
	var missing []int64
	for _, e := range r.log {
		if e.Callback && r.arrived[e.Seq] == 0 {
			missing = append(missing, e.Seq)
		}
	}
	type end struct {
		Done         int64
		Beyond       string
		Held         int
		Idle, Unsafe bool
		Missing      []int64
	}
	for seq := range r.store.dead {
		if !r.skipped[seq] {
			r.t.Errorf("event %d is a dead letter and was not given up", seq)
		}
	}
	got := end{r.store.cursor.Done(), r.store.cursor.Beyond(), len(r.store.held), r.w.idle(), r.w.dirty(), missing}
	if diff := cmp.Diff(end{Done: int64(len(r.log)), Idle: true}, got); diff != "" {
		r.t.Fatalf("after everything was accepted (-want +got):\n%s", diff)
	}
}
