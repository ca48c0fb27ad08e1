package bench

import "context"

// runDisk measures how many bytes a callback takes when it is delivered, everything included: rooms, indexes, attempts,
// and what the files have free. On PostgreSQL an empty database is in it too, which has 8 MB.
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
	running := "files while it runs, write-ahead log included"
	if l.kind == kindPostgres {
		running = "files while it runs, without the write-ahead log"
	}
	l.figure(running, "bytes/callback", during, nil)
	return nil
}
