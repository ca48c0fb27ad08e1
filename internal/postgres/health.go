package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrAway is returned while the database does not answer: nobody waits for it.
var ErrAway = errors.New("the database is away; it is tried again until it answers")

// health is what is known about the database.
type health struct {
	doubt chan struct{} // holds one token when the database is to be looked at

	mu     sync.Mutex
	away   error     // why the database may not be used; nil while it may
	worked time.Time // when it did what it was asked for last
}

// usable returns nil when the database may be used.
func (h *health) usable() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrAway, h.away)
}

func (h *health) set(away error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away = away; away == nil {
		h.worked = time.Now()
	}
}

// silence is how long it is since the database did what it was asked for.
func (h *health) silence() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Since(h.worked)
}

// noteWorked is told of whatever worked.
func (h *health) noteWorked() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.worked = time.Now()
}

// suspect has the database looked at: one connection that was cut says little about the others.
func (h *health) suspect() {
	select {
	case h.doubt <- struct{}{}:
	default:
	}
}

const (
	nextTry = 500 * time.Millisecond
	// trusted is how long a database that was not asked for anything counts as there.
	trusted = 5 * time.Second
)

// Ready returns nil when the store can be used, else why not. When nothing has asked the database for a while it is looked at, and the
// next call tells.
func (db *DB) Ready() error {
	if db.health.silence() > trusted {
		db.health.suspect()
	}
	return db.health.usable()
}

// watch is the goroutine that finds out whether the database is away, and when it is back: when a row can be written.
func (db *DB) watch() {
	for {
		select {
		case <-db.stop:
			return
		case <-db.health.doubt:
		}
		err := db.probe()
		var answer *pgconn.PgError
		if errors.As(err, &answer) {
			err = db.probe() // there is a server: whatever cut the connection may have cut this one too
		}
		if err == nil {
			db.health.noteWorked()
			continue
		}
		db.log.Warn("the database is away; it is tried twice a second until it is back", "error", err)
		for ; err != nil; err = db.probe() {
			db.health.set(err)
			select {
			case <-db.stop:
				return
			case <-time.After(nextTry):
			}
		}
		db.pool.Reset() // what is left of before may lead to a server that is a standby now
		db.health.set(nil)
		db.log.Info("the database is back")
	}
}

// probe writes a row, by a connection of its own: those of the pool may all be busy, or lead to what is no more.
func (db *DB) probe() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
	defer cancel()
	c, err := pgx.ConnectConfig(ctx, db.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }()
	_, err = c.Exec(ctx, `UPDATE probe SET at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint WHERE id = 1`)
	return err
}
