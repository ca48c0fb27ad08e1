package bench

import "context"

// runSlow compares the latency of nine Apps while the backend of a tenth hangs with theirs alone, in pairs. Every App has
// a backend of its own.
func runSlow(ctx context.Context, l *lab) error {
	var beside, alone []float64
	apps, rooms := l.scale.slowApps, l.scale.rooms/l.scale.slowApps
	for range l.times(paired) {
		a, err := l.slow(ctx, latencyLeg{apps: apps - 1, rooms: rooms, rate: l.scale.slowRate * (apps - 1) / apps, during: l.scale.slowFor, warm: l.scale.warm})
		if err != nil {
			return err
		}
		b, err := l.slow(ctx, latencyLeg{apps: apps, rooms: rooms, rate: l.scale.slowRate, during: l.scale.slowFor, warm: l.scale.warm, silent: 1})
		if err != nil {
			return err
		}
		alone, beside = append(alone, a.p99), append(beside, b.p99)
	}
	l.figure("p99 of the others alone", "ms", alone, nil)
	l.figure("p99 of the others, one backend in ten hangs", "ms", beside, nil)
	l.figure("with the one that hangs against alone", "ratio", ratios(beside, alone), atMost(1.5))
	return nil
}

func (l *lab) slow(ctx context.Context, leg latencyLeg) (percentiles, error) {
	h, err := l.prepared(ctx, fillSpec{
		Apps: l.scale.slowApps, Rooms: leg.rooms, Spread: true, Timeout: l.scale.slowTimeout,
	})
	if err != nil {
		return percentiles{}, err
	}
	defer l.discard(h)
	sorted, _, err := l.latency(ctx, h, leg)
	return percentilesOf(sorted), err
}
