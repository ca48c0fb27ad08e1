package delivery

import (
	"context"
	"time"

	"github.com/callboard/callboard/internal/live"
)

// RetentionOptions say how long a log and its dead letters are kept.
type RetentionOptions struct {
	// Store forgets; nil: nothing is forgotten, and the rest means nothing.
	Store Retention
	// Log is how long events are kept. What is not settled by then becomes a dead letter. 0: 7 days.
	Log time.Duration
	// Dead is how long dead letters are kept, and DeadLimit the most of a reader. 0: 30 days and 100,000.
	Dead      time.Duration
	DeadLimit int
}

func (o *RetentionOptions) defaults() {
	const day = 24 * time.Hour
	if o.Log == 0 {
		o.Log = 7 * day
	}
	if o.Dead == 0 {
		o.Dead = 30 * day
	}
	if o.DeadLimit == 0 {
		o.DeadLimit = 100_000
	}
}

const (
	firstSweep = time.Second // after the start
	minSweep   = time.Second // between two sweeps: a hundredth of the time that the log is kept, within these
	maxSweep   = 10 * time.Minute
	// forgetAtOnce is how many rows one transaction removes: it must not keep a change waiting.
	forgetAtOnce = 200
	// forgetShare is the part of the time that forgetting may take while there is much to forget.
	forgetShare = 0.1
)

// sweep is the goroutine that forgets what is old.
func (d *Dispatcher) sweep() {
	after := firstSweep
	for d.wait(after) {
		d.sweepOnce()
		after = min(max(d.opt.Retention.Log/100, minSweep), maxSweep)
	}
}

// wait returns after a while; false: the dispatcher stops.
func (d *Dispatcher) wait(after time.Duration) bool {
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-timer.C:
		return !d.ending()
	case <-d.stopping:
		return false
	}
}

// aged is what of an App's log is older than it is kept.
type aged struct {
	app live.AppID
	to  int64
}

// sweepOnce forgets what is old and settled. What is old and not settled, its readers settle; the next sweep forgets it.
func (d *Dispatcher) sweepOnce() {
	o, now := &d.opt.Retention, time.Now()
	for _, a := range d.findAged(now) {
		if !d.forget(a) {
			return
		}
	}
	for _, a := range d.findAged(now) {
		d.age(a)
	}
	for !d.ending() {
		begun := time.Now()
		old, beyond, err := o.Store.ForgetDead(context.Background(), now.Add(-o.Dead), o.DeadLimit, forgetAtOnce)
		if err != nil {
			d.opt.Logger.Warn("dead letters cannot be forgotten; the next sweep tries again", "error", err)
			return
		}
		d.opt.Metrics.forgottenDead(old, beyond)
		if beyond > 0 {
			d.opt.Logger.Error("a reader has more dead letters than are kept; the oldest are lost", "limit", o.DeadLimit, "lost", beyond)
		}
		if old < forgetAtOnce && beyond < forgetAtOnce || !d.rested(begun) {
			return
		}
	}
}

func (d *Dispatcher) findAged(now time.Time) []aged {
	var list []aged
	err := d.opt.Retention.Store.Aged(context.Background(), now.Add(-d.opt.Retention.Log), func(app live.AppID, to int64) error {
		list = append(list, aged{app, to})
		return nil
	})
	if err != nil {
		d.opt.Logger.Warn("it cannot be seen what is old; the next sweep tries again", "error", err)
	}
	return list
}

// forget removes what is old of one log, in small steps; false: the dispatcher stops, or the store failed.
func (d *Dispatcher) forget(a aged) bool {
	for {
		begun := time.Now()
		n, err := d.opt.Retention.Store.Forget(context.Background(), a.app, a.to, forgetAtOnce)
		if err != nil {
			d.opt.Logger.Warn("old events cannot be forgotten; the next sweep tries again", "sdkappid", a.app, "error", err)
			return false
		}
		d.opt.Metrics.forgotten.Add(float64(n))
		if n < forgetAtOnce {
			return !d.ending()
		}
		if !d.rested(begun) {
			return false
		}
	}
}

// rested leaves the store to others after a step that began then; false: the dispatcher stops.
func (d *Dispatcher) rested(begun time.Time) bool {
	took := time.Since(begun)
	return d.wait(time.Duration(float64(took) * (1 - forgetShare) / forgetShare))
}

// age makes the readers of an App settle what is too old.
func (d *Dispatcher) age(a aged) {
	for _, id := range append(d.present(a.app), d.standing(a.app)...) {
		d.wakeWith(id, func(r *reader) {
			r.aged.Store(a.to)
			r.inbox.signal()
		})
	}
}
