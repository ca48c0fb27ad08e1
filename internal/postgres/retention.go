package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callboard/callboard/internal/live"
)

// Aged implements delivery.Retention.
func (db *DB) Aged(ctx context.Context, before time.Time, yield func(app live.AppID, to int64) error) error {
	var last int64
	for {
		var aged []int64
		looked := 0
		err := db.query(ctx, sweepWithin, func(row pgx.Rows) error {
			looked++
			var first *int64
			err := row.Scan(&last, &first)
			if first != nil && *first < before.UnixMilli() {
				aged = append(aged, last)
			}
			return err
		}, `SELECT a.app, (SELECT time FROM log WHERE log.app = a.app
				AND seq > coalesce((SELECT seq FROM floors WHERE floors.app = a.app ORDER BY seq DESC LIMIT 1), 0) ORDER BY seq LIMIT 1)
			FROM apps AS a WHERE a.app > $1 ORDER BY a.app LIMIT $2`, last, pageOfApps)
		if err != nil {
			return err
		}
		for _, app := range aged {
			to, err := db.lastBefore(ctx, app, before.UnixMilli())
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
func (db *DB) lastBefore(ctx context.Context, app, before int64) (int64, error) {
	var first, to int64
	err := db.query(ctx, sweepWithin, func(row pgx.Rows) error { return row.Scan(&first, &to) },
		`SELECT `+floor+` + 1, coalesce((SELECT seq FROM log WHERE app = $1 ORDER BY seq DESC LIMIT 1), 0)`, app)
	if err != nil || to < first {
		return 0, err
	}
	from := first - 1 // from is before the time or before the log, and what follows to is not before the time
	for from < to && err == nil {
		middle := from + (to-from+1)/2
		old := true // as what was dropped meanwhile
		err = db.query(ctx, sweepWithin, func(row pgx.Rows) error {
			var at int64
			err := row.Scan(&at)
			old = at < before
			return err
		}, `SELECT time FROM log WHERE app = $1 AND seq = $2`, app, middle)
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

const (
	needsLog = ` AND NOT EXISTS (SELECT 1 FROM redeliveries AS d WHERE d.app = r.app AND d.reader = r.reader AND d.dead_only)`
	// forgettable is the last number of the App $1 that may go, up to $2 and at most $3 of them. A held lane needs its events from
	// next on though the cursor is done with them. A redelivery of dead letters needs none.
	forgettable = `SELECT seq AS first, least($2::bigint, seq + $3::bigint, (` + head + `),
			(SELECT min(done) FROM positions AS r WHERE app = $1` + needsLog + `),
			(SELECT min(next) - 1 FROM held AS r WHERE app = $1` + needsLog + `)) AS upto, room_seq
		FROM (SELECT seq, room_seq FROM floors WHERE app = $1 UNION ALL SELECT 0, 0 ORDER BY seq DESC LIMIT 1) AS f`
)

// Forget implements delivery.Retention: it raises the floor, below which nothing is read. The rows go with their day. The lock of
// the numbering keeps a redelivery from coming in between.
func (db *DB) Forget(ctx context.Context, app live.AppID, to int64, limit int) (int, error) {
	id, b := int64(app), &pgx.Batch{}
	forgotten := 0
	b.Queue(`SELECT 1 FROM numbering WHERE app = $1 FOR UPDATE`, id)
	b.Queue(`WITH f AS MATERIALIZED (`+forgettable+`), l AS (
			INSERT INTO floors (app, seq, prev, room_seq)
			SELECT $1::bigint, f.upto, CASE WHEN l.callback THEN l.seq ELSE l.prev END,
				greatest(f.room_seq, (SELECT max(room_seq) FROM log WHERE app = $1 AND seq > f.first AND seq <= f.upto))
			FROM f JOIN log AS l ON l.app = $1 AND l.seq = f.upto WHERE f.upto > f.first RETURNING seq)
		SELECT l.seq - f.first FROM l, f`, id, to, limit).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error { return row.Scan(&forgotten) })
	})
	b.Queue(`DELETE FROM skips WHERE app = $1 AND (reader, lane) IN
		(SELECT reader, lane FROM skips WHERE app = $1 AND seq <= `+floor+` ORDER BY reader, lane FOR UPDATE)`, id)
	b.Queue(`DELETE FROM floors WHERE app = $1 AND seq < `+floor, id)
	if err := db.transact(ctx, false, b); err != nil {
		return 0, fmt.Errorf("forget events of the App %d: %w", app, err)
	}
	return forgotten, nil
}

// ForgetDead implements delivery.Retention. Redeliveries that were finished before the same time go too, with their attempts.
func (db *DB) ForgetDead(ctx context.Context, before time.Time, keep, limit int) (aged, beyond int, err error) {
	apps, err := db.appsWithDead(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, app := range apps {
		b := &pgx.Batch{}
		count := func(n *int) func(pgconn.CommandTag) error {
			return func(tag pgconn.CommandTag) error {
				*n += int(tag.RowsAffected())
				return nil
			}
		}
		if aged < limit {
			b.Queue(`DELETE FROM dead WHERE (app, reader, seq) IN
				(SELECT app, reader, seq FROM dead WHERE app = $1 AND at < $2 ORDER BY at LIMIT $3)`, app, before.UnixMilli(), limit-aged).Exec(count(&aged))
		}
		if beyond < limit {
			b.Queue(`DELETE FROM dead WHERE (app, reader, seq) IN (SELECT d.app, d.reader, d.seq
				FROM (SELECT reader, count(*) - $2 AS extra FROM dead WHERE app = $1 GROUP BY reader HAVING count(*) > $2) AS r CROSS JOIN LATERAL
					(SELECT app, reader, seq FROM dead WHERE app = $1 AND reader = r.reader ORDER BY seq LIMIT r.extra) AS d LIMIT $3)`,
				app, keep, limit-beyond).Exec(count(&beyond))
		}
		queueForgetRedeliveries(b, app, before.UnixMilli(), limit)
		if err := db.transact(ctx, false, b); err != nil {
			return 0, 0, fmt.Errorf("forget dead letters of the App %d: %w", app, err)
		}
	}
	return aged, beyond, nil
}

// appsWithDead returns the Apps that have dead letters or redeliveries that were finished.
func (db *DB) appsWithDead(ctx context.Context) ([]int64, error) {
	var apps []int64
	err := db.query(ctx, sweepWithin, func(row pgx.Rows) error {
		var app int64
		err := row.Scan(&app)
		apps = append(apps, app)
		return err
	}, `SELECT app FROM apps AS a WHERE EXISTS (SELECT 1 FROM dead AS d WHERE d.app = a.app)
		OR EXISTS (SELECT 1 FROM redeliveries AS r WHERE r.app = a.app AND r.finished_at > 0) ORDER BY app`)
	return apps, err
}

// queueForgetRedeliveries removes finished redeliveries whose attempts are gone, after at most limit of the attempts.
func queueForgetRedeliveries(b *pgx.Batch, app, before int64, limit int) {
	b.Queue(`DELETE FROM attempts WHERE app = $1 AND (reader, seq, number, day) IN (SELECT t.reader, t.seq, t.number, t.day
		FROM redeliveries AS r JOIN attempts AS t ON t.app = r.app AND t.reader = r.reader
		WHERE r.app = $1 AND r.finished_at > 0 AND r.finished_at < $2 ORDER BY t.reader, t.seq, t.number LIMIT $3)`, app, before, limit)
	b.Queue(`DELETE FROM redeliveries AS r WHERE app = $1 AND finished_at > 0 AND finished_at < $2
		AND NOT EXISTS (SELECT 1 FROM attempts AS t WHERE t.app = r.app AND t.reader = r.reader)`, app, before)
}
