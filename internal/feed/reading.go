package feed

import (
	"context"
	"fmt"
	"slices"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// part is what is read and written at a time: all that one reader holds in memory.
var part = Page{Events: 128, Bytes: 64 << 10}

// reading is one caller's way through a log: over the store while it is behind, over the tail when it is not.
type reading struct {
	app  live.AppID
	lane eventlog.Lane // empty: all
	// at is the event that was read last. Its Log is empty until the first look when the caller named no position.
	at   Position
	head int64 // the last number of the log, as last seen

	desk  desk
	tails *tails
	tail  *tail // nil: there is none of the App, or it was not asked for
	// fresh is set for who does not wait: the tail may not know yet what another process has committed.
	fresh bool
}

// gone says that what follows on a position cannot be read: the log is another one, never had it or has forgotten it.
type gone struct{ Bounds }

func (g *gone) Error() string {
	return fmt.Sprintf("the position is not one of the log %s, which begins after %d and ends with %d", g.Log, g.Oldest-1, g.Head)
}

// follow joins the tail, so that there is something to wait for.
func (r *reading) follow() {
	if r.tail == nil {
		r.tail = r.tails.join(r.app, Position{r.at.Log, r.head})
	}
}

func (r *reading) close() {
	if r.tail != nil {
		r.tails.leave(r.tail)
	}
}

// more returns the next events, at most so many, and whether there are no more after them now. None may be returned though there
// are more: those of other lanes. The error is a *gone, or one of the store.
func (r *reading) more(ctx context.Context, most int) (frames []frame, end bool, err error) {
	if r.tail != nil {
		frames, where, last := r.tail.after(r.at, min(most, part.Events), part.Bytes)
		r.head = max(r.head, last)
		if where == within {
			r.reach(frames[len(frames)-1].seq)
			return r.wanted(frames), false, nil
		}
		if where == level && !r.fresh {
			return nil, true, nil
		}
	}
	err = r.desk.ask(ctx, func(log Log) error {
		frames, end, err = r.read(context.WithoutCancel(ctx), log, most)
		return err
	})
	return frames, end, err
}

func (r *reading) reach(seq int64) {
	r.at.Seq = max(r.at.Seq, seq)
	r.head = max(r.head, r.at.Seq)
}

// wanted keeps the events of the lane that is asked for; the slice is the reading's own.
func (r *reading) wanted(frames []frame) []frame {
	if r.lane == "" {
		return frames
	}
	return slices.DeleteFunc(frames, func(f frame) bool { return f.lane != r.lane })
}

// read asks the store. What is forgotten, and which log it is, is looked at after the events: both may change meanwhile.
func (r *reading) read(ctx context.Context, log Log, most int) (frames []frame, end bool, err error) {
	if r.at.Log == "" || r.lane != "" { // of a lane, the numbers tell nothing of where the log ends
		b, err := log.Bounds(ctx, r.app)
		if err != nil {
			return nil, false, err
		}
		if r.at.Log == "" {
			r.at = Position{b.Log, b.Oldest - 1}
		}
		r.head = b.Head
	}
	events, end, err := r.events(ctx, log, Page{Events: min(most, part.Events), Bytes: part.Bytes})
	if err != nil {
		return nil, false, err
	}
	b, err := log.Bounds(ctx, r.app)
	if err != nil {
		return nil, false, err
	}
	if !b.has(r.at) {
		return nil, false, &gone{b}
	}
	if len(events) > 0 {
		r.reach(events[len(events)-1].Seq)
	}
	if r.lane == "" {
		r.head = max(r.head, b.Head)
	} else if end {
		r.reach(r.head) // where the log ended before
	}
	return newFrames(r.app, r.at.Log, events), end, nil
}

func (r *reading) events(ctx context.Context, log Log, page Page) (events []eventlog.Event, end bool, err error) {
	if r.lane != "" {
		return log.LaneEventsAfter(ctx, r.app, r.lane, r.at.Seq, page)
	}
	return log.EventsAfter(ctx, r.app, r.at.Seq, page)
}

// has tells whether all that follows on a position is there.
func (b *Bounds) has(p Position) bool {
	return p.Log == b.Log && p.Seq >= b.Oldest-1 && p.Seq <= b.Head
}
