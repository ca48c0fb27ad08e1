package bench

import "context"

// runDisk measures how many bytes a callback takes when it is delivered, everything included: rooms, indexes, attempts,
// and what the files have free.
func runDisk(ctx context.Context, l *lab) error {
	spec := fillSpec{Apps: 1, Rooms: l.scale.rooms, Callbacks: l.scale.callbacks}
	var after, during []float64
	for range l.times(1) {
		d, err := l.drain(ctx, drainLeg{spec: spec})
		if err != nil {
			return err
		}
		after = append(after, float64(d.size)/float64(spec.Callbacks))
		during = append(during, float64(d.most)/float64(spec.Callbacks))
	}
	l.figure("files after the drain and a stop", "bytes/callback", after, atMost(2048))
	l.figure("files while it runs, write-ahead log included", "bytes/callback", during, nil)
	return nil
}
