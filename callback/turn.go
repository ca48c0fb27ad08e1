package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// lockTime is how long a transaction waits at most for its turn: for a connection, and for the App's row. It is just below what any
// sender waits, 2 s, so that the sender hears why, and not shorter: in SQLite all callbacks that arrive at once stand in one line. A
// reset waits longer: for the callbacks that are under way.
const lockTime, resetLockTime = 1800 * time.Millisecond, 10 * time.Second

var (
	// errResetting is what a callback hears while a snapshot is read, here or in another replica.
	errResetting = explain("the App backend is reading a snapshot", nil)
	// errBusy is what it hears when it has waited for its turn in vain. In SQLite that may be because of a snapshot, too.
	errBusy = explain("the database of the App backend is busy, or another process of it is reading a snapshot", nil)
)

// notNow tells that an error is about the moment, and not about a callback: whatever comes next would fail the same way.
func notNow(err error) bool { return errors.Is(err, errResetting) || errors.Is(err, errBusy) }

// turn is how a transaction begins: it reads the App's row and locks it.
type turn struct {
	lock func(context.Context, *sql.Tx) (state, error)
	wait time.Duration // at most
}

// shared is the turn of a callback.
func (i *Inbox) shared() turn { return turn{i.enter, lockTime} }

// transact runs do in a transaction and commits it unless do fails.
func (i *Inbox) transact(ctx context.Context, t turn, do func(*sql.Tx, state) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	patience := time.AfterFunc(t.wait, cancel) // no deadline: when its turn has come, the transaction may take longer
	tx, s, err := i.open(ctx, t)
	if err == nil {
		defer tx.Rollback()
	}
	switch {
	case !patience.Stop():
		return errBusy
	case err != nil:
		return err
	}
	if err := do(tx, s); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("callback: commit: %w", err)
	}
	return nil
}

func (i *Inbox) open(ctx context.Context, t turn) (*sql.Tx, state, error) {
	tx, err := i.DB.BeginTx(ctx, i.Dialect.options())
	if err != nil {
		return nil, state{}, fmt.Errorf("callback: begin: %w", err)
	}
	s, err := t.lock(ctx, tx)
	if err != nil {
		_ = tx.Rollback() // the error says why
		return nil, state{}, err
	}
	return tx, s, nil
}

// enter keeps resets away until the transaction ends. It does not wait for one that is under way: that may take minutes, and
// every callback that waited would have a connection in hand. Without a feed nothing takes long.
func (i *Inbox) enter(ctx context.Context, tx *sql.Tx) (state, error) {
	if i.Dialect == SQLite || i.Feed.URL == "" {
		return i.lockState(ctx, tx, i.Dialect.share())
	}
	s, err := i.lockState(ctx, tx, passBy, lineKey(i.SDKAppID))
	if err != nil || s.exists {
		return s, err
	}
	if s, err = i.lockState(ctx, tx, selectInbox); err == nil && s.exists { // it is there, and not to be had
		err = errResetting
	}
	return s, err
}

// alone is the turn of a reset. PostgreSQL makes the App's row before it: one that is not committed yet can neither be seen
// nor passed by.
func (i *Inbox) alone(ctx context.Context) (turn, error) {
	if i.Dialect == SQLite {
		return turn{i.ownOrMake, resetLockTime}, nil
	}
	return turn{i.own, resetLockTime}, i.makeState(ctx, i.DB)
}

// own begins a reset: it is the only one, and no callback is under way.
func (i *Inbox) own(ctx context.Context, tx *sql.Tx) (state, error) {
	first := false
	if err := tx.QueryRowContext(ctx, tryAlone, aloneKey(i.SDKAppID)).Scan(&first); err != nil {
		return state{}, fmt.Errorf("callback: lock the App: %w", err)
	}
	if !first {
		return state{}, errResetting
	}
	if _, err := tx.ExecContext(ctx, standInLine, lineKey(i.SDKAppID)); err != nil {
		return state{}, fmt.Errorf("callback: wait for callbacks: %w", err)
	}
	return i.lockState(ctx, tx, i.Dialect.exclusive())
}

// ownOrMake makes the App's row, if need be, and locks it against every other transaction.
func (i *Inbox) ownOrMake(ctx context.Context, tx *sql.Tx) (state, error) {
	if err := i.makeState(ctx, tx); err != nil {
		return state{}, err
	}
	return i.lockState(ctx, tx, i.Dialect.exclusive())
}

// executor is a database or a transaction.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func (i *Inbox) makeState(ctx context.Context, db executor) error {
	_, err := db.ExecContext(ctx, `INSERT INTO callboard_inbox (app, log, position, exact, past) VALUES ($1, '', 0, 0, '')
		ON CONFLICT (app) DO NOTHING`, int64(i.SDKAppID))
	if err != nil {
		return fmt.Errorf("callback: write callboard_inbox; was callback.Schema run? %w", err)
	}
	return nil
}
