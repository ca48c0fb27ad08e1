package callback

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// bridge hands over what is missing before the callback of a gap, from the feed, and then the callback.
func (i *Inbox) bridge(ctx context.Context, gap *gapError) error {
	if i.Feed.URL == "" {
		if gap.ledger.lane.last == 0 { // the lane's first contact; WithoutSnapshot is set
			return i.accept(ctx, gap.d, true)
		}
		return explain(gap.Error()+"; have them sent again", errNoFeed)
	}
	soon, cancel := context.WithTimeout(ctx, gapTime)
	defer cancel()
	d, err := i.handMissing(soon, gap)
	if gone := (*goneError)(nil); errors.As(err, &gone) {
		return i.renew(ctx, gap.d, gap.ledger.state)
	}
	if err != nil {
		return explain(gap.Error()+" and could not be read from the feed in time", err)
	}
	return i.accept(ctx, d, true)
}

// handMissing hands over the callbacks between the last one of a gap's lane and that of the gap, and returns the latter
// without the part of its announcement that is known. What it announces is left out: it becomes a hole together with it.
//
// It reads from where nothing of the lane is missing: the lane's last callback, or the position up to which all are known. So
// what comes before the first callback that it reads is known, also if it was skipped, and is no hole.
func (i *Inbox) handMissing(ctx context.Context, gap *gapError) (Delivery, error) {
	d, first := gap.d, true
	missing := stretch{log: d.Log, lane: d.Lane, after: max(gap.ledger.lane.seq, gap.ledger.state.position), until: d.Seq}
	err := i.eachCallback(ctx, missing, func(e *feedEvent) error {
		skipped, announced := d.skipped()
		if announced && first {
			d.SkippedFrom = max(d.SkippedFrom, e.RoomPrev+1)
		}
		first = false
		if e.Seq == d.Seq || announced && skipped.has(e.RoomSeq) {
			return nil
		}
		return i.accept(ctx, e.delivery(i.SDKAppID, d.Log), true)
	})
	return d, err
}

// stretch is a part of a lane: what stands in the log after one number and up to another.
type stretch struct {
	log, lane    string
	after, until int64
}

// eachCallback calls do with the callback events of a stretch, in order. nil means that it was called with all of them.
func (i *Inbox) eachCallback(ctx context.Context, s stretch, do func(*feedEvent) error) error {
	for after := (position{s.log, s.after}); after.seq < s.until; {
		page, err := i.events(ctx, after, s.lane, 0)
		if err != nil {
			return err
		}
		for n := range page.Events {
			e := &page.Events[n]
			switch {
			case e.Lane != s.lane:
				return fmt.Errorf("callback: events: asked for lane %s, got one of %s", s.lane, e.Lane)
			case e.Seq > s.until:
				return nil
			case !e.Callback:
				continue
			}
			if err := do(e); err != nil {
				return err
			}
		}
		if page.Next.seq <= after.seq {
			return fmt.Errorf("callback: the feed ends at %s, before %d", page.Next, s.until)
		}
		after = page.Next
	}
	return nil
}

// CatchUp reads the feed from the stored position to its end and hands over what did not arrive. A callback that fails
// stops its lane and no other; the error names the first of them, and the position stays before it.
func (i *Inbox) CatchUp(ctx context.Context) error {
	missing, err := i.pullNew(ctx, 0)
	if err != nil || len(missing) == 0 {
		return err
	}
	return fmt.Errorf("callback: %d lanes could not be caught up; lane %s waits at callback %d: %w",
		len(missing), missing[0].Lane, missing[0].RoomSeq, missing[0].Err)
}

const (
	// followWait is how long the server waits for an event before it answers that there is none.
	followWait = 30 * time.Second
	// Between two rounds that failed Follow waits followPause, doubled up to followMax.
	followPause = time.Second
	followMax   = 30 * time.Second
)

