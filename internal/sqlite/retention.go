package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/live"
)

// Aged implements delivery.Retention. Every look into the log is a read of its own.
func (db *DB) Aged(ctx context.Context, before time.Time, yield func(app live.AppID, to int64) error) error {
	var last int64
	for {
		var aged []int64
		looked := 0
		err := db.read(ctx, func(c *conn) error {
			return c.query(func(s *sqlite3.Stmt) error {
				looked++
				if last = s.ColumnInt64(0); s.ColumnInt64(1) < before.UnixMilli() {
					aged = append(aged, last)
				}
				return nil
			}, `SELECT app, coalesce((SELECT time FROM log WHERE log.app = apps.app ORDER BY seq LIMIT 1), ?)
				FROM apps WHERE app > ? ORDER BY app LIMIT ?`, int64(math.MaxInt64), last, pageOfApps)
		})
		if err != nil {
			return err
		}
		for _, app := range aged {
			var to int64
			err := db.read(ctx, func(c *conn) (err error) {
				to, err = lastBefore(c, app, before.UnixMilli())
				return err
			})
			if err != nil {
				return err
			}
			if to == 0 { // forgotten meanwhile
				continue
			}
			if err := yield(live.AppID(app), to); err != nil {
				return err
			}
		}
		if looked < pageOfApps {
			return nil
		}
	}
}

// lastBefore returns the number of an event from before a time (milliseconds) which is the log's last or is followed by one
// that is not; 0 when there is none.
func lastBefore(c *conn, app, before int64) (int64, error) {
	var first, last int64
	err := c.query(func(s *sqlite3.Stmt) error {
		first, last = s.ColumnInt64(0), s.ColumnInt64(1)
		return nil
	}, `SELECT (SELECT min(seq) FROM log WHERE app = ?), (SELECT max(seq) FROM log WHERE app = ?)`, app, app)
	if err != nil || first == 0 {
		return 0, err
	}
	from, to := first-1, last // from is before the time or before the log, and what follows to is not before the time
	for from < to && err == nil {
		middle := from + (to-from+1)/2
		old := true // as what was forgotten meanwhile
		err = c.query(func(s *sqlite3.Stmt) error {
			old = s.ColumnInt64(0) < before
			return nil
		}, `SELECT time FROM log WHERE app = ? AND seq = ?`, app, middle)
		if old {
			from = middle
		} else {
			to = middle - 1
		}
	}
	if from < first {
		return 0, err
	}
	return from, err
}

// Forget implements delivery.Retention.
func (db *DB) Forget(ctx context.Context, app live.AppID, to int64, limit int) (int, error) {
	t, err := db.beginUnsynced(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Rollback()
	last, err := forgettable(t.c, int64(app), to, limit)
	if err != nil || last == 0 {
		return 0, err
	}
	n, err := forget(t.c, int64(app), last)
	if err != nil {
		return 0, fmt.Errorf("forget events of the App %d: %w", app, err)
	}
	if err := t.commit(); err != nil {
		return 0, err
	}
	return n, nil
}

// forgettable returns the last number that is there and may go, 0 when none may. A held lane needs its events from next on
// though the cursor is done with them. A redelivery of dead letters needs none.
func forgettable(c *conn, app, to int64, limit int) (last int64, err error) {
	err = c.query(func(s *sqlite3.Stmt) error {
		first, head, done, next := s.ColumnInt64(0), s.ColumnInt64(1), s.ColumnInt64(2), s.ColumnInt64(3)
		last = min(to, head, done, next-1, first-1+int64(limit))
		if first == 0 || last < first {
			last = 0
		}
		return nil
	}, `SELECT (SELECT min(seq) FROM log WHERE app = ?), (SELECT max(seq) FROM log WHERE app = ?),
		(SELECT min(done) FROM readers AS r WHERE app = ?`+needsLog+`),
		coalesce((SELECT min(next) FROM held AS r WHERE app = ?`+needsLog+`), ?)`,
		app, app, app, app, int64(math.MaxInt64))
	if err != nil {
		return 0, fmt.Errorf("read what readers need: %w", err)
	}
	return last, nil
}

const needsLog = ` AND NOT EXISTS (SELECT 1 FROM redeliveries AS d WHERE d.app = r.app AND d.reader = r.reader AND d.dead_only)`

// forget removes what the log has up to a number.
func forget(c *conn, app, last int64) (int, error) {
	if err := raiseFloors(c, app, last); err != nil {
		return 0, err
	}
	if err := forgetAttempts(c, app, last); err != nil {
		return 0, err
	}
	if _, err := c.exec(`DELETE FROM skips WHERE app = ? AND seq <= ?`, app, last); err != nil {
		return 0, err
	}
	n, err := c.exec(`DELETE FROM log WHERE app = ? AND seq <= ?`, app, last)
	return int(n), err
}

func raiseFloors(c *conn, app, last int64) error {
	_, err := c.exec(`UPDATE apps SET floor_seq = l.seq, floor_prev = iif(l.callback, l.seq, l.prev),
		floor_room_seq = max(floor_room_seq, (SELECT max(room_seq) FROM log WHERE log.app = apps.app AND log.seq <= l.seq))
		FROM (SELECT seq, prev, callback FROM log WHERE app = ? AND seq = ?) AS l WHERE apps.app = ?`, app, last, app)
	return err
}

// forgetAttempts goes from reader to reader of those that have attempts: a redelivery's stay when it is finished.
func forgetAttempts(c *conn, app, last int64) error {
	reader := ""
	for {
		found := false
		err := c.query(func(s *sqlite3.Stmt) error {
			if found = s.ColumnType(0) != sqlite3.NULL; found {
				reader = s.ColumnText(0)
			}
			return nil
		}, `SELECT min(reader) FROM attempts WHERE app = ? AND reader > ?`, app, reader)
		if err != nil || !found {
			return err
		}
		if _, err := c.exec(`DELETE FROM attempts WHERE app = ? AND reader = ? AND seq <= ?`, app, reader, last); err != nil {
			return err
		}
	}
}
