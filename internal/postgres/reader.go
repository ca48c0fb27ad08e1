package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// pageOfApps is how many Apps or readers are looked at in one statement of a sweep.
const pageOfApps = 1000

const (
	// newReaders begins a statement that makes readers, of which it goes on to select app, name, fence, and the number that they
	// are done with; begun ends it. Those that are there already stay as they are.
	newReaders = `WITH n (app, reader, fence, done) AS MATERIALIZED (`
	begun      = `), r AS (INSERT INTO readers (app, reader, fence, begun) SELECT app, reader, fence, CASE WHEN reader < 'redelivery-' THEN done ELSE 0 END FROM n ON CONFLICT DO NOTHING RETURNING app, reader)
		INSERT INTO cursors (app, reader, n, done, beyond, paused) SELECT app, reader, 1, n.done, '', '' FROM n JOIN r USING (app, reader)`
)

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

// eachBusy calls fn with pages of the readers that have something to do. It is the one statement that spans Apps: a start and
// the metrics make it, no call and no callback does.
func (db *DB) eachBusy(ctx context.Context, fn func([]standing) error) error {
	var last delivery.ReaderID
	for {
		var busy []standing
		looked := 0
		err := db.query(ctx, sweepWithin, func(row pgx.Rows) error {
			var s standing
			var app int64
			if err := row.Scan(&app, &s.id.Name, &s.done, &s.paused, &s.head, &s.held); err != nil {
				return err
			}
			s.id.App = live.AppID(app)
			last = s.id
			looked++
			if s.busy() {
				busy = append(busy, s)
			}
			return nil
		}, `SELECT r.app, r.reader, r.done, r.paused <> '',
			coalesce((SELECT seq FROM log WHERE log.app = r.app ORDER BY seq DESC LIMIT 1),
				(SELECT seq FROM floors WHERE floors.app = r.app ORDER BY seq DESC LIMIT 1), 0),
			EXISTS (SELECT 1 FROM held WHERE held.app = r.app AND held.reader = r.reader)
			FROM positions AS r WHERE (r.app, r.reader) > ($1, $2) ORDER BY r.app, r.reader LIMIT $3`, int64(last.App), last.Name, pageOfApps)
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
		for i := range busy {
			b, err := db.backlog(ctx, &busy[i])
			if err != nil {
				return err
			}
			if err := yield(b); err != nil {
				return err
			}
		}
		return nil
	})
}

// backlog looks for the first event itself, which may be forgotten when a redelivery asks for it.
func (db *DB) backlog(ctx context.Context, s *standing) (delivery.Backlog, error) {
	b := delivery.Backlog{Reader: s.id, Head: s.head, Paused: s.paused}
	err := db.query(ctx, sweepWithin, func(row pgx.Rows) error {
		var since *int64
		err := row.Scan(&b.Oldest, &b.Held, &since)
		if since != nil {
			b.Since = time.UnixMilli(*since)
		}
		return err
	}, `WITH h AS MATERIALIZED (SELECT least($3::bigint + 1, min(next)) AS oldest, count(*) AS held FROM held WHERE app = $1 AND reader = $2)
		SELECT oldest, held, (SELECT time FROM log WHERE app = $1 AND seq >= greatest(h.oldest, `+floor+` + 1) ORDER BY seq LIMIT 1) FROM h`,
		int64(s.id.App), s.id.Name, s.done)
	return b, err
}

// Open implements delivery.Log. It is synced: a fence that a restart of the database forgets would be given to two. What follows on
// the fence is read in statements of their own, which see what its holder before stored while the fence was waited for.
func (db *DB) Open(ctx context.Context, id delivery.ReaderID) (delivery.Position, error) {
	var p delivery.Position
	found := false
	app, b := int64(id.App), &pgx.Batch{}
	b.Queue(`UPDATE readers SET fence = fence + 1 WHERE app = $1 AND reader = $2`, app, id.Name)
	b.Queue(`SELECT fence, done, beyond, paused FROM positions WHERE app = $1 AND reader = $2`, app, id.Name).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			found = true
			var done int64
			var beyond string
			if err := row.Scan(&p.Fence, &done, &beyond, &p.Paused); err != nil {
				return err
			}
			cursor, err := eventlog.ParseCursor(done, beyond)
			if err != nil {
				return foreignError{fmt.Errorf("read the cursor: %w", err)}
			}
			p.Cursor = cursor
			return nil
		})
	})
	b.Queue(`SELECT log, EXISTS (SELECT 1 FROM skips WHERE app = $1 AND reader = $2) FROM apps WHERE app = $1`, app, id.Name).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error { return row.Scan(&p.Log, &p.Skips) })
	})
	b.Queue(`SELECT lane, next, attempts, try, since, failing, why FROM held WHERE app = $1 AND reader = $2`, app, id.Name).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			h, err := scanHeld(row)
			p.Held = append(p.Held, h)
			return err
		})
	})
	if id.IsRedelivery() {
		queueRedelivery(b, id, &p.Redelivery)
	}
	if err := db.transact(ctx, true, b); err != nil {
		return delivery.Position{}, err
	}
	if !found {
		return delivery.Position{}, fmt.Errorf("reader %q of the App %d: %w", id.Name, id.App, delivery.ErrNoReader)
	}
	return p, nil
}

func scanHeld(row pgx.Rows) (eventlog.Held, error) {
	var h eventlog.Held
	var try, since, failing int64
	err := row.Scan(&h.Lane, &h.Next, &h.Attempts, &try, &since, &failing, &h.Why)
	h.Try, h.Since, h.Failing = time.UnixMilli(try), time.UnixMilli(since), time.Duration(failing)*time.Millisecond
	return h, err
}

// Skips implements delivery.Log.
func (db *DB) Skips(ctx context.Context, id delivery.ReaderID, lanes []eventlog.Lane) ([]eventlog.Skip, error) {
	var skips []eventlog.Skip
	err := db.query(ctx, statementWithin, func(row pgx.Rows) error {
		var s eventlog.Skip
		err := row.Scan(&s.Lane, &s.From, &s.To, &s.Seq)
		skips = append(skips, s)
		return err
	}, `SELECT s.lane, s."from", s."to", s.seq FROM skips AS s WHERE s.app = $1 AND s.reader = $2 AND s.lane = ANY ($3::text[])`,
		int64(id.App), id.Name, laneTexts(lanes))
	return skips, err
}

func laneTexts(lanes []eventlog.Lane) []string {
	list := make([]string, len(lanes))
	for i, lane := range lanes {
		list[i] = string(lane)
	}
	return list
}
