package sqlite

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Redeliver implements delivery.Log.
func (db *DB) Redeliver(ctx context.Context, app live.AppID, r delivery.Redelivery) (delivery.ReaderID, error) {
	id := delivery.ReaderID{App: app}
	t, err := db.begin(ctx)
	if err != nil {
		return id, err
	}
	defer t.Rollback()
	name, err := newRedelivery(t.c, app, &r)
	if err != nil {
		return id, fmt.Errorf("store a redelivery of the App %d: %w", app, err)
	}
	id.Name = name
	return id, t.commit()
}

func newRedelivery(c *conn, app live.AppID, r *delivery.Redelivery) (name string, err error) {
	err = c.query(func(s *sqlite3.Stmt) error {
		name = fmt.Sprintf("%s%d", delivery.RedeliveryPrefix, s.ColumnInt64(0))
		return nil
	}, `UPDATE apps SET redeliveries = redeliveries + 1 WHERE app = ? RETURNING redeliveries`, int64(app))
	if err != nil {
		return "", err
	}
	if name == "" {
		return "", fmt.Errorf("there is no App %d", app)
	}
	if err := hasReader(c, app, r.Of()); err != nil {
		return "", err
	}
	open := 0
	err = c.query(func(*sqlite3.Stmt) error {
		open++
		return nil
	}, `SELECT 1 FROM readers WHERE app = ? AND reader >= 'redelivery-' AND reader < 'redelivery.' LIMIT ?`, int64(app), delivery.MaxRedeliveries)
	if err != nil {
		return "", err
	}
	if open == delivery.MaxRedeliveries {
		return "", delivery.ErrTooMany
	}
	last, err := lastNumbers(c, app)
	if err != nil {
		return "", err
	}
	_, err = c.exec(`INSERT INTO redeliveries (app, reader, of, "from", "to", lane, dead_only, "by", at, finished_at, fence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)`,
		int64(app), name, r.Of(), r.From, min(r.To, last.seq), string(r.Lane), r.DeadOnly, r.By, r.At.UnixMilli())
	if err != nil {
		return "", err
	}
	_, err = c.exec(`INSERT INTO readers (app, reader, fence, done, beyond) VALUES (?, ?, 0, ?, '')`, int64(app), name, r.From-1)
	return name, err
}

// hasReader fails with delivery.ErrNoReader when there is no such reader.
func hasReader(c *conn, app live.AppID, reader string) error {
	found := false
	err := c.query(func(*sqlite3.Stmt) error {
		found = true
		return nil
	}, `SELECT 1 FROM readers WHERE app = ? AND reader = ?`, int64(app), reader)
	if err == nil && !found {
		err = fmt.Errorf("reader %q: %w", reader, delivery.ErrNoReader)
	}
	return err
}

// redelivery returns nil when the reader is none.
func redelivery(c *conn, id delivery.ReaderID) (r *delivery.Redelivery, err error) {
	err = c.query(func(s *sqlite3.Stmt) error {
		found := scanRedelivery(s)
		r = &found
		return nil
	}, `SELECT `+redeliveryColumns+` FROM redeliveries WHERE app = ? AND reader = ?`, int64(id.App), id.Name)
	return r, err
}

const redeliveryColumns = `"from", "to", lane, dead_only, "by", at, of`

func scanRedelivery(s *sqlite3.Stmt) delivery.Redelivery {
	return delivery.Redelivery{
		From: s.ColumnInt64(0), To: s.ColumnInt64(1), Lane: eventlog.Lane(s.ColumnText(2)), DeadOnly: s.ColumnBool(3),
		By: s.ColumnText(4), At: time.UnixMilli(s.ColumnInt64(5)), Reader: s.ColumnText(6),
	}
}

// finish ends the redelivery of a settlement whose cursor was stored.
func finish(c *conn, s *delivery.Settlement) error {
	return endRedelivery(c, int64(s.Reader.App), s.Reader.Name, s.Fence)
}

// endRedelivery keeps a redelivery as a history; fence is that of who finished it, 0 when nobody may settle it again.
func endRedelivery(c *conn, app int64, reader string, fence int64) error {
	n, err := c.exec(`UPDATE redeliveries SET finished_at = ?, fence = ? WHERE app = ? AND reader = ?`, time.Now().UnixMilli(), fence, app, reader)
	if err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("the reader %q is no redelivery and cannot be finished", reader)
	}
	return removeReader(c, app, reader)
}

// finished tells whether this very settlement has finished its redelivery before.
func finished(c *conn, s *delivery.Settlement) (found bool, err error) {
	if !s.Finished {
		return false, nil
	}
	err = c.query(func(*sqlite3.Stmt) error {
		found = true
		return nil
	}, `SELECT 1 FROM redeliveries WHERE app = ? AND reader = ? AND fence = ? AND finished_at > 0`,
		int64(s.Reader.App), s.Reader.Name, s.Fence)
	return found, err
}

// The log forgets from its beginning, so what only dead letters have is below it.
const (
	againDead = `SELECT ` + eventColumns + ` FROM dead WHERE app = ? AND reader = ? AND seq BETWEEN ? AND ? AND callback = 1`
	belowLog  = ` AND seq < coalesce((SELECT min(seq) FROM log WHERE log.app = dead.app), ?)`
	inOrder   = ` ORDER BY seq LIMIT ?`
)

// ReadAgain implements delivery.Log.
func (db *DB) ReadAgain(ctx context.Context, app live.AppID, r delivery.Redelivery, page delivery.Page) ([]eventlog.Event, error) {
	id, of, lane := int64(app), r.Of(), string(r.Lane)
	switch {
	case r.DeadOnly && lane == "":
		return db.readEvents(ctx, page, againDead+inOrder, id, of, r.From, r.To)
	case r.DeadOnly:
		return db.readEvents(ctx, page, againDead+` AND lane = ?`+inOrder, id, of, r.From, r.To, lane)
	case lane == "":
		return db.readEvents(ctx, page, againDead+belowLog+` UNION ALL SELECT `+eventColumns+` FROM log
			WHERE app = ? AND seq BETWEEN ? AND ? AND callback = 1`+inOrder,
			id, of, r.From, r.To, int64(math.MaxInt64), id, r.From, r.To)
	}
	return db.readEvents(ctx, page, againDead+belowLog+` AND lane = ? UNION ALL SELECT `+eventColumns+` FROM log INDEXED BY log_lane
		WHERE app = ? AND lane = ? AND seq BETWEEN ? AND ? AND callback = 1`+inOrder,
		id, of, r.From, r.To, int64(math.MaxInt64), lane, id, lane, r.From, r.To)
}
