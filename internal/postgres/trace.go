package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/operate"
)

// Trace implements operate.Query, in two round trips: which redeliveries name the event depends on its lane.
func (db *DB) Trace(ctx context.Context, id delivery.ReaderID, seq int64) (operate.Trace, error) {
	t := tracing{id: id, app: int64(id.App), seq: seq}
	for _, part := range []func(*pgx.Batch){t.place, t.fate} {
		b := &pgx.Batch{}
		if part(b); b.Len() == 0 {
			break
		}
		if err := db.transact(ctx, false, b); err != nil {
			return operate.Trace{}, fmt.Errorf("trace the event %d: %w", seq, err)
		}
	}
	return t.Trace, nil
}

// tracing reads the parts of a trace.
type tracing struct {
	operate.Trace
	id  delivery.ReaderID
	app int64
	seq int64
}

// rows takes the rows of one statement of a batch.
func rows(take func(pgx.Rows) error) func(pgx.Rows) error {
	return func(r pgx.Rows) error { return each(r, take) }
}

// place is where the event is.
func (t *tracing) place(b *pgx.Batch) {
	b.Queue(extent, t.app).Query(rows(func(row pgx.Rows) error { return row.Scan(&t.Log, &t.Floor, &t.Head) }))
	b.Queue(`SELECT `+eventColumns+` FROM log WHERE app = $1 AND seq = $2 AND seq > `+floor, t.app, t.seq).Query(rows(func(row pgx.Rows) error {
		e, err := scanEvent(row)
		e.Body = nil
		t.Event = &e
		return err
	}))
	b.Queue(`SELECT at, why, attempts, `+eventColumns+` FROM dead WHERE app = $1 AND reader = $2 AND seq = $3`, t.app, t.id.Name, t.seq).Query(rows(t.dead))
}

func (t *tracing) dead(row pgx.Rows) error {
	var at int64
	var e eventlog.Event
	d := eventlog.Dead{Seq: t.seq}
	err := row.Scan(&at, &d.Why, &d.Attempts, &e.Seq, &e.Prev, &e.Lane, &e.RoomSeq, &e.RoomPrev, &e.RoomState, &e.Command, &e.Callback, &e.Time,
		&e.Operator, &e.ClientIP, &e.Platform, &e.Cause, nil)
	d.At = time.UnixMilli(at)
	t.Dead, t.Event = &d, &e
	return err
}

// fate is what has become of it.
func (t *tracing) fate(b *pgx.Batch) {
	if t.Event == nil {
		return
	}
	lane := string(t.Event.Lane)
	b.Queue(`SELECT done, beyond, paused, begun FROM positions WHERE app = $1 AND reader = $2`, t.app, t.id.Name).Query(rows(t.standing))
	b.Queue(`SELECT lane, next, attempts, try, since, failing, why FROM held WHERE app = $1 AND reader = $2 AND lane = $3`, t.app, t.id.Name, lane).
		Query(rows(func(row pgx.Rows) error {
			h, err := scanHeld(row)
			if t.Standing != nil {
				t.Standing.Lane = &h
			}
			return err
		}))
	b.Queue(`SELECT "from", "to", lane, dead_only, "by", at, of, reader, finished_at FROM redeliveries WHERE app = $1 AND "from" <= $2 AND "to" >= $2 AND lane IN ('', $3)`,
		t.app, t.seq, lane).Query(func(r pgx.Rows) error {
		err := each(r, t.redelivery)
		t.Redeliveries = operate.Latest(t.Redeliveries, t.id.Name, t.Event.Lane, t.seq)
		return err
	})
	b.Queue(`SELECT * FROM (SELECT r.first, r.reader, t.* FROM (
				SELECT reader, at AS first FROM redeliveries WHERE app = $1 AND "from" <= $3 AND "to" >= $3 AND lane IN ('', $4) AND reader <> $2
					AND of = coalesce((SELECT of FROM redeliveries WHERE app = $1 AND reader = $2), $2)
				UNION ALL SELECT $2::text, 0) AS r
			CROSS JOIN LATERAL (
				(SELECT `+attemptColumns+` FROM attempts AS t WHERE t.app = $1 AND t.reader = r.reader AND t.seq = $3`+remembered+` ORDER BY t.number DESC LIMIT $5)
				UNION (SELECT `+attemptColumns+` FROM attempts AS t WHERE t.app = $1 AND t.reader = r.reader AND t.seq = $3`+remembered+` ORDER BY t.number LIMIT 1)
			) AS t) AS a ORDER BY a.first, a.reader, a.number`,
		t.app, t.id.Name, t.seq, lane, operate.MaxTries).Query(rows(t.try))
	b.Queue(`SELECT at, actor, command FROM audit WHERE app = $1 AND reader = $2 AND discarded >= $3 ORDER BY id LIMIT 1`,
		t.app, t.id.Name, t.seq).Query(rows(func(row pgx.Rows) error {
		var at int64
		t.Discarded = &operate.Discard{}
		err := row.Scan(&at, &t.Discarded.By, &t.Discarded.Command)
		t.Discarded.At = time.UnixMilli(at)
		return err
	}))
}

func (t *tracing) standing(row pgx.Rows) error {
	var done int64
	var beyond string
	s := &operate.Standing{}
	if err := row.Scan(&done, &beyond, &s.Paused, &s.Begun); err != nil {
		return err
	}
	cursor, err := eventlog.ParseCursor(done, beyond)
	if err != nil {
		return foreignError{fmt.Errorf("read the cursor: %w", err)}
	}
	s.Cursor, t.Standing = cursor, s
	return nil
}

func (t *tracing) redelivery(row pgx.Rows) error {
	var r operate.Redelivery
	var at, finished int64
	err := row.Scan(&r.From, &r.To, &r.Lane, &r.DeadOnly, &r.By, &at, &r.Redelivery.Reader, &r.Reader, &finished)
	r.At = time.UnixMilli(at)
	if finished > 0 {
		r.Finished = time.UnixMilli(finished)
	}
	t.Redeliveries = append(t.Redeliveries, r)
	return err
}

// try takes an attempt of the reader, or of a redelivery that is told of.
func (t *tracing) try(row pgx.Rows) error {
	var first, at, duration int64
	var try operate.Try
	err := row.Scan(&first, &try.Reader, &try.Number, &at, &duration, &try.Status, &try.Durable, &try.Cloud, &try.Counted, &try.Why, &try.Answer)
	try.Seq, try.At, try.Duration = t.seq, time.UnixMilli(at), time.Duration(duration)*time.Microsecond
	if n := len(t.Attempts); n > 0 && t.Attempts[n-1].Reader == try.Reader && t.Attempts[n-1].Number == try.Number {
		return err // recorded twice, on both sides of midnight
	}
	for i := range t.Redeliveries {
		if t.Redeliveries[i].Reader == try.Reader {
			t.Attempts = append(t.Attempts, try)
			return err
		}
	}
	if try.Reader == t.id.Name {
		t.Attempts = append(t.Attempts, try)
	}
	return err
}
