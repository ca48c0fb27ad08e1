package delivery

import (
	"fmt"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
)

// BenchmarkWindow is the bookkeeping of one callback, from its admission to its settlement.
func BenchmarkWindow(b *testing.B) {
	for _, lanes := range []int{1, 100, 4000} {
		b.Run(fmt.Sprintf("lanes=%d", lanes), func(b *testing.B) {
			b.ReportAllocs()
			names := make([]eventlog.Lane, lanes)
			for i := range names {
				names[i] = eventlog.ControlLane(fmt.Sprintf("room-%d", i))
			}
			w, now := newWindow(standardLimits, Position{}, time.Now()), time.Now()
			body := make([]byte, 200)
			seq, batch := int64(0), min(lanes*60, 4000)
			for b.Loop() {
				if w.events == 0 {
					for range batch {
						seq++
						w.admit(&eventlog.Event{Seq: seq, Lane: names[int(seq)%lanes], Callback: true, Body: body}, now)
					}
				}
				l := w.next(now, 16)
				w.sent(l)
				w.landed(l)
				w.settled(l, now)
			}
		})
	}
}

// BenchmarkWindowOfFailingLanes is the bookkeeping of one retry among many.
func BenchmarkWindowOfFailingLanes(b *testing.B) {
	b.ReportAllocs()
	const lanes = 10_000
	held := make([]eventlog.Held, lanes)
	now := time.Now()
	for i := range held {
		held[i] = eventlog.Held{Lane: eventlog.ControlLane(fmt.Sprintf("room-%d", i)), Next: int64(i + 1), Attempts: 1, Try: now}
	}
	w := newWindow(standardLimits, Position{Cursor: eventlog.NewCursor(lanes), Held: held}, now)
	for b.Loop() {
		l := w.next(now, 16)
		w.loaded(l, []eventlog.Event{{Seq: l.held.Next, Lane: l.name, Callback: true}})
		w.sent(l)
		w.landed(l)
		w.refused(l, &eventlog.Attempt{Number: w.number(l), Why: "status 500"}, now, now.Add(time.Second))
		if now = now.Add(time.Millisecond); len(w.fresh) > 0 {
			b.Fatal("a lane that was held is told of again")
		}
	}
}
