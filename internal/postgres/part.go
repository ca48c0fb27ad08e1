package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// partKey names a part of an App.
type partKey struct {
	app live.AppID
	id  live.PartID
}

const (
	// lifeOf is the life of the room w.room of the App $1, 0 for the App itself. A room that is not there has none, and so no parts.
	lifeOf = `(SELECT life FROM rooms WHERE app = $1 AND room = w.room UNION ALL SELECT 0 WHERE w.room = '' LIMIT 1)`
	// wantedParts are the newest rows of parts.
	wantedParts = `SELECT w.i, p.n, p.doc FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS w (room, kind, key, i)
		CROSS JOIN LATERAL ` + lifeOf + ` AS r CROSS JOIN LATERAL (SELECT n, doc FROM parts
			WHERE app = $1 AND room = w.room AND life = r.life AND kind = w.kind AND key = w.key ORDER BY n DESC LIMIT 1) AS p`
)

func partColumns(ids []live.PartID) (rooms, kinds, keys []string) {
	rooms, kinds, keys = make([]string, len(ids)), make([]string, len(ids)), make([]string, len(ids))
	for i, id := range ids {
		rooms[i], kinds[i], keys[i] = string(id.Room), string(id.Kind), id.Key
	}
	return rooms, kinds, keys
}

// queueParts reads the parts of a want, whose rooms are locked.
func (t *tx) queueParts(b *pgx.Batch, want *engine.Want, into *engine.Loaded) {
	if len(want.Parts) == 0 {
		return
	}
	into.Parts = make([][]byte, len(want.Parts))
	rooms, kinds, keys := partColumns(want.Parts)
	b.Queue(wantedParts, int64(want.App), rooms, kinds, keys).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			var i int
			var n int64
			var doc string
			if err := row.Scan(&i, &n, &doc); err != nil {
				return err
			}
			into.Parts[i-1] = []byte(doc)
			t.parts[partKey{want.App, want.Parts[i-1]}] = n
			return nil
		})
	})
}

// queuePartChanges writes the parts of a change, of which Load has read the newest rows.
func (t *tx) queuePartChanges(b *pgx.Batch, ch *engine.Change) {
	if len(ch.Gone) > 0 {
		rooms, lives := make([]string, len(ch.Gone)), make([]int64, len(ch.Gone))
		for i, g := range ch.Gone {
			rooms[i], lives[i] = string(g.Room), g.Life
		}
		b.Queue(`INSERT INTO remains (app, room, life) SELECT $1::bigint, g.* FROM unnest($2::text[], $3::bigint[]) AS g (room, life) ON CONFLICT DO NOTHING`,
			int64(ch.App), rooms, lives)
	}
	var old, next partRows
	for i := range ch.Parts {
		p := &ch.Parts[i]
		n := t.parts[partKey{ch.App, p.ID}]
		if n > 0 {
			old.add(p, n)
		}
		if p.Doc != nil {
			next.add(p, n+1)
		}
	}
	if len(old.n) > 0 {
		b.Queue(`DELETE FROM parts WHERE ctid = ANY (ARRAY (SELECT p.place
			FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[]) AS o (room, life, kind, key, n) CROSS JOIN LATERAL
				(SELECT ctid AS place FROM parts WHERE app = $1 AND room = o.room AND life = o.life AND kind = o.kind AND key = o.key AND n = o.n LIMIT 1) AS p))`,
			int64(ch.App), old.rooms, old.lives, old.kinds, old.keys, old.n)
	}
	if len(next.n) > 0 {
		b.Queue(`INSERT INTO parts (app, room, life, kind, key, n, due, doc) SELECT $1::bigint, n.*
			FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::text[]) AS n (room, life, kind, key, n, due, doc)`,
			int64(ch.App), next.rooms, next.lives, next.kinds, next.keys, next.n, next.due, next.docs)
	}
}

// partRows are columns of rows of parts.
type partRows struct {
	rooms, kinds, keys, docs []string
	lives, n, due            []int64
}

func (r *partRows) add(p *engine.PartChange, n int64) {
	r.rooms, r.kinds, r.keys = append(r.rooms, string(p.ID.Room)), append(r.kinds, string(p.ID.Kind)), append(r.keys, p.ID.Key)
	r.docs, r.lives, r.n, r.due = append(r.docs, string(p.Doc)), append(r.lives, p.Life), append(r.n, n), append(r.due, p.Due)
}

