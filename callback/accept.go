package callback

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
)

// verdict is what a callback is to its lane.
type verdict int

const (
	repeat verdict = iota // it was handed over before
	fits                  // it is the next of its lane
	fills                 // it is missing below the last one
	ahead                 // others before it may be missing
)

// judge compares a callback with what is known. vouched: the caller has read the lane up to the callback, so that nothing
// before it is missing but what it announces as skipped.
func (l *ledger) judge(d *Delivery, vouched bool) verdict {
	if l.has(d) {
		if l.hole != nil {
			return fills
		}
		return repeat
	}
	before := d.RoomPrev
	if skipped, ok := d.skipped(); ok && l.lane.last > 0 { // of a new lane the snapshot may have what was skipped
		before = skipped.from - 1
	}
	if vouched || before <= l.lane.last {
		return fits
	}
	return ahead
}

// ledger is what the database knows before a callback, all of it locked.
type ledger struct {
	state state
	lane  lane
	hole  *hole // in which the callback's number lies; nil: in none
}

// has tells that a callback is no news, unless it fills a hole. What is not above the position may be of a lane that the
// snapshot does not have, since its room is gone.
func (l *ledger) has(d *Delivery) bool { return d.RoomSeq <= l.lane.last || d.Seq <= l.state.position }

// errRepeat ends the transaction of a repeat.
var errRepeat = errors.New("callback: a repeat")

// accept hands d over in a transaction of its own, if it is its turn. The lane is locked until the end, so of several
// arrivals at once one is handed over and the others are repeats.
//
// Each callback has its own transaction, also where several are missing: what was caught up stays when time runs out, so
// the next arrival has less to do, and no lock is held for longer than one call of OnCallback.
func (i *Inbox) accept(ctx context.Context, d Delivery, vouched bool) error {
	err := i.transact(ctx, i.shared(), func(tx *sql.Tx, s state) error {
		l, err := i.lock(ctx, tx, s, &d)
		if err != nil {
			return err
		}
		switch l.judge(&d, vouched) {
		case repeat:
			return errRepeat
		case ahead:
			return &gapError{ledger: l, d: d}
		case fills:
			d.Late = true
		}
		if err := i.hand(ctx, tx, l, d); err != nil {
			return err
		}
		if d.Late {
			return i.fill(ctx, tx, d, *l.hole)
		}
		return i.storeLane(ctx, tx, d, l.lane)
	})
	if errors.Is(err, errRepeat) {
		return nil
	}
	return err
}

// lock reads and locks what is known before a callback: after the App's row, which is s, the lane's, as a reset does.
func (i *Inbox) lock(ctx context.Context, tx *sql.Tx, s state, d *Delivery) (*ledger, error) {
	if s.log != d.Log {
		return nil, &otherLogError{s}
	}
	l, err := ledger{state: s}, error(nil)
	if l.lane, err = i.lockLane(ctx, tx, d.Lane); err != nil {
		return nil, err
	}
	if l.has(d) {
		l.hole, err = i.holeAt(ctx, tx, d.Lane, d.RoomSeq)
	}
	return &l, err
}

// hand calls OnCallback and compares the mirror.
func (i *Inbox) hand(ctx context.Context, tx *sql.Tx, l *ledger, d Delivery) error {
	if err := recovered(func() error { return i.OnCallback(ctx, tx, d) }); err != nil {
		return err
	}
	// What fills a hole names a state of long ago. Up to exact the snapshot may have been read after the callback.
	if i.Mirror == nil || d.RoomState == "" || d.Late || d.Seq <= l.state.exact {
		return nil
	}
	return recovered(func() error { return i.compare(ctx, tx, d) })
}

func (i *Inbox) compare(ctx context.Context, tx *sql.Tx, d Delivery) error {
	roomID, err := url.PathUnescape(d.Lane)
	if err != nil {
		return explain("the lane is not a percent-encoded RoomId", err)
	}
	owner, administrators, err := i.Mirror(ctx, tx, roomID)
	if err != nil {
		return err
	}
	m := Mismatch{RoomID: roomID, Delivery: d, Owner: owner, Administrators: administrators}
	m.RoomState = RoomState(owner, administrators)
	switch {
	case m.RoomState == d.RoomState:
		return nil
	case i.OnMismatch != nil:
		return i.OnMismatch(ctx, tx, m)
	}
	i.logger().WarnContext(ctx, "callback: the mirror of a room is not as the callback says; read the room",
		"room", roomID, "event", d.EventID, "owner", owner, "administrators", administrators)
	return nil
}
