package bench

import (
	"context"
	"time"
)

// runDown lets callbacks wait for a backend that is off, and measures what that costs and how soon they go on: when the
// backend comes back, and when the server starts anew.
func runDown(ctx context.Context, l *lab) error {
	var waiting, most, back, restart []float64
	for range l.times(1) {
		d, err := l.down(ctx)
		if err != nil {
			return err
		}
		waiting, most = append(waiting, d.waiting), append(most, d.most)
		back, restart = append(back, d.back), append(restart, d.restart)
	}
	l.figure("memory with the callbacks waiting", "MB", waiting, atMost(200))
	l.figure("most memory, the delivery of all included", "MB", most, atMost(200))
	l.figure("backend back to the first callback", "s", back, atMost(15))
	l.figure("restart to the first delivery", "s", restart, atMost(1))
	return nil
}

// outage is what one leg gave: MB and seconds.
type outage struct{ waiting, most, back, restart float64 }

func (l *lab) down(ctx context.Context) (d outage, err error) {
	spec := fillSpec{Apps: 1, Rooms: l.scale.rooms, Callbacks: l.scale.downCallbacks}
	h, err := l.prepared(ctx, spec)
	if err != nil {
		return d, err
	}
	defer l.discard(h)
	book := newLedger()
	l.receiver.use(book)
	defer l.receiver.use(nil)
	l.receiver.off()
	defer func() { _ = l.receiver.on() }()
	if err := l.downAndUp(ctx, h, book, &d); err != nil {
		return d, err
	}
	before := book.count.Load()
	book.again()
	s, err := l.serve(ctx, h)
	if err != nil {
		return d, err
	}
	defer s.stop()
	if err := book.await(ctx, int(before)+1, stall); err != nil {
		return d, s.fail(err)
	}
	d.restart = book.firstAt().Sub(s.started).Seconds()
	if err := book.await(ctx, spec.Callbacks, stall); err != nil {
		return d, s.fail(err)
	}
	used, err := s.usage()
	if err != nil {
		return d, err
	}
	d.most = max(d.most, used.peak)
	s.stop()
	l.problems("the server", book.verdict(spec.Callbacks, 0))
	return d, nil
}

// downAndUp is the first life of the server: the backend is off, then comes back.
func (l *lab) downAndUp(ctx context.Context, h home, book *ledger, d *outage) error {
	s, err := l.serve(ctx, h)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := wait(ctx, l.scale.downFor); err != nil {
		return err
	}
	used, err := s.usage()
	if err != nil {
		return err
	}
	d.waiting = used.rss
	up := time.Now()
	if err := l.receiver.on(); err != nil {
		return err
	}
	if err := book.await(ctx, 1, stall); err != nil {
		return s.fail(err)
	}
	d.back = book.firstAt().Sub(up).Seconds()
	if used, err = s.usage(); err != nil {
		return err
	}
	d.most = used.peak
	return nil
}

// wait is for what has to take its time.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
