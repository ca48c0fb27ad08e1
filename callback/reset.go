package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Reset reads a snapshot of all rooms, hands it to OnSnapshot and stores its numbers, in one transaction, and then reads
// the feed from there: what was before counts no longer. An Inbox does so by itself at the first contact and when the
// log is another one. A person does it after a switch was off for a while: no callback tells what changed meanwhile.
//
// The transaction is open while the pages are read. Callbacks are answered FAIL meanwhile and come again, and so is another Reset
// refused; in SQLite, other writers wait as well. When it fails, or its process ends, nothing has changed.
func (i *Inbox) Reset(ctx context.Context) error {
	if err := i.check(); err != nil {
		return err
	}
	if i.Feed.URL == "" {
		return errNoFeed
	}
	if err := i.reset(ctx, nil); err != nil {
		return err
	}
	return i.CatchUp(ctx)
}

var errNoFeed = errors.New("callback: there is no feed to read; set Inbox.Feed.URL")

// meet decides what a callback of another log is, and then accepts it. Only the server knows which log is the current one:
// the old process may still be sending, and one of its callbacks may have been on its way for long.
func (i *Inbox) meet(ctx context.Context, d Delivery, stored state) error {
	if i.Feed.URL == "" {
		if err := i.begin(ctx, d); err != nil {
			return err
		}
		return i.accept(ctx, d, false)
	}
	h, err := i.head(ctx)
	if err != nil {
		return explain("the log of the callback is another one, and the server cannot be asked which is current", err)
	}
	if h.Log == stored.log {
		return errPast
	}
	return i.renew(ctx, d, stored)
}

// renew replaces what is stored, which the server does not know any more, and then accepts d.
func (i *Inbox) renew(ctx context.Context, d Delivery, stored state) error {
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), resetTime)
	defer cancel()
	err := i.reset(detached, &stored)
	if notNow(err) {
		return err
	}
	if err != nil {
		return explain("the App backend could not read a snapshot", err)
	}
	if _, err := i.pull(detached, 0); err != nil {
		return err
	}
	err = i.accept(ctx, d, false)
	if other := (*otherLogError)(nil); errors.As(err, &other) {
		return errPast // the snapshot is of the server's log, which is not that of d
	}
	return err
}

// begin takes the log of d as the current one, without a snapshot.
func (i *Inbox) begin(ctx context.Context, d Delivery) error {
	return i.transact(ctx, turn{i.ownOrMake, lockTime}, func(tx *sql.Tx, stored state) error {
		switch {
		case stored.log == d.Log: // another replica was faster
			return nil
		case slices.Contains(strings.Fields(stored.past), d.Log):
			return errPast
		}
		if err := i.clear(ctx, tx); err != nil {
			return err
		}
		return i.storeState(ctx, tx, stored.next(d.Log, 0, 0))
	})
}

// reset replaces the numbers by those of a snapshot. stale is the state that is of no use; when another one is stored,
// another replica was faster and there is nothing to do. nil: whatever is stored.
func (i *Inbox) reset(ctx context.Context, stale *state) error {
	if !i.resetting.CompareAndSwap(false, true) {
		return errResetting
	}
	defer i.resetting.Store(false)
	t, err := i.alone(ctx)
	if err != nil {
		return err
	}
	return i.transact(ctx, t, func(tx *sql.Tx, stored state) error {
		if stale != nil && (stored.log != stale.log || stored.position != stale.position) {
			return nil
		}
		// The lock comes first: what was accepted before it is in the snapshot.
		s, err := i.openSnapshot(ctx, tx)
		if err != nil {
			return err
		}
		if err := i.clear(ctx, tx); err != nil {
			return err
		}
		if err := s.read(); err != nil {
			return err
		}
		h, err := i.head(ctx)
		if err != nil {
			return err
		}
		if h.Log != s.start.log {
			return errChanged
		}
		return i.storeState(ctx, tx, stored.next(h.Log, s.start.seq, h.Seq))
	})
}

func (i *Inbox) storeState(ctx context.Context, tx *sql.Tx, s state) error {
	_, err := tx.ExecContext(ctx, `UPDATE callboard_inbox SET log = $1, position = $2, exact = $3, past = $4 WHERE app = $5`,
		s.log, s.position, s.exact, s.past, int64(i.SDKAppID))
	if err != nil {
		return fmt.Errorf("callback: store the log: %w", err)
	}
	return nil
}

// next is the state after s: another log, or the same one from another position.
func (s state) next(log string, position, exact int64) state {
	const keep = 100 // logs change when a server is restored; nobody sends what is that old
	past := strings.Fields(s.past)
	if s.log != "" && s.log != log {
		past = append(past, s.log)
	}
	past = past[max(0, len(past)-keep):]
	return state{log: log, position: position, exact: exact, past: strings.Join(past, " ")}
}
