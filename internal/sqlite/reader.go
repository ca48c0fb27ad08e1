package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// pageOfApps is how many Apps or readers are looked at in one read transaction, for the same reason as maxPage.
const pageOfApps = 1000

// standing is where a reader stands.
type standing struct {
	id         delivery.ReaderID
	done, head int64
	held       bool // whether there are held lanes
	paused     bool
}

// busy tells whether there is something to do. A redelivery has to be finished, whatever its cursor says.
func (s *standing) busy() bool {
	return s.done < s.head || s.held || s.id.IsRedelivery()
}

// eachBusy calls fn with pages of the readers that have something to do, outside of any transaction.
func (db *DB) eachBusy(ctx context.Context, fn func([]standing) error) error {
	var last delivery.ReaderID
	for {
		var busy []standing
		looked := 0
		err := db.read(ctx, func(c *conn) error {
			return c.query(func(row *sqlite3.Stmt) error {
				looked++
				s := standing{
					id:   delivery.ReaderID{App: live.AppID(row.ColumnInt64(0)), Name: row.ColumnText(1)},
					done: row.ColumnInt64(2), paused: row.ColumnBool(3), head: row.ColumnInt64(4), held: row.ColumnBool(5),
				}
				last = s.id
				if s.busy() {
					busy = append(busy, s)
				}
				return nil
			}, `SELECT r.app, r.reader, r.done, r.paused <> '',
				coalesce((SELECT max(seq) FROM log WHERE log.app = r.app), (SELECT floor_seq FROM apps WHERE apps.app = r.app)),
				EXISTS (SELECT 1 FROM held WHERE held.app = r.app AND held.reader = r.reader)
				FROM readers r WHERE (r.app, r.reader) > (?, ?) ORDER BY r.app, r.reader LIMIT ?`,
				int64(last.App), last.Name, pageOfApps)
		})
		if err != nil {
			return err
		}
		if err := fn(busy); err != nil || looked < pageOfApps {
			return err
		}
	}
}

// Pending implements delivery.Log.
func (db *DB) Pending(ctx context.Context, yield func(delivery.ReaderID) error) error {
	return db.eachBusy(ctx, func(busy []standing) error {
		for i := range busy {
			if err := yield(busy[i].id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Backlogs implements delivery.Backlogs.
func (db *DB) Backlogs(ctx context.Context, yield func(delivery.Backlog) error) error {
	return db.eachBusy(ctx, func(busy []standing) error {
		backlogs := make([]delivery.Backlog, len(busy))
		err := db.read(ctx, func(c *conn) (err error) {
			for i := 0; i < len(busy) && err == nil; i++ {
				backlogs[i], err = backlog(c, &busy[i])
			}
			return err
		})
		if err != nil {
			return err
		}
		for i := range backlogs {
			if err := yield(backlogs[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func backlog(c *conn, s *standing) (delivery.Backlog, error) {
	b := delivery.Backlog{Reader: s.id, Oldest: s.done + 1, Head: s.head, Paused: s.paused}
	app := int64(s.id.App)
	if s.held {
		err := c.query(func(row *sqlite3.Stmt) error {
			if b.Held = row.ColumnInt(0); b.Held > 0 {
				b.Oldest = min(b.Oldest, row.ColumnInt64(1))
			}
			return nil
		}, `SELECT count(*), min(next) FROM held WHERE app = ? AND reader = ?`, app, s.id.Name)
		if err != nil {
			return b, err
		}
	}
	// The row itself may be forgotten when a redelivery asks for it.
	err := c.query(func(row *sqlite3.Stmt) error {
		b.Since = time.UnixMilli(row.ColumnInt64(0))
		return nil
	}, `SELECT time FROM log WHERE app = ? AND seq >= ? ORDER BY seq LIMIT 1`, app, b.Oldest)
	return b, err
}

// Open implements delivery.Log. It is committed without a sync of its own: after a loss of power nobody is there to be fenced off.
func (db *DB) Open(ctx context.Context, id delivery.ReaderID) (delivery.Position, error) {
	var p delivery.Position
	t, err := db.beginUnsynced(ctx)
	if err != nil {
		return p, err
	}
	defer t.Rollback()
	n, err := t.c.exec(`UPDATE readers SET fence = fence + 1 WHERE app = ? AND reader = ?`, int64(id.App), id.Name)
	if err != nil {
		return p, fmt.Errorf("fence the reader: %w", err)
	}
	if n == 0 {
		return p, fmt.Errorf("reader %q of the App %d: %w", id.Name, id.App, delivery.ErrNoReader)
	}
	if p, err = position(t.c, id); err != nil {
		return p, err
	}
	return p, t.commit()
}

func position(c *conn, id delivery.ReaderID) (p delivery.Position, err error) {
	app := int64(id.App)
	err = c.query(func(s *sqlite3.Stmt) (err error) {
		p.Fence, p.Log = s.ColumnInt64(0), s.ColumnText(1)
		p.Paused, p.Skips = eventlog.Reason(s.ColumnText(4)), s.ColumnBool(5)
		p.Cursor, err = eventlog.ParseCursor(s.ColumnInt64(2), s.ColumnText(3))
		return err
	}, `SELECT r.fence, a.log, r.done, r.beyond, r.paused, EXISTS (SELECT 1 FROM skips s WHERE s.app = r.app AND s.reader = r.reader)
		FROM readers r JOIN apps a ON a.app = r.app WHERE r.app = ? AND r.reader = ?`, app, id.Name)
	if err != nil {
		return p, fmt.Errorf("read the cursor: %w", err)
	}
	err = c.query(func(s *sqlite3.Stmt) error {
		p.Held = append(p.Held, scanHeld(s))
		return nil
	}, `SELECT `+heldColumns+` FROM held WHERE app = ? AND reader = ?`, app, id.Name)
	if err != nil {
		return p, fmt.Errorf("read held lanes: %w", err)
	}
	if id.IsRedelivery() {
		if p.Redelivery, err = redelivery(c, id); err != nil {
			return p, fmt.Errorf("read the redelivery: %w", err)
		}
	}
	return p, nil
}

const heldColumns = `lane, next, attempts, try, since, failing, why`

func scanHeld(s *sqlite3.Stmt) eventlog.Held {
	return eventlog.Held{
		Lane: eventlog.Lane(s.ColumnText(0)), Next: s.ColumnInt64(1), Attempts: s.ColumnInt(2),
		Try: time.UnixMilli(s.ColumnInt64(3)), Since: time.UnixMilli(s.ColumnInt64(4)),
		Failing: time.Duration(s.ColumnInt64(5)) * time.Millisecond, Why: eventlog.Reason(s.ColumnText(6)),
	}
}

// Skips implements delivery.Log.
func (db *DB) Skips(ctx context.Context, id delivery.ReaderID, lanes []eventlog.Lane) ([]eventlog.Skip, error) {
	var skips []eventlog.Skip
	err := db.read(ctx, func(c *conn) error {
		for _, lane := range lanes {
			err := c.query(func(s *sqlite3.Stmt) error {
				skips = append(skips, eventlog.Skip{Lane: lane, From: s.ColumnInt64(0), To: s.ColumnInt64(1), Seq: s.ColumnInt64(2)})
				return nil
			}, `SELECT "from", "to", seq FROM skips WHERE app = ? AND reader = ? AND lane = ?`, int64(id.App), id.Name, string(lane))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return skips, err
}
