package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// ErrAway is returned while the database does not answer: nobody waits for it.
var ErrAway = errors.New("the database is away; it is tried again until it answers")

// health is what is known about the database.
type health struct {
	doubt chan struct{} // holds one token when something went wrong that the database may be the reason of

	mu   sync.Mutex
	away error // why the database may not be used; nil while it may
}

// ready returns nil when the database may be used.
func (h *health) ready() error {
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
	h.away = away
}

// suspect has the database looked at: one connection that was cut says little about the others.
func (h *health) suspect() {
	select {
	case h.doubt <- struct{}{}:
	default:
	}
}

const nextTry = 500 * time.Millisecond

// watch is the goroutine that finds out whether the database is away, and when it is back: when a row can be written.
func (db *DB) watch() {
	for {
		select {
		case <-db.stop:
			return
		case <-db.health.doubt:
		}
		err := db.probe()
		if err == nil {
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
		db.health.set(nil)
		db.log.Info("the database is back")
	}
}

// probe writes a row. A connection that was idle while the database was away is found and closed by it; the pool has others.
func (db *DB) probe() error {
	var err error
	for range standardConns {
		ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
		_, err = db.pool.Exec(ctx, `UPDATE probe SET at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint WHERE id = 1`)
		cancel()
		var refused *pgconn.ConnectError
		if err == nil || errors.As(err, &refused) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
	return err
}
