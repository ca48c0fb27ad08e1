package bench

import (
	"context"
	"fmt"
	"math"
	"time"
)

// What retention keeps in the two halves of a pair, and how old the rows are that are purged in one of them.
const (
	oldAge   = 2 * time.Hour
	keepNew  = time.Hour
	keepBoth = 7 * 24 * time.Hour
)

// runRetention compares a flood while old rows are purged from the log with one on the same database while they are kept,
// in pairs whose halves change places.
func runRetention(ctx context.Context, l *lab) error {
	var kept, purged purgeSeries
	for i := range l.times(paired) {
		halves := []func() error{
			func() error { return l.floodKeeping(ctx, keepBoth, &kept) },
			func() error { return l.floodKeeping(ctx, keepNew, &purged) },
		}
		for half := range halves {
			if err := halves[(i+half)%len(halves)](); err != nil {
				return err
			}
		}
	}
	l.figure("flood rate, the old rows are kept", "changes/s", kept.flood, nil)
	l.figure("flood rate, the old rows are purged", "changes/s", purged.flood, nil)
	l.figure("while they are purged against kept", "ratio", ratios(purged.flood, kept.flood), atLeast(0.90))
	l.figure("rows purged while it was measured", "rows", purged.rows, nil)
	l.figure("purge rate", "rows/s", purged.rate, nil)
	l.figure("share of the measured time in which rows were purged", "%", purged.share, nil)
	l.figure("old rows left after the flood", "rows", purged.left, nil)
	return nil
}

// purgeSeries is what the repetitions of one half gave.
type purgeSeries struct{ flood, rows, rate, share, left []float64 }

// floodKeeping is one half: a flood on a log of which everything is settled and old.
func (l *lab) floodKeeping(ctx context.Context, keep time.Duration, series *purgeSeries) error {
	spec := fillSpec{Apps: 1, Rooms: l.scale.rooms, Callbacks: l.scale.oldCallbacks, Settled: oldAge}
	h, err := l.prepared(ctx, spec)
	if err != nil {
		return err
	}
	defer l.discard(h)
	s, err := l.serveKeeping(ctx, h, keep)
	if err != nil {
		return err
	}
	defer s.stop()
	watch, err := watchPurge(ctx, h, 0)
	if err != nil {
		return s.fail(err)
	}
	defer func() { _ = watch.stop() }() // its error was returned already, if there was one
	f, err := l.flood(ctx, floodLeg{
		process: s.process, address: s.address, who: "the server", warm: l.scale.purgeWarm, past: spec.past(), done: watch.stop,
	})
	if err != nil {
		return err
	}
	series.left = append(series.left, float64(spec.rows()-watch.gone()))
	if problem := series.add(f, watch, keep < oldAge); problem != "" {
		l.problem(problem)
	}
	return nil
}

// add takes in a flood and what was purged in it; it returns what was wrong with it. A flood in which nothing was purged that
// was to be has no rate: it would be compared as if it had been.
func (s *purgeSeries) add(f flooded, watch *purgeWatch, purges bool) (problem string) {
	rows, took := watch.between(f.began, f.ended)
	s.rows = append(s.rows, float64(rows))
	switch {
	case purges && rows == 0:
		problem = fmt.Sprintf("nothing was purged while the flood was measured (%d rows in all): it says nothing about retention", watch.gone())
		f.rate = math.NaN()
	case !purges && watch.gone() > 0:
		problem = fmt.Sprintf("%d rows were purged that were to be kept", watch.gone())
	case rows > 0:
		s.rate = append(s.rate, float64(rows)/took.Seconds())
		s.share = append(s.share, 100*min(1, took.Seconds()/f.ended.Sub(f.began).Seconds()))
	}
	s.flood = append(s.flood, f.rate)
	return problem
}

// rows is how many the logs have: one for each room, which is not sent, and the callbacks.
func (f fillSpec) rows() int64 { return int64(f.Apps) * int64(f.Rooms+f.Callbacks) }

// past is what a ledger has to know of a filled database whose callbacks are settled.
func (f fillSpec) past() past {
	if f.Settled == 0 {
		return past{}
	}
	return past{seq: int64(f.Rooms + f.Callbacks), lane: int64(1 + f.Callbacks/f.Rooms)}
}
