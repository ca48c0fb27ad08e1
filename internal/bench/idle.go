package bench

import (
	"context"
	"time"
)

// runIdle measures a server with many Apps at rest, and how soon it is ready. The Apps are as a server leaves them: there is
// nothing in a log that its reader has not seen.
func runIdle(ctx context.Context, l *lab) error {
	var ready []float64
	spec := fillSpec{Apps: l.scale.idleApps, Rooms: 1, Settled: time.Hour}
	for range l.times(paired) {
		start, err := l.start(ctx, spec)
		if err != nil {
			return err
		}
		ready = append(ready, milliseconds(start))
	}
	fresh, err := l.rest(ctx, spec)
	if err != nil {
		return err
	}
	spec.Callbacks, spec.Settled = 1, 0
	used, err := l.rest(ctx, spec)
	if err != nil {
		return err
	}
	l.figure("memory at rest", "MB", []float64{fresh.rss}, atMost(40))
	l.figure("memory at rest, after a callback of each App", "MB", []float64{used.rss}, atMost(40))
	l.figure("CPU at rest", "% of a core", []float64{fresh.cpu}, atMost(0.5))
	l.figure("CPU at rest, after a callback of each App", "% of a core", []float64{used.cpu}, atMost(0.5))
	l.figure("CPU of the database at rest", "% of a core", []float64{fresh.store}, nil)
	l.figure("CPU of the database at rest, after a callback of each App", "% of a core", []float64{used.store}, nil)
	l.figure("start to ready", "ms", ready, atMost(200))
	return nil
}

// start measures one start, on files that the system has in its cache.
func (l *lab) start(ctx context.Context, spec fillSpec) (time.Duration, error) {
	h, err := l.prepared(ctx, spec)
	if err != nil {
		return 0, err
	}
	defer l.discard(h)
	s, err := l.serve(ctx, h)
	if err != nil {
		return 0, err
	}
	s.stop()
	return s.ready, nil
}

// resting is MB, and percent of a core; that of the store is NaN when it has no processes, or they cannot be seen.
type resting struct{ rss, cpu, store float64 }

// settleDown is how long a server is left alone before its rest is measured.
const settleDown = 5 * time.Second

// rest measures a server that has nothing to do, once the callbacks that wait have come.
func (l *lab) rest(ctx context.Context, spec fillSpec) (r resting, err error) {
	h, err := l.prepared(ctx, spec)
	if err != nil {
		return r, err
	}
	defer l.discard(h)
	book := newLedger()
	l.receiver.use(book)
	defer l.receiver.use(nil)
	s, err := l.serve(ctx, h)
	if err != nil {
		return r, err
	}
	defer s.stop()
	if err := book.await(ctx, spec.Apps*spec.Callbacks, stall); err != nil {
		return r, s.fail(err)
	}
	if err := wait(ctx, min(settleDown, l.scale.idleFor)); err != nil {
		return r, err
	}
	before, err := s.usage()
	if err != nil {
		return r, err
	}
	begun, storeCPU := time.Now(), l.storeCPU()
	if err := wait(ctx, l.scale.idleFor); err != nil {
		return r, err
	}
	after, err := s.usage()
	if err != nil {
		return r, err
	}
	r.rss = after.rss
	took := time.Since(begun)
	r.cpu = 100 * (after.cpu - before.cpu).Seconds() / took.Seconds()
	r.store = 100 * (l.storeCPU() - storeCPU) / microseconds(took)
	s.stop()
	l.problems("the server", book.verdict(spec.Apps*spec.Callbacks, 0))
	return r, nil
}
