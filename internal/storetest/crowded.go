package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

const (
	crowd      = 1_000_000
	sweepLimit = 500 // as the timer does
)

// Crowded measures, on a store that is empty, what the end of a room with a million members takes: the commit that ends it, a
// commit of another room while the members are swept away, and the sweep.
func Crowded(b *testing.B, s Store) {
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	must(commit(s, []engine.Change{{App: app1, Settings: &live.App{ID: app1, Key: "key"}, NewLog: logOf(app1)}}))
	fill := func(life int64) {
		doc := room("r1")
		doc.Life = life
		must(commit(s, []engine.Change{{App: app1, Rooms: []engine.RoomChange{{ID: "r1", Room: engine.Room{Doc: doc, Lane: eventlog.LaneState{Seq: life}}}}}}))
		for from := 0; from < crowd; from += fillTogether {
			ch := engine.Change{App: app1}
			for i := from; i < from+fillTogether; i++ {
				ch.Parts = append(ch.Parts, engine.PartChange{ID: inRoom("r1", fmt.Sprintf("account-%07d", i)), Life: life, Doc: member(i)})
			}
			must(commit(s, []engine.Change{ch}))
		}
	}
	var ends, others []time.Duration
	var sweeping time.Duration
	for n := range b.N {
		fill(int64(n + 1))
		begun := time.Now()
		must(commit(s, []engine.Change{{
			App: app1, Rooms: []engine.RoomChange{{ID: "r1"}}, Gone: []engine.Life{{Room: "r1", Life: int64(n + 1)}},
		}}))
		ends = append(ends, time.Since(begun))
		for {
			begun := time.Now()
			swept, err := s.SweepParts(ctx(), begun, sweepLimit)
			must(err)
			if swept == 0 {
				break
			}
			sweeping += time.Since(begun)
			begun = time.Now()
			must(commit(s, []engine.Change{{App: app1, Rooms: []engine.RoomChange{{ID: "r2", Room: engine.Room{Doc: room("r2")}}}}}))
			others = append(others, time.Since(begun))
		}
	}
	slices.Sort(others)
	b.ReportMetric(slices.Max(ends).Seconds()*1000, "end-ms")
	b.ReportMetric(others[len(others)*99/100].Seconds()*1000, "other-commit-p99-ms")
	b.ReportMetric(float64(crowd*b.N)/sweeping.Seconds(), "swept/s")
	b.ReportMetric(0, "ns/op")
}
