package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// again is the time between two tries to mend the store.
const again = time.Second

// fail is told of a COMMIT whose outcome is unknown: nothing uses the connections again until they are replaced.
func (db *DB) fail(err error) {
	db.health.setAway(err)
	db.apps.clear()
	db.rooms.clear()
	db.wakeKeeper()
}

// wrote is told of the end of a write by whoever holds writer; err is nil if it worked.
func (db *DB) wrote(err error) {
	if !db.health.wrote(err) {
		return
	}
	if err == nil {
		db.log.Info("the database can be written again")
		return
	}
	db.log.Error("the database cannot be written; the next try is in a second at the latest", "error", err)
	db.wakeKeeper()
}

func (db *DB) wakeKeeper() {
	select {
	case db.broken <- struct{}{}:
	default:
	}
}

// keepOpen is the goroutine that makes the store ready again after a failure.
func (db *DB) keepOpen() {
	for {
		select {
		case <-db.stop:
			return
		case <-db.broken:
		}
		// After a failed write another one at once would tell nothing new, and nobody would see that it failed.
		if db.health.usable() == nil && !db.pause() {
			return
		}
		for !db.mend() {
			if !db.pause() {
				return
			}
		}
	}
}

// pause waits for the next try; false: the store is being closed.
func (db *DB) pause() bool {
	select {
	case <-db.stop:
		return false
	case <-time.After(again):
		return true
	}
}

// mend tells whether the store is ready now.
func (db *DB) mend() bool {
	if db.health.usable() != nil {
		return db.reopen()
	}
	return db.Ready() == nil || db.probe()
}

// reopen replaces the connections.
func (db *DB) reopen() bool {
	db.use.Lock()
	defer db.use.Unlock()
	if db.conns != nil {
		db.conns.close()
		db.conns = nil
	}
	c, err := db.openConns()
	if err == nil {
		if err = c.prove(); err != nil {
			c.close()
		}
	}
	if err != nil {
		db.health.setAway(err)
		db.log.Error("the database cannot be used yet; the next try is in a second", "error", err)
		return false
	}
	db.conns = c
	db.health.setOpen()
	db.log.Info("the database is open again")
	return true
}

// prove makes sure that what the file says is on the disk and that more can be written: the whole WAL is moved into the
// database and synced, then a row is written and committed.
func (c *conns) prove() error {
	if _, _, err := c.write.moveWAL(sqlite3.CHECKPOINT_TRUNCATE); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return c.write.writeProbe()
}

// probe writes and commits one row. The transaction itself notes how it ended.
func (db *DB) probe() bool {
	t, err := db.begin(context.Background())
	if err != nil {
		return false
	}
	defer t.Rollback()
	return t.c.writeProbe() == nil && t.commit() == nil
}

func (c *conn) writeProbe() error {
	_, err := c.exec(`INSERT INTO probe (id, at) VALUES (1, ?) ON CONFLICT DO UPDATE SET at = excluded.at`, time.Now().UnixMilli())
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}
