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

// Redeliver implements delivery.Log. The name is known before anything that can be in doubt; one that is not used is no harm. What
// is named is stored under the lock of the App's numbering, so that nothing of it is forgotten meanwhile, and the reader whose
// callbacks they are does not go.
func (db *DB) Redeliver(ctx context.Context, app live.AppID, r delivery.Redelivery) (delivery.ReaderID, error) {
	id, there, stored := delivery.ReaderID{App: app}, false, false
	err := db.query(ctx, statementWithin, func(row pgx.Rows) error {
		var n int64
		err := row.Scan(&n)
		id.Name = fmt.Sprintf("%s%d", delivery.RedeliveryPrefix, n)
		return err
	}, `UPDATE apps SET redeliveries = redeliveries + 1 WHERE app = $1 RETURNING redeliveries`, int64(app))
	if err != nil {
		return delivery.ReaderID{App: app}, err
	}
	if id.Name == "" {
		return id, fmt.Errorf("there is no App %d", app)
	}
	b := &pgx.Batch{}
	b.Queue(`SELECT 1 FROM numbering WHERE app = $1 FOR UPDATE`, int64(app))
	b.Queue(`SELECT 1 FROM readers WHERE app = $1 AND reader = $2`, int64(app), r.Of()).Query(func(rows pgx.Rows) error {
		return each(rows, func(pgx.Rows) error {
			there = true
			return nil
		})
	})
	b.Queue(`INSERT INTO redeliveries (app, reader, of, "from", "to", lane, dead_only, "by", at, finished_at, fence)
		SELECT $1::bigint, $2::text, $10::text, $3::bigint, least($4::bigint, (`+head+`)), $5::text, $6::boolean, $7::text, $8::bigint, 0, 0
		WHERE (SELECT count(*) FROM readers WHERE app = $1 AND reader > 'redelivery-' AND reader < 'redelivery.') < $9
			AND EXISTS (SELECT 1 FROM readers WHERE app = $1 AND reader = $10)`,
		int64(app), id.Name, r.From, r.To, string(r.Lane), r.DeadOnly, clean(r.By), r.At.UnixMilli(), delivery.MaxRedeliveries, r.Of())
	b.Queue(newReaders+`SELECT app, reader, 0, $3::bigint FROM redeliveries WHERE app = $1 AND reader = $2`+begun, int64(app), id.Name, r.From-1).
		Exec(func(tag pgconn.CommandTag) error {
			stored = tag.RowsAffected() > 0
			return nil
		})
	if err := db.transact(ctx, true, b); err != nil {
		return id, err // it may be stored
	}
	if !there {
		return delivery.ReaderID{App: app}, fmt.Errorf("reader %q of the App %d: %w", r.Of(), app, delivery.ErrNoReader)
	}
	if !stored {
		return delivery.ReaderID{App: app}, fmt.Errorf("the App %d: %w", app, delivery.ErrTooMany)
	}
	return id, nil
}

// queueRedelivery reads what a reader sends again; into stays nil when it is no redelivery.
func queueRedelivery(b *pgx.Batch, id delivery.ReaderID, into **delivery.Redelivery) {
	b.Queue(`SELECT of, "from", "to", lane, dead_only, "by", at FROM redeliveries WHERE app = $1 AND reader = $2`, int64(id.App), id.Name).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			r := &delivery.Redelivery{}
			var at int64
			err := row.Scan(&r.Reader, &r.From, &r.To, &r.Lane, &r.DeadOnly, &r.By, &at)
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
	for _, table := range []string{"held", "skips", "cursors", "readers"} { // the fence goes last
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
	againDead = `SELECT ` + eventColumns + ` FROM dead WHERE app = $1 AND reader = $4 AND seq BETWEEN $2 AND $3 AND callback`
	againLog  = `SELECT ` + eventColumns + ` FROM log WHERE app = $1 AND seq > greatest($2 - 1, ` + floor + `) AND seq <= $3 AND callback`
)

// ReadAgain implements delivery.Log. Each half is limited by itself: the whole rest of the log must not be sorted for one page.
func (db *DB) ReadAgain(ctx context.Context, app live.AppID, r delivery.Redelivery, page delivery.Page) ([]eventlog.Event, error) {
	args, ofLane, limit := []any{int64(app), r.From, r.To, r.Of()}, "", ` ORDER BY seq LIMIT $5`
	if r.Lane != "" {
		args, ofLane, limit = append(args, string(r.Lane)), ` AND lane = $5`, ` ORDER BY seq LIMIT $6`
	}
	if r.DeadOnly {
		return db.readEvents(ctx, page, againDead+ofLane+limit, args...)
	}
	forgotten := againDead + ofLane + ` AND seq <= ` + floor + limit
	return db.readEvents(ctx, page, `(`+forgotten+`) UNION ALL (`+againLog+ofLane+limit+`)`+limit, args...)
}
