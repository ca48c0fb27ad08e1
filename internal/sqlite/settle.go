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

// Pending implements delivery.Log.
func (db *DB) Pending(ctx context.Context, yield func(delivery.ReaderID) error) error {
	var ids []delivery.ReaderID
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			ids = append(ids, delivery.ReaderID{App: live.AppID(s.ColumnInt64(0)), Name: s.ColumnText(1)})
			return nil
		}, `SELECT r.app, r.reader FROM readers r
			WHERE r.done < (SELECT max(seq) FROM log WHERE log.app = r.app)
			OR EXISTS (SELECT 1 FROM held WHERE held.app = r.app AND held.reader = r.reader)`)
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := yield(id); err != nil {
			return err
		}
	}
	return nil
}

// Open implements delivery.Log.
func (db *DB) Open(ctx context.Context, id delivery.ReaderID) (delivery.Position, error) {
	var p delivery.Position
	t, err := db.begin(ctx)
	if err != nil {
		return p, err
	}
	defer t.Rollback()
	app := int64(id.App)
	n, err := t.c.exec(`UPDATE readers SET fence = fence + 1 WHERE app = ? AND reader = ?`, app, id.Name)
	if err != nil {
		return p, fmt.Errorf("fence the reader: %w", err)
	}
	if n == 0 {
		return p, fmt.Errorf("there is no reader %q of the App %d", id.Name, id.App)
	}
	err = t.c.query(func(s *sqlite3.Stmt) (err error) {
		p.Fence, p.Log = s.ColumnInt64(0), s.ColumnText(1)
		p.Cursor, err = eventlog.ParseCursor(s.ColumnInt64(2), s.ColumnText(3))
		return err
	}, `SELECT r.fence, a.log, r.done, r.beyond FROM readers r JOIN apps a ON a.app = r.app WHERE r.app = ? AND r.reader = ?`, app, id.Name)
	if err != nil {
		return p, fmt.Errorf("read the cursor: %w", err)
	}
	err = t.c.query(func(s *sqlite3.Stmt) error {
		p.Held = append(p.Held, eventlog.Held{
			Lane: eventlog.Lane(s.ColumnText(0)), Next: s.ColumnInt64(1), Attempts: s.ColumnInt(2),
			Try: time.UnixMilli(s.ColumnInt64(3)), Since: time.UnixMilli(s.ColumnInt64(4)), Why: eventlog.Reason(s.ColumnText(5)),
		})
		return nil
	}, `SELECT lane, next, attempts, try, since, why FROM held WHERE app = ? AND reader = ?`, app, id.Name)
	if err != nil {
		return p, fmt.Errorf("read held lanes: %w", err)
	}
	return p, t.commit()
}

// Settle implements delivery.Log. It is committed without a sync of its own.
func (db *DB) Settle(ctx context.Context, settlements []delivery.Settlement) ([]delivery.ReaderID, error) {
	t, err := db.beginUnsynced(ctx)
	if err != nil {
		return nil, err
	}
	defer t.Rollback()
	var fenced []delivery.ReaderID
	for i := range settlements {
		s := &settlements[i]
		ok, err := settle(t.c, s)
		if err != nil {
			return nil, fmt.Errorf("settle %d/%s: %w", s.Reader.App, s.Reader.Name, err)
		}
		if !ok {
			fenced = append(fenced, s.Reader)
		}
	}
	return fenced, t.commit()
}

func settle(c *conn, s *delivery.Settlement) (bool, error) {
	app, reader := int64(s.Reader.App), s.Reader.Name
	n, err := c.exec(`UPDATE readers SET done = ?, beyond = ? WHERE app = ? AND reader = ? AND fence = ?`,
		s.Cursor.Done(), s.Cursor.Beyond(), app, reader, s.Fence)
	if err != nil || n == 0 {
		return false, err
	}
	for _, lane := range s.Release {
		if _, err := c.exec(`DELETE FROM held WHERE app = ? AND reader = ? AND lane = ?`, app, reader, string(lane)); err != nil {
			return false, err
		}
	}
	for i := range s.Hold {
		h := &s.Hold[i]
		if _, err := c.exec(`INSERT OR REPLACE INTO held (app, reader, lane, next, attempts, try, since, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			app, reader, string(h.Lane), h.Next, h.Attempts, h.Try.UnixMilli(), h.Since.UnixMilli(), string(h.Why)); err != nil {
			return false, err
		}
	}
	for i := range s.Attempts {
		a := &s.Attempts[i]
		// An attempt can come again when the settlement before had an unknown outcome.
		if _, err := c.exec(`INSERT OR REPLACE INTO attempts (app, reader, seq, number, at, duration, status, durable, cloud, why, answer)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			app, reader, a.Seq, a.Number, a.At.UnixMilli(), a.Duration.Microseconds(), a.Status, int(a.Durable), int(a.Cloud), string(a.Why), a.Answer); err != nil {
			return false, err
		}
	}
	return true, nil
}