// Follow catches up again and again until ctx ends, and returns the context's error. It waits at the end of the feed, so an
// event is handed over soon after it happened whether or not its callback arrives. It is not needed for that: callbacks
// alone suffice. It shortens the time in which a lost last callback of a lane goes unnoticed.
func (i *Inbox) Follow(ctx context.Context) error {
	pause := time.Duration(0)
	for ctx.Err() == nil {
		began := time.Now()
		missing, err := i.pullNew(ctx, followWait)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			i.logger().ErrorContext(ctx, "callback: the feed cannot be followed; trying again", "error", err)
		case len(missing) > 0:
			i.logger().ErrorContext(ctx, "callback: lanes cannot be caught up; trying again", "lanes", len(missing),
				"lane", missing[0].Lane, "room_seq", missing[0].RoomSeq, "error", missing[0].Err)
		case time.Since(began) > followPause:
			pause = 0
			continue
		default: // a feed that moves fast is read in larger pages, one that does not wait is not asked in a loop
			pause = 0
		}
		pause = min(max(2*pause, followPause), followMax)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
		case <-timer.C:
		}
	}
	return ctx.Err()
}

// pullNew is pull, after a reset where the server does not know what is stored, or nothing is stored.
func (i *Inbox) pullNew(ctx context.Context, wait time.Duration) ([]Missing, error) {
	if err := i.check(); err != nil {
		return nil, err
	}
	if i.Feed.URL == "" {
		return nil, errNoFeed
	}
	stored, err := i.readState(ctx)
	if err != nil {
		return nil, err
	}
	if stored.log != "" {
		missing, err := i.pull(ctx, wait)
		if gone := (*goneError)(nil); !errors.As(err, &gone) {
			return missing, err
		}
	}
	if err := i.reset(ctx, &stored); err != nil {
		return nil, err
	}
	return i.pull(ctx, 0)
}

// pull reads the feed from the stored position to what is its end at the beginning. It returns the lanes that it could not
// go on with; wait is how long the server waits when there is nothing yet.
func (i *Inbox) pull(ctx context.Context, wait time.Duration) ([]Missing, error) {
	stored, err := i.readState(ctx)
	if err != nil {
		return nil, err
	}
	r := round{inbox: i, log: stored.log, stuck: map[string]bool{}}
	after, end := position{stored.log, stored.position}, int64(-1)
	for {
		page, err := i.events(ctx, after, "", wait)
		if err != nil {
			return r.missing, err
		}
		if end < 0 {
			end = page.Head.seq
		}
		if err := r.take(ctx, page); err != nil {
			return r.missing, err
		}
		if page.Next.seq <= after.seq || page.Next.seq >= end {
			return r.missing, nil
		}
		after, wait = page.Next, 0
	}
}

// maxStuck ends a round: when so many lanes fail, it is the App backend that fails.
const maxStuck = 100

// round is one reading of the feed.
type round struct {
	inbox   *Inbox
	log     string
	missing []Missing       // the first callback of each lane that could not be handed over
	stuck   map[string]bool // those lanes
}

// take hands over the callbacks of a page that did not arrive, and moves the position as far as nothing is missing. Every
// callback of a lane after the position is read here, so nothing before one of them is missing unless its lane is stuck.
func (r *round) take(ctx context.Context, page *eventsPage) error {
	for n := range page.Events {
		e := &page.Events[n]
		if !e.Callback || r.stuck[e.Lane] {
			continue
		}
		err := r.arrive(ctx, e)
		if other := (*otherLogError)(nil); errors.As(err, &other) || notNow(err) || ctx.Err() != nil {
			return err
		}
		if err == nil {
			continue
		}
		r.stuck[e.Lane] = true
		r.missing = append(r.missing, Missing{Lane: e.Lane, RoomSeq: e.RoomSeq, Seq: e.Seq, Err: err})
		if len(r.missing) == maxStuck {
			return fmt.Errorf("callback: %d lanes cannot be caught up: %w", maxStuck, err)
		}
	}
	safe := page.Next.seq
	if len(r.missing) > 0 {
		safe = r.missing[0].Seq - 1
	}
	return r.inbox.advance(ctx, r.log, safe)
}

// arrive is accept for an event of the feed. Most have arrived before, which one read tells.
func (r *round) arrive(ctx context.Context, e *feedEvent) error {
	l, err := r.inbox.readLane(ctx, e.Lane)
	if err != nil || e.RoomSeq <= l.last {
		return err
	}
	return r.inbox.accept(ctx, e.delivery(r.inbox.SDKAppID, r.log), true)
}
