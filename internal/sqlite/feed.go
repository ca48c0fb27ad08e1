package sqlite

import (
	"context"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
)

// Bounds implements feed.Log.
func (db *DB) Bounds(ctx context.Context, app live.AppID) (feed.Bounds, error) {
	var b feed.Bounds
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			b = feed.Bounds{Log: s.ColumnText(0), Oldest: s.ColumnInt64(1) + 1, Head: s.ColumnInt64(2), Callback: s.ColumnInt64(3)}
			return nil
		}, `SELECT log, floor_seq, coalesce((SELECT max(seq) FROM log WHERE log.app = apps.app), floor_seq),
			coalesce((SELECT iif(callback, seq, prev) FROM log WHERE log.app = apps.app ORDER BY seq DESC LIMIT 1), floor_prev)
			FROM apps WHERE app = ?`, int64(app))
	})
	if err == nil && b.Log == "" {
		err = fmt.Errorf("the App %d: %w", app, feed.ErrNoLog)
	}
	return b, err
}

// EventsAfter implements feed.Log.
func (db *DB) EventsAfter(ctx context.Context, app live.AppID, after int64, page feed.Page) (events []eventlog.Event, end bool, err error) {
	return db.Read(ctx, app, after, delivery.Page(page))
}

// LaneEventsAfter implements feed.Log.
func (db *DB) LaneEventsAfter(ctx context.Context, app live.AppID, lane eventlog.Lane, after int64, page feed.Page) (events []eventlog.Event, end bool, err error) {
	return db.readToEnd(ctx, delivery.Page(page), `SELECT `+eventColumns+` FROM log INDEXED BY log_lane
		WHERE app = ? AND lane = ? AND seq > ? ORDER BY seq LIMIT ?`, int64(app), string(lane), after)
}

// RoomsAfter implements feed.Log.
func (db *DB) RoomsAfter(ctx context.Context, app live.AppID, after live.RoomID, limit int) ([]feed.Room, error) {
	var rooms []feed.Room
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			doc, err := decodeRoom(s.ColumnRawText(0))
			if err != nil {
				return err
			}
			lane := eventlog.LaneState{Seq: s.ColumnInt64(1), Callback: s.ColumnInt64(2), Time: s.ColumnInt64(3)}
			rooms = append(rooms, feed.Room{Doc: *doc, Lane: lane})
			return nil
		}, `SELECT doc, lane_seq, lane_callback, lane_time FROM rooms WHERE app = ? AND room > ? ORDER BY room LIMIT ?`, int64(app), string(after), limit)
	})
	return rooms, err
}

