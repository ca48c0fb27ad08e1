package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync/atomic"
	"time"
)

// Inbox makes exactly once of at least once: it hands over each callback of an App once, in the order of its lane, in a
// transaction of the App backend's own database that also stores the callback's number. Set Handler.OnAny to its Receive.
//
// What it is given may be repeated, reordered or missing. A repeat is answered OK and calls nobody. Before a callback that
// is ahead of its lane, those that are missing are read from the feed. What the server has given up and announces becomes
// a hole, which a redelivery fills. A callback of a log that is not the stored one leads to a reset: a snapshot of all rooms,
// then the feed from there. Where none of that succeeds, Receive returns an error and the callback comes again: nothing
// is skipped silently.
//
// An Inbox is safe for concurrent use once its fields are set, starts no goroutine, and keeps nothing in memory that
// counts: any number of replicas may use one database.
type Inbox struct {
	// SDKAppID is the own one.
	SDKAppID uint32
	// DB is the database of the App backend, in which Schema was run; Dialect says which.
	DB      *sql.DB
	Dialect Dialect
	// Feed is where missed callbacks and snapshots are read.
	Feed Feed
	// WithoutSnapshot accepts, where Feed has no URL, the first callback of a log and of a lane as it comes. What
	// happened before is unknown then, and a gap ends only when a person has the missing callback sent again.
	WithoutSnapshot bool

	// OnCallback is handed each callback once. What it does with tx is committed together with the number; when it fails,
	// all is rolled back, and the callback comes again. Delivery.Late marks one that fills a hole. It may be called twice for
	// a callback whose first transaction failed, so what it does outside of tx has to bear that.
	OnCallback func(ctx context.Context, tx *sql.Tx, d Delivery) error
	// OnSnapshot replaces what the App backend knows of all rooms by rooms, in the transaction of a reset. It has to read
	// them to the end, to return their error, and to have no query of tx open when it asks for the next one. Nil: the App
	// backend keeps no rooms, and only the numbers are taken.
	OnSnapshot func(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[Room, error]) error
	// Mirror returns owner and administrators of a room as the App backend has them within tx. With it, the state
	// that a callback names is compared with the mirror after OnCallback. Nil: nothing is compared.
	Mirror func(ctx context.Context, tx *sql.Tx, roomID string) (owner Account, administrators Accounts, err error)
	// OnMismatch is told, in the same transaction, of a mirror that is not as the callback says. Nil: it is logged.
	OnMismatch func(ctx context.Context, tx *sql.Tx, m Mismatch) error
	// ErrorLog receives mismatches and what Follow could not do; nil means slog.Default.
	ErrorLog *slog.Logger

	resetting atomic.Bool // a reset of this process is under way
}

// Mismatch is a room whose mirror is not as a callback says that it is.
type Mismatch struct {
	RoomID string
	// Delivery is the callback; its RoomState is the server's.
	Delivery Delivery
	// Owner and Administrators are the mirror's, and RoomState is what they give.
	Owner          Account
	Administrators Accounts
	RoomState      string
}

const (
	// gapTime is what Receive takes at most to read missing callbacks: the sender waits 2 s to 5 s for the answer.
	gapTime = time.Second
	// resetTime bounds a reset that a callback led to. It goes on when the sender has left: a snapshot of many rooms takes
	// longer than a sender waits.
	resetTime = 10 * time.Minute
)

// Receive takes one callback; nil means that it was handed over, now or before. It waits at most 2 s for its turn, takes at most 1 s for what is missing
// before it, and in a reset as long as that takes. It is what Handler.OnAny wants.
func (i *Inbox) Receive(ctx context.Context, d Delivery) error {
	if err := i.check(); err != nil {
		return err
	}
	if d.SDKAppID != i.SDKAppID {
		return fmt.Errorf("callback: the Inbox is that of App %d, the callback of App %d", i.SDKAppID, d.SDKAppID)
	}
	if d.Log == "" || d.Lane == "" || d.Seq < 1 || d.RoomSeq < 1 || d.RoomPrev >= d.RoomSeq {
		return explain("the callback has no numbers of Callboard; an Inbox cannot tell it from a repeat", nil)
	}
	if i.resetting.Load() { // and do not hold a connection meanwhile
		return errResetting
	}
	err := i.accept(ctx, d, false)
	if other := (*otherLogError)(nil); errors.As(err, &other) {
		err = i.meet(ctx, d, other.stored)
	}
	if gap := (*gapError)(nil); errors.As(err, &gap) {
		err = i.bridge(ctx, gap)
	}
	if errors.Is(err, errPast) {
		return nil
	}
	return err
}

// check tells a person which field is not set.
func (i *Inbox) check() error {
	switch {
	case i.SDKAppID == 0:
		return errors.New("callback: set Inbox.SDKAppID")
	case i.DB == nil:
		return errors.New("callback: set Inbox.DB")
	case i.Dialect != PostgreSQL && i.Dialect != SQLite:
		return errors.New("callback: set Inbox.Dialect to PostgreSQL or SQLite")
	case i.OnCallback == nil:
		return errors.New("callback: set Inbox.OnCallback")
	case i.Feed.URL == "" && !i.WithoutSnapshot:
		return errors.New("callback: set Inbox.Feed.URL, or Inbox.WithoutSnapshot to do without the feed")
	}
	return nil
}

// errPast is a callback of a log that is no longer the server's. What it reports is older than the snapshot, so it is a
// repeat of the past.
var errPast = errors.New("callback: the log of the callback is past")

// otherLogError is a callback of another log than the stored one, which is empty at the first contact.
type otherLogError struct{ stored state }

func (e *otherLogError) Error() string {
	return fmt.Sprintf("callback: the callback is of another log than %q, which is stored", e.stored.log)
}

// gapError is a callback before which others of its lane are missing.
type gapError struct {
	ledger *ledger
	d      Delivery
}

func (e *gapError) Error() string {
	return fmt.Sprintf("callbacks of lane %s after %d and before %d are missing here", e.d.Lane, e.ledger.lane.last, e.d.RoomSeq)
}

// explain returns an error whose text the sender is told, so that its operators see the reason.
func explain(info string, cause error) error {
	told := &Error{Info: info}
	if cause == nil {
		return told
	}
	return fmt.Errorf("%w: %w", told, cause)
}

func (i *Inbox) logger() *slog.Logger {
	if i.ErrorLog == nil {
		return slog.Default()
	}
	return i.ErrorLog
}
