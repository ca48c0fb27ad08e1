package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrAway is returned while the database does not answer: nobody waits for it.
var ErrAway = errors.New("the database is away; it is tried again until it answers")

// health is what is known about the database.
type health struct {
	broken chan struct{} // holds one token when there is something to find out

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

// fail notes that something went wrong; it tells whether that is news.
func (h *health) fail(err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	news := h.away == nil
	h.away = err
	select {
	case h.broken <- struct{}{}:
	default:
	}
	return news
}

func (h *health) mend() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away = nil
}

const (
	firstTry = 10 * time.Millisecond // a connection that was cut says little about the others
	nextTry  = 500 * time.Millisecond
)

// keepOpen is the goroutine that finds out when a database which was away is back: when a row can be written.
func (db *DB) keepOpen() {
	for {
		select {
		case <-db.stop:
			return
		case <-db.health.broken:
		}
		for pause := firstTry; db.health.ready() != nil; pause = nextTry {
			select {
			case <-db.stop:
				return
			case <-time.After(pause):
			}
			if err := db.probe(); err != nil {
				db.health.fail(err)
				continue
			}
			db.health.mend()
			db.log.Info("the database is back")
		}
	}
}

// probe writes a row. Connections that are broken are found and closed by it, one after the other.
func (db *DB) probe() error {
	ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
	defer cancel()
	_, err := db.pool.Exec(ctx, `UPDATE probe SET at = (extract(epoch FROM clock_timestamp()) * 1000)::bigint WHERE id = 1`)
	return err
}
