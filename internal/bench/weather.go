package bench

import (
	"context"
	"sync/atomic"
	"time"
)

// weather is how the backend of one App fails now and then, in cycles: it answers errors, is gone, hangs, and is well for
// the longer part.
type weather struct {
	begun time.Time
	cycle time.Duration
	calm  atomic.Bool // for good: nothing fails any more
	drops atomic.Int64
}

// spell is a part of a cycle.
type spell int

const (
	fine    spell = iota
	errors5       // one answer in three is a 500
	gone          // nobody listens
	hanging       // nothing is answered
)

// at tells the weather of a moment. An eighth of each cycle is a spell of each kind, in the middle; with a cycle of four
// minutes it lasts 30 s.
func (w *weather) at(now time.Time) spell {
	if w.calm.Load() || now.Before(w.begun) {
		return fine
	}
	switch now.Sub(w.begun) % w.cycle * 8 / w.cycle {
	case 2:
		return errors5
	case 4:
		return gone
	case 6:
		return hanging
	}
	return fine
}

// verdict is what the backend does with a callback that comes.
func (w *weather) verdict(now time.Time) verdict {
	switch w.at(now) {
	case errors5:
		if w.drops.Add(1)%3 == 0 {
			return refuse
		}
	case hanging:
		return silence
	}
	return accept
}

// run closes and opens the address of the backend until ctx ends; then it is open.
func (w *weather) run(ctx context.Context, r *receiver, f *front) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return f.on(r)
		case now := <-look.C:
			if w.at(now) == gone {
				f.off()
			} else if err := f.on(r); err != nil {
				return err
			}
		}
	}
}
