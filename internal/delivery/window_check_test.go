package delivery

import (
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/eventlog"
)

// check compares the window with the truth. It stands between two steps of a reader: no lane is in its hands.
func (r *rig) check() {
	r.t.Helper()
	r.checkEvents()
	for name, l := range r.w.lanes {
		r.checkQueue(name, l)
		r.checkPlace(l)
	}
	r.checkCounters()
	r.checkReady()
	r.checkWaiting()
	r.checkLimits()
}

// checkEvents is invariant I1 with the cursor that speaks for it, for every event of the log.
func (r *rig) checkEvents() {
	r.t.Helper()
	seen := map[eventlog.Lane]int{}
	for i := range r.log {
		e := &r.log[i]
		l := r.w.lanes[e.Lane]
		places := map[string]bool{}
		if e.Callback {
			places["settled"] = seen[e.Lane] < r.settled[e.Lane]
			places["held"] = l != nil && l.held != nil && l.held.Next <= e.Seq
			places["in the window"] = l != nil && l.held == nil && slices.ContainsFunc(l.queue, func(q *eventlog.Event) bool { return q.Seq == e.Seq })
			seen[e.Lane]++
		} else {
			places["no callback"] = true
		}
		in := 0
		for _, is := range places {
			if is {
				in++
			}
		}
		done := r.w.cursor.Has(e.Seq)
		switch {
		case e.Seq <= r.w.read && in != 1:
			r.t.Fatalf("event %d of lane %s, below the read position %d, is in %d places, want 1: %v", e.Seq, e.Lane, r.w.read, in, places)
		case e.Seq <= r.w.read && done == places["in the window"]:
			r.t.Fatalf("event %d of lane %s: the cursor says done: %v; it is %v", e.Seq, e.Lane, done, places)
		case done && in == 0:
			r.t.Fatalf("event %d of lane %s is done with for the cursor and is nowhere", e.Seq, e.Lane)
		}
	}
}

// checkQueue is the order of a lane, and invariant I4: a lane that is not held has all that the log has of it.
func (r *rig) checkQueue(name eventlog.Lane, l *lane) {
	r.t.Helper()
	if l.name != name {
		r.t.Fatalf("lane %s stands under the name %s", l.name, name)
	}
	first := r.expected(name)
	if l.held != nil && first != 0 && first < l.held.Next {
		r.t.Fatalf("lane %s is held from %d on, and %d is not settled", name, l.held.Next, first)
	}
	reach := r.w.read
	if l.held != nil {
		reach = r.w.reach(l)
	}
	want := seqs(r.callbacks(name, max(first, 1), reach))
	if first == 0 {
		want = nil
	}
	var got []int64
	for _, e := range l.queue {
		got = append(got, e.Seq)
	}
	if l.held == nil && len(got) == 0 {
		r.t.Fatalf("lane %s is empty and still there", name)
	}
	if l.held != nil && l.more {
		want = want[:min(len(got), len(want))] // the rest is in the log
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		r.t.Fatalf("lane %s, held %v (-want +got):\n%s", name, l.held != nil, diff)
	}
}

func seqs(events []eventlog.Event) []int64 {
	var list []int64
	for i := range events {
		list = append(list, events[i].Seq)
	}
	return list
}

// checkPlace: a lane is in exactly one of the places from which something will move it on.
func (r *rig) checkPlace(l *lane) {
	r.t.Helper()
	places := 0
	for _, in := range []bool{l.flying, l.queued, l.index >= 0, l.parked} {
		if in {
			places++
		}
	}
	if places != 1 {
		r.t.Fatalf("lane %s: flying %v, queued %v, index %d, parked %v; want one of them", l.name, l.flying, l.queued, l.index, l.parked)
	}
	if l.flying != (r.flying[l.name] == l) {
		r.t.Fatalf("lane %s: flying is %v, want %v", l.name, l.flying, !l.flying)
	}
	if l.parked != slices.Contains(r.w.parked, l) {
		r.t.Fatalf("lane %s: parked is %v, in the list %v", l.name, l.parked, !l.parked)
	}
	if l.index >= 0 != (l.failing() && !l.flying && !l.queued && !l.parked) {
		r.t.Fatalf("lane %s waits for its time: %v; failing: %v", l.name, l.index >= 0, l.failing())
	}
}

type counters struct {
	Events, Bytes, Flying, Retries, Held int
	Reasons                              [3]int
}

func (r *rig) checkCounters() {
	r.t.Helper()
	var want counters
	for _, l := range r.w.lanes {
		want.Events += len(l.queue)
		for _, e := range l.queue {
			want.Bytes += e.Size()
		}
		if l.flying {
			want.Flying++
			if l.failing() {
				want.Retries++
			}
		}
		if l.held != nil {
			want.Held++
			want.Reasons[class(l.held)]++
		}
	}
	got := counters{r.w.events, r.w.bytes, r.w.flying, r.w.retries, r.w.held, r.w.reasons}
	if diff := cmp.Diff(want, got); diff != "" {
		r.t.Fatalf("counters (-want +got):\n%s", diff)
	}
}

func (r *rig) checkReady() {
	r.t.Helper()
	seen := map[*lane]bool{}
	for i, l := range r.w.ready.lanes {
		if i < r.w.ready.head {
			if l != nil {
				r.t.Fatalf("the queue of ready lanes keeps lane %s, which has left", l.name)
			}
			continue
		}
		if seen[l] || !l.queued || r.w.lanes[l.name] != l {
			r.t.Fatalf("lane %s is ready: twice %v, queued %v, known %v", l.name, seen[l], l.queued, r.w.lanes[l.name] == l)
		}
		seen[l] = true
	}
	for _, l := range r.w.lanes {
		if l.queued != seen[l] {
			r.t.Fatalf("lane %s: queued is %v, in the queue %v", l.name, l.queued, seen[l])
		}
	}
}

func (r *rig) checkWaiting() {
	r.t.Helper()
	h := r.w.waiting
	for i, l := range h {
		if l.index != i || r.w.lanes[l.name] != l {
			r.t.Fatalf("lane %s: index %d at place %d, known %v", l.name, l.index, i, r.w.lanes[l.name] == l)
		}
		if i > 0 && h.Less(i, (i-1)/2) {
			r.t.Fatalf("lane %s is tried before the one above it", l.name)
		}
	}
}

// checkLimits: with a full window a held lane may have one event in memory.
func (r *rig) checkLimits() {
	r.t.Helper()
	if most := r.limits.events + r.w.held; r.w.events > most {
		r.t.Fatalf("%d events in memory, want at most %d", r.w.events, most)
	}
	for name := range r.w.unsaved.hold {
		if _, both := r.w.release[name]; both || r.w.lanes[name] == nil || r.w.lanes[name].held == nil {
			r.t.Fatalf("lane %s is to be stored as held; also as released: %v", name, both)
		}
	}
}