// Parts implements rest.Rooms.
func (db *DB) Parts(ctx context.Context, app live.AppID, ids []live.PartID) ([]live.Part, error) {
	parts := make([]live.Part, len(ids))
	rooms, kinds, keys := partColumns(ids)
	err := db.query(ctx, statementWithin, func(row pgx.Rows) (err error) {
		var i int
		var doc string
		if err := row.Scan(&i, nil, &doc); err != nil {
			return err
		}
		parts[i-1], err = decodePart(ids[i-1].Kind, doc)
		return err
	}, wantedParts, int64(app), rooms, kinds, keys)
	return parts, err
}

func decodePart(kind live.PartKind, doc string) (live.Part, error) {
	part, err := live.DecodePart(kind, []byte(doc))
	if err != nil {
		return nil, foreignError{fmt.Errorf("decode a %s: %w", kind, err)}
	}
	return part, nil
}

// PartsAfter implements rest.Rooms.
func (db *DB) PartsAfter(ctx context.Context, app live.AppID, after live.PartID, limit int) ([]live.Keyed, error) {
	var list []live.Keyed
	err := db.query(ctx, statementWithin, func(row pgx.Rows) error {
		var key, doc string
		if err := row.Scan(&key, &doc); err != nil {
			return err
		}
		part, err := decodePart(after.Kind, doc)
		list = append(list, live.Keyed{Key: key, Part: part})
		return err
	}, `SELECT p.key, p.doc FROM (SELECT $2::text AS room) AS w CROSS JOIN LATERAL `+lifeOf+` AS r CROSS JOIN LATERAL
		(SELECT key, doc FROM parts WHERE app = $1 AND room = $2 AND life = r.life AND kind = $3 AND key > $4 ORDER BY key LIMIT $5) AS p
		ORDER BY p.key`, int64(app), string(after.Room), string(after.Kind), after.Key, limit)
	return list, err
}

// DueParts implements timer.Store.
func (db *DB) DueParts(ctx context.Context, now time.Time, limit int) ([]engine.Due, error) {
	var list []engine.Due
	err := db.query(ctx, sweepWithin, func(row pgx.Rows) error {
		var app int64
		var d engine.Due
		err := row.Scan(&app, &d.Part.Room, &d.Part.Kind, &d.Part.Key)
		d.App = live.AppID(app)
		list = append(list, d)
		return err
	}, `SELECT p.app, p.room, p.kind, p.key FROM parts AS p WHERE p.due > 0 AND p.due <= $1 AND p.kind <> 'answer'
		AND NOT EXISTS (SELECT 1 FROM remains AS r WHERE r.app = p.app AND r.room = p.room AND r.life = p.life) ORDER BY p.due LIMIT $2`,
		now.UnixMilli(), limit)
	return list, err
}

// SweepParts implements timer.Store.
func (db *DB) SweepParts(ctx context.Context, now time.Time, limit int) (int, error) {
	swept, b := 0, &pgx.Batch{}
	count := func(tag pgconn.CommandTag) error {
		swept += int(tag.RowsAffected())
		return nil
	}
	// By their place: found again by their columns, the whole table might be read for each page.
	b.Queue(`DELETE FROM parts WHERE ctid = ANY (ARRAY (SELECT ctid FROM parts WHERE due > 0 AND due <= $1 AND kind = 'answer' LIMIT $2))`,
		now.UnixMilli(), limit).Exec(count)
	b.Queue(`DELETE FROM parts WHERE ctid = ANY (ARRAY (SELECT p.place FROM remains AS r
		CROSS JOIN LATERAL (SELECT ctid AS place FROM parts WHERE app = r.app AND room = r.room AND life = r.life LIMIT $1) AS p LIMIT $1))`,
		limit).Exec(count)
	b.Queue(`DELETE FROM remains WHERE (app, room, life) IN (SELECT app, room, life FROM remains AS r
		WHERE NOT EXISTS (SELECT 1 FROM parts AS p WHERE p.app = r.app AND p.room = r.room AND p.life = r.life) LIMIT $1)`, limit).Exec(count)
	if err := db.transact(ctx, false, b); err != nil {
		return 0, fmt.Errorf("sweep parts: %w", err)
	}
	return swept, nil
}
