package bench

import (
	"context"
	"fmt"
)

// runRooms compares the drain of the same number of callbacks over many rooms with that over few.
func runRooms(ctx context.Context, l *lab) error {
	n := l.scale.manyRoomCallbacks
	return l.compareDrains(ctx, fmt.Sprintf("%d rooms", l.scale.rooms), fmt.Sprintf("%d rooms", l.scale.manyRooms),
		fillSpec{Apps: 1, Rooms: l.scale.rooms, Callbacks: n},
		fillSpec{Apps: 1, Rooms: l.scale.manyRooms, Callbacks: n})
}

// runApps compares the drain of the same number of callbacks over as many rooms, of many Apps and of one. All Apps have
// the same backend.
func runApps(ctx context.Context, l *lab) error {
	n, apps := l.scale.manyAppCallbacks, l.scale.manyApps
	return l.compareDrains(ctx, "1 App", fmt.Sprintf("%d Apps", apps),
		fillSpec{Apps: 1, Rooms: apps, Callbacks: n},
		fillSpec{Apps: apps, Rooms: 1, Callbacks: n / apps})
}

func (l *lab) compareDrains(ctx context.Context, fewName, manyName string, few, many fillSpec) error {
	var a, b, peak []float64
	for range l.times(paired) {
		first, err := l.drain(ctx, drainLeg{spec: few})
		if err != nil {
			return err
		}
		second, err := l.drain(ctx, drainLeg{spec: many})
		if err != nil {
			return err
		}
		a, b, peak = append(a, first.rate), append(b, second.rate), append(peak, second.peak)
	}
	l.figure("drain rate, "+fewName, "callbacks/s", a, nil)
	l.figure("drain rate, "+manyName, "callbacks/s", b, nil)
	l.figure(manyName+" against "+fewName, "ratio", ratios(b, a), atLeast(0.85))
	l.figure("most memory of the server, "+manyName, "MB", peak, nil)
	return nil
}
