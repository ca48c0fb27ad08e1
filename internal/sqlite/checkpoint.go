package sqlite

import (
	"time"

	"github.com/ncruces/go-sqlite3"
)

// The WAL is kept short in two steps. A passive checkpoint runs on a connection of its own while commits go on; it can
// never finish under load, because commits append behind it. So when the WAL is longer than stallPages, the writer is
// held up for the rest of one, which the passive ones have left small, and the next commit starts the WAL anew. Beyond
// mustPages the writer is held up however much the rest is. That checkpoint also waits for readers that still need the
// WAL: pages are short, and whoever begins to read after it is done reads the database alone.
const (
	checkpointPages = 1000 // 4 MiB of 4 KiB pages
	stallPages      = 6000 // 24 MiB
	mustPages       = 9000 // 36 MiB
)

// grown is told the length of the WAL after a commit.
func (db *DB) grown(pages int) {
	if pages < checkpointPages {
		return
	}
	select {
	case db.checkpoint <- struct{}{}:
	default:
	}
}

// keepWALShort is the goroutine that makes the checkpoints.
func (db *DB) keepWALShort() {
	for {
		select {
		case <-db.stop:
			return
		case <-db.checkpoint:
		}
		db.passive()
		// Commits come by the thousand a second, each with a token: pages that are written again and again are
		// moved once a round.
		select {
		case <-db.stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (db *DB) passive() {
	c, err := db.acquire()
	if err != nil {
		return // away: opening it anew makes a checkpoint
	}
	defer db.release()
	length, done, err := c.checkpoint.moveWAL(sqlite3.CHECKPOINT_PASSIVE)
	if err != nil {
		db.log.Warn("checkpoint", "error", err)
		return
	}
	if length < stallPages || length < mustPages && length-done > stallPages/2 {
		return
	}
	db.startWALAnew(c)
}

// startWALAnew holds up the writer. Whoever has it needs nothing that the caller holds, and readers never wait for it.
func (db *DB) startWALAnew(c *conns) {
	db.writer.Lock()
	defer db.writer.Unlock()
	if _, _, err := c.checkpoint.moveWAL(sqlite3.CHECKPOINT_RESTART); err != nil {
		db.log.Warn("checkpoint", "error", err)
	}
}
