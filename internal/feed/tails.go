package feed

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/callboard/callboard/internal/live"
)

const (
	// pollEvery is how soon what another process committed is seen.
	pollEvery = time.Second
	// tailPause is between two reads of a log that is written to all the time: events come in batches then, and each costs all
	// readers one waking. The first after a quiet time does not wait.
	tailPause = 10 * time.Millisecond
	// tailLinger is how long a tail is kept that nobody reads: a long poll leaves between two calls.
	tailLinger = 5 * time.Second
)

// tails are those of all Apps with readers.
type tails struct {
	desk    desk
	logger  *slog.Logger
	closing <-chan struct{}
	most    int // tails beyond these end as soon as nobody reads them
	running sync.WaitGroup

	mu     sync.Mutex
	byApp  map[live.AppID]*tail
	closed bool
}

// find joins the tail of an App if there is one.
func (a *tails) find(app live.AppID) *tail {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.byApp[app]
	if t != nil {
		t.readers.Add(1)
	}
	return t
}

// join joins the tail of an App. One that is new goes on after a number of the log.
func (a *tails) join(app live.AppID, after Position) *tail {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.byApp[app]
	if t == nil {
		t = &tail{app: app, log: after.Log, wake: make(chan struct{}, 1), changed: make(chan struct{})}
		t.ring.startAfter(after.Seq)
		a.byApp[app] = t
		if !a.closed {
			a.running.Go(func() { a.run(t) })
		}
	}
	t.readers.Add(1)
	return t
}

// leave ends what find and join began.
func (*tails) leave(t *tail) { t.readers.Add(-1) }

// committed wakes the tail of an App, if it has one.
func (a *tails) committed(app live.AppID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t := a.byApp[app]; t != nil {
		t.signal()
	}
}

// close waits for the goroutines, which end because closing was closed.
func (a *tails) close() {
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.running.Wait()
}

func (a *tails) crowded() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.byApp) > a.most
}

// retire ends a tail that nobody reads.
func (a *tails) retire(t *tail) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if t.readers.Load() > 0 {
		return false
	}
	delete(a.byApp, t.app)
	return true
}

// run is the goroutine of a tail. After a failure of the store only the poll tries again.
func (a *tails) run(t *tail) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	used := time.Now() // when it had a reader last
	works := a.advance(t)
	for {
		wake := t.wake
		if !works {
			wake = nil
		}
		select {
		case <-a.closing:
			return
		case <-wake:
			works = a.advance(t)
			continue
		case <-poll.C:
		}
		if t.readers.Load() > 0 {
			used = time.Now()
		}
		if (time.Since(used) > tailLinger || a.crowded()) && a.retire(t) {
			return
		}
		works = a.look(t)
	}
}

// look reads what is new if there is anything, of another log if the App has one by now; false: the store failed.
func (a *tails) look(t *tail) bool {
	var b Bounds
	err := a.desk.ask(context.Background(), func(l Log) (err error) {
		b, err = l.Bounds(context.Background(), t.app)
		return err
	})
	if err != nil {
		a.failed(t, err)
		return false
	}
	end := t.end()
	if b.Log != end.Log {
		t.restart(b)
	}
	return b.Log != end.Log || b.Head == end.Seq || a.advance(t)
}

func (a *tails) failed(t *tail, err error) {
	a.logger.Warn("what is new for readers of the feed cannot be read; it is tried again in a second", "sdkappid", t.app, "error", err)
}

// advance reads what is new; false: the store failed.
func (a *tails) advance(t *tail) bool {
	for !a.ended() {
		frames, end, err := a.read(t)
		if lost := (*gone)(nil); errors.As(err, &lost) {
			t.restart(lost.Bounds)
			return true
		}
		if err != nil {
			a.failed(t, err)
			return false
		}
		if len(frames) == 0 {
			return true
		}
		t.put(frames)
		if end {
			a.pause()
			return true
		}
	}
	return true
}

// read returns the next events. Which log they are of is asked after them: one that has another id by then may have had it before.
func (a *tails) read(t *tail) (frames []frame, end bool, err error) {
	from := t.end()
	err = a.desk.ask(context.Background(), func(l Log) error {
		events, e, err := l.EventsAfter(context.Background(), t.app, from.Seq, part)
		if err != nil || len(events) == 0 {
			return err
		}
		b, err := l.Bounds(context.Background(), t.app)
		if err == nil && b.Log != from.Log {
			err = &gone{b}
		}
		frames, end = newFrames(t.app, from.Log, events), e
		return err
	})
	return frames, end, err
}

// pause returns after tailPause, or when the handler closes.
func (a *tails) pause() {
	timer := time.NewTimer(tailPause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.closing:
	}
}

func (a *tails) ended() bool {
	select {
	case <-a.closing:
		return true
	default:
		return false
	}
}