// LastCallbacks implements feed.Log. Each lane is a read of its own: one that is created or destroyed meanwhile is as it was before
// or as it is after.
func (db *DB) LastCallbacks(ctx context.Context, app live.AppID, lanes []eventlog.Lane) ([]int64, error) {
	last := make([]int64, len(lanes))
	err := db.read(ctx, func(c *conn) error {
		for i, lane := range lanes {
			if err := lastCallback(c, app, lane, &last[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return last, err
}

func lastCallback(c *conn, app live.AppID, lane eventlog.Lane, last *int64) error {
	found := false
	if room, suffix := lane.Room(); suffix == "" {
		err := c.query(func(s *sqlite3.Stmt) error {
			found, *last = true, s.ColumnInt64(0)
			return nil
		}, `SELECT lane_callback FROM rooms WHERE app = ? AND room = ?`, int64(app), room)
		if err != nil || found {
			return err
		}
	}
	return c.query(func(s *sqlite3.Stmt) error {
		*last = s.ColumnInt64(0)
		return nil
	}, `SELECT iif(callback, room_seq, room_prev) FROM log INDEXED BY log_lane WHERE app = ? AND lane = ? ORDER BY seq DESC LIMIT 1`,
		int64(app), string(lane))
}

// Standing implements feed.Log. The row of the reader is read first: what it is done with may be in a held lane, and is looked for
// there afterwards. Counting is in pages, for the same reason as maxPage.
func (db *DB) Standing(ctx context.Context, app live.AppID, reader string, to int64, limit int) (feed.Standing, error) {
	w := waiting{db: db, id: delivery.ReaderID{App: app, Name: reader}, limit: limit}
	err := w.open(ctx)
	for from, last := range w.cursor.Gaps(to) {
		if err == nil {
			err = w.countBetween(ctx, from, last)
		}
	}
	if err == nil {
		err = w.countHeld(ctx)
	}
	if err == nil {
		err = w.readTime(ctx)
	}
	return w.standing, err
}

// waiting counts what a reader has not settled.
type waiting struct {
	db       *DB
	id       delivery.ReaderID
	limit    int
	cursor   eventlog.Cursor
	standing feed.Standing
}

// query runs one statement as a read of its own, and tells how many rows it had.
func (w *waiting) query(ctx context.Context, row func(*sqlite3.Stmt) error, sql string, args ...any) (rows int, err error) {
	err = w.db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			rows++
			return row(s)
		}, sql, args...)
	})
	return rows, err
}

func (w *waiting) open(ctx context.Context) error {
	rows, err := w.query(ctx, func(s *sqlite3.Stmt) (err error) {
		w.cursor, err = eventlog.ParseCursor(s.ColumnInt64(0), s.ColumnText(1))
		w.standing = feed.Standing{Paused: eventlog.Reason(s.ColumnText(2)), Held: s.ColumnInt(3), Dead: s.ColumnInt(4)}
		return err
	}, `SELECT done, beyond, paused, (SELECT count(*) FROM held AS h WHERE h.app = r.app AND h.reader = r.reader),
		(SELECT count(*) FROM dead AS d WHERE d.app = r.app AND d.reader = r.reader)
		FROM readers AS r WHERE app = ? AND reader = ?`, int64(w.id.App), w.id.Name)
	if err == nil && rows == 0 {
		err = fmt.Errorf("reader %q of the App %d: %w", w.id.Name, w.id.App, feed.ErrNoReader)
	}
	return err
}

// countBetween counts events that the cursor is not done with.
func (w *waiting) countBetween(ctx context.Context, from, to int64) error {
	for w.standing.Waiting < w.limit {
		rows, err := w.query(ctx, func(s *sqlite3.Stmt) error {
			from = s.ColumnInt64(0) + 1
			if s.ColumnBool(1) {
				w.standing.Count(from-1, w.limit)
			}
			return nil
		}, `SELECT seq, callback FROM log WHERE app = ? AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`, int64(w.id.App), from, to, maxPage)
		if err != nil || rows < maxPage {
			return err
		}
	}
	return nil
}

// countHeld counts the events in held lanes that the cursor is done with; the others are counted already.
func (w *waiting) countHeld(ctx context.Context) error {
	lane, seq := "", int64(0) // where the page before ended
	for {
		rows, err := w.query(ctx, func(s *sqlite3.Stmt) error {
			if lane, seq = s.ColumnText(0), s.ColumnInt64(1); w.cursor.Has(seq) {
				w.standing.Count(seq, w.limit)
			}
			return nil
		}, `SELECT h.lane, l.seq FROM held AS h CROSS JOIN log AS l INDEXED BY log_lane
			WHERE h.app = ? AND h.reader = ? AND h.lane >= ? AND l.app = h.app AND l.lane = h.lane
			AND l.seq >= iif(h.lane = ?, max(h.next, ?), h.next) AND l.seq <= ? AND l.callback = 1 ORDER BY h.lane, l.seq LIMIT ?`,
			int64(w.id.App), w.id.Name, lane, lane, seq+1, w.cursor.Last(), maxPage)
		if err != nil || rows < maxPage || w.standing.Waiting >= w.limit {
			return err
		}
	}
}

func (w *waiting) readTime(ctx context.Context) error {
	_, err := w.query(ctx, func(s *sqlite3.Stmt) error {
		w.standing.OldestTime = s.ColumnInt64(0)
		return nil
	}, `SELECT time FROM log WHERE app = ? AND seq = ?`, int64(w.id.App), w.standing.Oldest)
	return err
}
