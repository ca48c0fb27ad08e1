package bench

import (
	"context"
	"fmt"
	"time"
)

// steadyRates are changes a second, with their bars in milliseconds; nil: none.
var steadyRates = []struct {
	rate     int
	p50, p99 *Must
	// onPostgres is the bar of p99 there.
	onPostgres *Must
}{
	{rate: 200, p50: atMost(1.5), p99: atMost(10), onPostgres: atMost(15)},
	{rate: 2_000, p99: atMost(15)},
}

// percentiles of one measurement, in milliseconds.
type percentiles struct{ p50, p90, p99, max float64 }

func percentilesOf(sorted []float64) percentiles {
	return percentiles{percentile(sorted, 50), percentile(sorted, 90), percentile(sorted, 99), percentile(sorted, 100)}
}

// runSteady measures the time from a call's intended start to the arrival of its callback, at steady rates.
func runSteady(ctx context.Context, l *lab) error {
	for _, rate := range steadyRates {
		var p50, p90, p99, most, late []float64
		for range l.times(usual) {
			p, own, err := l.steady(ctx, rate.rate)
			if err != nil {
				return err
			}
			p50, p90, p99, most = append(p50, p.p50), append(p90, p.p90), append(p99, p.p99), append(most, p.max)
			late = append(late, own)
		}
		name := fmt.Sprintf("%d/s, ", rate.rate)
		l.figure(name+"p50", "ms", p50, rate.p50)
		l.figure(name+"p90", "ms", p90, nil)
		l.figure(name+"p99", "ms", p99, rate.p99, rate.onPostgres)
		l.figure(name+"max", "ms", most, nil)
		l.figure(name+"the load's own lateness, p99", "ms", late, nil)
	}
	return nil
}

func (l *lab) steady(ctx context.Context, rate int) (p percentiles, late float64, err error) {
	h, err := l.prepared(ctx, fillSpec{Apps: 1, Rooms: l.scale.rooms})
	if err != nil {
		return p, 0, err
	}
	defer l.discard(h)
	sorted, late, err := l.latency(ctx, h, latencyLeg{apps: 1, rooms: l.scale.rooms, rate: rate, during: l.scale.steadyFor, warm: l.scale.warm})
	return percentilesOf(sorted), late, err
}

// latencyLeg is one measurement of latency on a filled database.
type latencyLeg struct {
	apps   int // that calls are made for, in turn
	rooms  int // of each App
	rate   int // of all Apps together
	during time.Duration
	warm   time.Duration // played before, and not counted
	// silent is how many of the last Apps are not timed; their backends hang.
	silent int
	// past is what was delivered before.
	past past
	// begin is called when the timed calls begin; nil: nobody asks. replays are what it has sent again, all of which is waited
	// for; calls that were to be made after the last are not counted.
	begin   func(ctx context.Context, address string) error
	replays *replays
}

func (l *lab) latency(ctx context.Context, h home, leg latencyLeg) (sorted []float64, late float64, err error) {
	book := newLedger()
	book.past, book.replays = leg.past, leg.replays
	if leg.silent > 0 {
		book.hang = func(app, _ int) bool { return app >= leg.apps-leg.silent }
	}
	s, err := l.serve(ctx, h)
	if err != nil {
		return nil, 0, err
	}
	defer s.stop()
	calls, err := newCalls(s.address, leg)
	if err != nil {
		return nil, 0, err
	}
	defer calls.client.CloseIdleConnections()
	book.times = calls.times
	l.receiver.use(book)
	defer l.receiver.use(nil)
	own, err := calls.play(ctx, s.address, leg)
	if err != nil {
		return nil, 0, s.fail(err)
	}
	done, unknown := calls.answered()
	if err := book.await(ctx, done, stall); err != nil {
		return nil, 0, s.fail(err)
	}
	if leg.replays != nil {
		if err := leg.replays.await(ctx, stall); err != nil {
			return nil, 0, s.fail(err)
		}
		calls.times.forget(leg.replays.ended())
	}
	if leg.silent > 0 {
		if err := l.receiver.forgive(); err != nil {
			return nil, 0, err
		}
	}
	s.stop()
	l.problems("the load", calls.problems())
	l.problems("the server", book.verdict(done, unknown))
	sorted, missing := calls.times.latencies()
	if missing > 0 {
		l.problem(fmt.Sprintf("%d changes have no callback", missing))
	}
	return sorted, percentile(own, 99), nil
}
