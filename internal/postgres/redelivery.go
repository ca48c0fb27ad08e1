package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Redeliver implements delivery.Log. It locks the App's numbering, so that nothing of what it names is forgotten meanwhile.
func (db *DB) Redeliver(ctx context.Context, app live.AppID, r delivery.Redelivery) (delivery.ReaderID, error) {
	id, open, ended := delivery.ReaderID{App: app}, 0, false
	err := db.within(ctx, 2*statementWithin, func(ctx context.Context) error {
		c, err := db.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer c.Release()
		defer abandon(c)
		b := begin(true)
		b.Queue(`SELECT 1 FROM numbering WHERE app = $1 FOR UPDATE`, int64(app))
		b.Queue(`UPDATE apps SET redeliveries = redeliveries + 1 WHERE app = $1 RETURNING redeliveries`, int64(app)).Query(func(rows pgx.Rows) error {
			return each(rows, func(row pgx.Rows) error {
				var n int64
				err := row.Scan(&n)
				id.Name = fmt.Sprintf("redelivery-%d", n)
				return err
			})
		})
		b.Queue(`SELECT count(*) FROM readers WHERE app = $1 AND reader > 'redelivery-' AND reader < 'redelivery.'`, int64(app)).
			QueryRow(func(row pgx.Row) error { return row.Scan(&open) })
		if err := c.SendBatch(ctx, b).Close(); err != nil || id.Name == "" || open >= delivery.MaxRedeliveries {
			return err
		}
		b = &pgx.Batch{}
		b.Queue(`INSERT INTO redeliveries (app, reader, "from", "to", lane, dead_only, "by", at, finished_at, fence)
			SELECT $1::bigint, $2::text, $3::bigint, least($4::bigint, (`+head+`)), $5::text, $6::boolean, $7::text, $8::bigint, 0, 0`,
			int64(app), id.Name, r.From, r.To, string(r.Lane), r.DeadOnly, clean(r.By), r.At.UnixMilli())
		b.Queue(`INSERT INTO readers (app, reader, fence, done, beyond) VALUES ($1, $2, 0, $3, '')`, int64(app), id.Name, r.From-1)
		b.Queue(`COMMIT`).Exec(func(pgconn.CommandTag) error {
			ended = true
			return nil
		})
		return c.SendBatch(ctx, b).Close()
	})
	switch {
	case ended || err != nil && id.Name != "":
		return id, err // it may be stored
	case err != nil:
		return id, err
	case id.Name == "":
		return id, fmt.Errorf("there is no App %d", app)
	}
	return delivery.ReaderID{App: app}, fmt.Errorf("the App %d: %w", app, delivery.ErrTooMany)
}

// queueRedelivery reads what a reader sends again; into stays nil when it is no redelivery.
func queueRedelivery(b *pgx.Batch, id delivery.ReaderID, into **delivery.Redelivery) {
	b.Queue(`SELECT "from", "to", lane, dead_only, "by", at FROM redeliveries WHERE app = $1 AND reader = $2`, int64(id.App), id.Name).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			r := &delivery.Redelivery{}
			var at int64
			err := row.Scan(&r.From, &r.To, &r.Lane, &r.DeadOnly, &r.By, &at)
			r.At = time.UnixMilli(at)
			*into = r
			return err
		})
	})
}

// queueFinish ends the redelivery of a settlement. What has finished before is found by its fence.
func queueFinish(b *pgx.Batch, s *delivery.Settlement, stored *bool) {
	app, name := int64(s.Reader.App), s.Reader.Name
	b.Queue(`UPDATE redeliveries SET finished_at = $4, fence = $3 WHERE app = $1 AND reader = $2 AND `+fenced, app, name, s.Fence, time.Now().UnixMilli()).
		Exec(func(tag pgconn.CommandTag) error {
			if *stored && tag.RowsAffected() == 0 {
				return foreignError{fmt.Errorf("the reader %q is no redelivery and cannot be finished", name)}
			}
			return nil
		})
	for _, table := range []string{"held", "skips", "readers"} { // the fence goes last
		b.Queue(`DELETE FROM `+table+` WHERE app = $1 AND reader = $2 AND `+fenced, app, name, s.Fence)
	}
	b.Queue(`SELECT 1 FROM redeliveries WHERE app = $1 AND reader = $2 AND fence = $3 AND finished_at > 0`, app, name, s.Fence).Query(func(rows pgx.Rows) error {
		return each(rows, func(pgx.Rows) error {
			*stored = true
			return nil
		})
	})
}

// The log forgets from its beginning, so what only dead letters have is not above the floor.
const (
	againDead   = `SELECT ` + eventColumns + ` FROM dead WHERE app = $1 AND reader = 'callback' AND seq BETWEEN $2 AND $3 AND callback`
	againLog    = ` AND seq <= ` + floor + ` UNION ALL SELECT ` + eventColumns + ` FROM log WHERE app = $1 AND seq > greatest($2 - 1, ` + floor + `) AND seq <= $3 AND callback`
	againOfLane = ` AND lane = $4`
)

// ReadAgain implements delivery.Log.
func (db *DB) ReadAgain(ctx context.Context, app live.AppID, r delivery.Redelivery, page delivery.Page) ([]eventlog.Event, error) {
	args, sql := []any{int64(app), r.From, r.To}, againDead
	ofLane, limit := "", ` ORDER BY seq LIMIT $4`
	if r.Lane != "" {
		args, ofLane, limit = append(args, string(r.Lane)), againOfLane, ` ORDER BY seq LIMIT $5`
	}
	sql += ofLane
	if !r.DeadOnly {
		sql += againLog + ofLane
	}
	return db.readEvents(ctx, page, sql+limit, args...)
}
