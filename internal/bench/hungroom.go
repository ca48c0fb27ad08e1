package bench

import "context"

// oneRoomIn is how many rooms there are for each that hangs.
const oneRoomIn = 100

// runHungRoom compares how fast the other rooms drain while one in a hundred is never answered with how fast they drain
// when none hangs, in pairs. The rate is that of the others in both.
func runHungRoom(ctx context.Context, l *lab) error {
	spec := fillSpec{Apps: 1, Rooms: l.scale.rooms, Callbacks: l.scale.callbacks}
	others := spec.Callbacks - spec.Callbacks/oneRoomIn
	var free, hung []float64
	for range l.times(usual) {
		a, err := l.drain(ctx, drainLeg{spec: spec})
		if err != nil {
			return err
		}
		b, err := l.drain(ctx, drainLeg{spec: spec, hang: func(_, room int) bool { return room%oneRoomIn == 0 }, expect: others})
		if err != nil {
			return err
		}
		free, hung = append(free, a.rate), append(hung, b.rate)
	}
	l.figure("drain rate, no room hangs", "callbacks/s", free, nil)
	l.figure("drain rate of the others, one room in a hundred hangs", "callbacks/s", hung, nil)
	l.figure("with hung rooms against without", "ratio", ratios(hung, free), atLeast(0.80))
	return nil
}
