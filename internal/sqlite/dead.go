package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/live"
)

// ForgetDead implements delivery.Retention. Redeliveries that were finished before the same time go too, with their attempts.
func (db *DB) ForgetDead(ctx context.Context, before time.Time, keep, limit int) (aged, beyond int, err error) {
	full, err := db.readersBeyond(ctx, keep)
	if err != nil {
		return 0, 0, err
	}
	t, err := db.beginUnsynced(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer t.Rollback()
	n, err := t.c.exec(`DELETE FROM dead WHERE (app, reader, seq) IN
		(SELECT app, reader, seq FROM dead INDEXED BY dead_at WHERE at < ? ORDER BY at LIMIT ?)`, before.UnixMilli(), limit)
	if err != nil {
		return 0, 0, fmt.Errorf("forget dead letters by age: %w", err)
	}
	aged = int(n)
	for i := 0; i < len(full) && beyond < limit; i++ {
		n, err := forgetBeyond(t.c, full[i], keep, limit-beyond)
		if err != nil {
			return 0, 0, fmt.Errorf("forget dead letters of %s of the App %d: %w", full[i].Name, full[i].App, err)
		}
		beyond += n
	}
	if err := forgetRedeliveries(t.c, before.UnixMilli(), limit); err != nil {
		return 0, 0, fmt.Errorf("forget redeliveries: %w", err)
	}
	if err := t.commit(); err != nil {
		return 0, 0, err
	}
	return aged, beyond, nil
}

// readersBeyond returns the readers that had more dead letters than are kept. The writer does not wait for it.
func (db *DB) readersBeyond(ctx context.Context, keep int) ([]delivery.ReaderID, error) {
	var full []delivery.ReaderID
	var last delivery.ReaderID
	for over := false; !over; {
		err := db.read(ctx, func(c *conn) error {
			for i := 0; i < pageOfApps && !over; i++ {
				over = true
				err := c.query(func(s *sqlite3.Stmt) error {
					over, last = false, delivery.ReaderID{App: live.AppID(s.ColumnInt64(0)), Name: s.ColumnText(1)}
					return nil
				}, `SELECT app, reader FROM dead INDEXED BY dead_reader WHERE (app, reader) > (?, ?) ORDER BY app, reader LIMIT 1`, int64(last.App), last.Name)
				if err != nil || over {
					return err
				}
				err = c.query(func(*sqlite3.Stmt) error {
					full = append(full, last)
					return nil
				}, `SELECT 1 FROM dead INDEXED BY dead_reader WHERE app = ? AND reader = ? LIMIT 1 OFFSET ?`, int64(last.App), last.Name, keep)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return full, nil
}

// forgetBeyond removes the oldest dead letters of a reader that has more than are kept.
func forgetBeyond(c *conn, id delivery.ReaderID, keep, limit int) (int, error) {
	beyond := 0
	err := c.query(func(s *sqlite3.Stmt) error {
		beyond = s.ColumnInt(0) - keep
		return nil
	}, `SELECT count(*) FROM dead INDEXED BY dead_reader WHERE app = ? AND reader = ?`, int64(id.App), id.Name)
	if err != nil || beyond <= 0 {
		return 0, err
	}
	n, err := c.exec(`DELETE FROM dead WHERE (app, reader, seq) IN
		(SELECT app, reader, seq FROM dead INDEXED BY dead_reader WHERE app = ? AND reader = ? ORDER BY seq LIMIT ?)`, int64(id.App), id.Name, min(beyond, limit))
	return int(n), err
}

// forgetRedeliveries removes finished redeliveries and their attempts, at most about limit rows: those of dead letters that
// the log forgot long ago are not reached by Forget.
func forgetRedeliveries(c *conn, before int64, limit int) error {
	for left := limit; left > 0; {
		var app, last int64
		reader, more := "", false
		err := c.query(func(s *sqlite3.Stmt) error {
			app, reader = s.ColumnInt64(0), s.ColumnText(1)
			return nil
		}, `SELECT app, reader FROM redeliveries WHERE finished_at > 0 AND finished_at < ? ORDER BY finished_at LIMIT 1`, before)
		if err != nil || reader == "" {
			return err
		}
		err = c.query(func(s *sqlite3.Stmt) error {
			more, last = true, s.ColumnInt64(0)
			return nil
		}, `SELECT seq FROM attempts WHERE app = ? AND reader = ? ORDER BY seq LIMIT 1 OFFSET ?`, app, reader, left)
		if err != nil {
			return err
		}
		if more {
			_, err := c.exec(`DELETE FROM attempts WHERE app = ? AND reader = ? AND seq <= ?`, app, reader, last)
			return err
		}
		n, err := c.exec(`DELETE FROM attempts WHERE app = ? AND reader = ?`, app, reader)
		if err != nil {
			return err
		}
		if _, err := c.exec(`DELETE FROM redeliveries WHERE app = ? AND reader = ?`, app, reader); err != nil {
			return err
		}
		left -= int(n) + 1
	}
	return nil
}
