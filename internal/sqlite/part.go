package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// lifeOf is the life of a room of an App, or 0 for the App itself. A room that is not there has none, and so no parts.
const lifeOf = `(SELECT life FROM rooms WHERE app = ?1 AND room = ?2 UNION ALL SELECT 0 WHERE ?2 = '')`

const partDoc = `SELECT doc FROM parts WHERE app = ?1 AND room = ?2 AND life = ` + lifeOf + ` AND kind = ?3 AND key = ?4`

// loadPart returns the document of a part as committed, nil when there is none.
func loadPart(c *conn, app live.AppID, id live.PartID) ([]byte, error) {
	var doc []byte
	err := c.query(func(s *sqlite3.Stmt) error {
		doc = s.ColumnBlob(0, nil)
		return nil
	}, partDoc, int64(app), string(id.Room), string(id.Kind), id.Key)
	return doc, err
}

func writePart(c *conn, app live.AppID, p *engine.PartChange) error {
	number, room, kind := int64(app), string(p.ID.Room), string(p.ID.Kind)
	if p.Doc == nil {
		_, err := c.exec(`DELETE FROM parts WHERE app = ? AND room = ? AND life = ? AND kind = ? AND key = ?`, number, room, p.Life, kind, p.ID.Key)
		return err
	}
	_, err := c.exec(`INSERT INTO parts (app, room, life, kind, key, due, doc) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET due = excluded.due, doc = excluded.doc`, number, room, p.Life, kind, p.ID.Key, p.Due, string(p.Doc))
	return err
}

// Parts implements rest.Rooms.
func (db *DB) Parts(ctx context.Context, app live.AppID, ids []live.PartID) ([]live.Part, error) {
	parts := make([]live.Part, len(ids))
	err := db.read(ctx, func(c *conn) error {
		for i, id := range ids {
			doc, err := loadPart(c, app, id)
			if err != nil {
				return err
			}
			if doc == nil {
				continue
			}
			if parts[i], err = decodePart(id.Kind, doc); err != nil {
				return err
			}
		}
		return nil
	})
	return parts, err
}

func decodePart(kind live.PartKind, doc []byte) (live.Part, error) {
	part, err := live.DecodePart(kind, doc)
	if err != nil {
		return nil, fmt.Errorf("decode a %s: %w", kind, err)
	}
	return part, nil
}

// PartsAfter implements rest.Rooms.
func (db *DB) PartsAfter(ctx context.Context, app live.AppID, after live.PartID, limit int) ([]live.Keyed, error) {
	var list []live.Keyed
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			part, err := decodePart(after.Kind, s.ColumnRawText(1))
			list = append(list, live.Keyed{Key: s.ColumnText(0), Part: part})
			return err
		}, `SELECT key, doc FROM parts WHERE app = ?1 AND room = ?2 AND life = `+lifeOf+` AND kind = ?3 AND key > ?4 ORDER BY key LIMIT ?5`,
			int64(app), string(after.Room), string(after.Kind), after.Key, limit)
	})
	return list, err
}

// DueParts implements timer.Store.
func (db *DB) DueParts(ctx context.Context, now time.Time, limit int) ([]engine.Due, error) {
	var list []engine.Due
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			list = append(list, engine.Due{
				App:  live.AppID(s.ColumnInt64(0)),
				Part: live.PartID{Room: live.RoomID(s.ColumnText(1)), Kind: live.PartKind(s.ColumnText(2)), Key: s.ColumnText(3)},
			})
			return nil
		}, `SELECT p.app, p.room, p.kind, p.key FROM parts AS p INDEXED BY parts_due WHERE p.due > 0 AND p.due <= ? AND p.kind <> 'answer'
			AND NOT EXISTS (SELECT 1 FROM remains AS r WHERE r.app = p.app AND r.room = p.room AND r.life = p.life) ORDER BY p.due LIMIT ?`,
			now.UnixMilli(), limit)
	})
	return list, err
}

// SweepParts implements timer.Store.
func (db *DB) SweepParts(ctx context.Context, now time.Time, limit int) (int, error) {
	var swept int
	t, err := db.beginUnsynced(ctx)
	if err != nil {
		return 0, err
	}
	defer t.Rollback()
	for _, sql := range []string{
		`DELETE FROM parts WHERE (app, room, life, kind, key) IN (SELECT app, room, life, kind, key FROM parts INDEXED BY parts_due
			WHERE due > 0 AND due <= ?1 AND kind = 'answer' LIMIT ?2)`,
		`DELETE FROM parts WHERE (app, room, life, kind, key) IN (SELECT p.app, p.room, p.life, p.kind, p.key FROM remains AS r
			JOIN parts AS p ON p.app = r.app AND p.room = r.room AND p.life = r.life WHERE ?1 > 0 LIMIT ?2)`,
		`DELETE FROM remains WHERE (app, room, life) IN (SELECT app, room, life FROM remains AS r WHERE ?1 > 0 AND NOT EXISTS (SELECT 1 FROM parts AS p
			WHERE p.app = r.app AND p.room = r.room AND p.life = r.life) LIMIT ?2)`,
	} {
		n, err := t.c.exec(sql, now.UnixMilli(), limit)
		if err != nil {
			return 0, fmt.Errorf("sweep parts: %w", err)
		}
		swept += int(n)
	}
	if swept == 0 {
		return 0, nil
	}
	return swept, t.commit()
}
