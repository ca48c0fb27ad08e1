package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
)

// Bounds implements feed.Log.
func (db *DB) Bounds(ctx context.Context, app live.AppID) (feed.Bounds, error) {
	var b feed.Bounds
	err := db.query(ctx, statementWithin, func(row pgx.Rows) error {
		return row.Scan(&b.Log, &b.Oldest, &b.Head, &b.Callback)
	}, `SELECT a.log, `+floor+` + 1, n.seq, n.callback FROM apps AS a CROSS JOIN (`+last+`) AS n WHERE a.app = $1`, int64(app))
	if err == nil && b.Log == "" {
		err = fmt.Errorf("the App %d: %w", app, feed.ErrNoLog)
	}
	return b, err
}

// EventsAfter implements feed.Log.
func (db *DB) EventsAfter(ctx context.Context, app live.AppID, after int64, page feed.Page) (events []eventlog.Event, end bool, err error) {
	return db.Read(ctx, app, after, delivery.Page(page))
}

// LaneEventsAfter implements feed.Log.
func (db *DB) LaneEventsAfter(ctx context.Context, app live.AppID, lane eventlog.Lane, after int64, page feed.Page) (events []eventlog.Event, end bool, err error) {
	return db.readToEnd(ctx, delivery.Page(page), `SELECT `+eventColumns+` FROM log
		WHERE app = $1 AND lane = $2 AND seq > greatest($3, `+floor+`) ORDER BY seq LIMIT $4`, int64(app), string(lane), after)
}

// RoomsAfter implements feed.Log. Rooms without a state may be created just now, and are not there yet.
func (db *DB) RoomsAfter(ctx context.Context, app live.AppID, after live.RoomID, limit int) ([]feed.Room, error) {
	var rooms []feed.Room
	err := db.query(ctx, statementWithin, func(row pgx.Rows) error {
		var doc string
		var lane eventlog.LaneState
		if err := row.Scan(&doc, &lane.Seq, &lane.Callback, &lane.Time); err != nil {
			return err
		}
		room, err := decodeRoom(doc)
		if err == nil {
			rooms = append(rooms, feed.Room{Doc: *room, Lane: lane})
		}
		return err
	}, `SELECT s.doc, s.lane_seq, s.lane_callback, s.lane_time FROM rooms AS r CROSS JOIN LATERAL
		(SELECT * FROM states WHERE app = $1 AND room = r.room ORDER BY part DESC LIMIT 1) AS s
		WHERE r.app = $1 AND r.room > $2 ORDER BY r.room LIMIT $3`, int64(app), string(after), limit)
	return rooms, err
}

// LastCallbacks implements feed.Log, in one statement, so that a room is not missed between its state and the log.
func (db *DB) LastCallbacks(ctx context.Context, app live.AppID, lanes []eventlog.Lane) ([]int64, error) {
	last, rooms := make([]int64, len(lanes)), make([]string, len(lanes))
	for i, lane := range lanes {
		if room, suffix := lane.Room(); suffix == "" {
			rooms[i] = room
		}
	}
	i := 0
	err := db.query(ctx, statementWithin, func(row pgx.Rows) error {
		err := row.Scan(&last[i])
		i++
		return err
	}, `SELECT coalesce(s.lane_callback, l.callback, 0) FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS n (lane, room, i)
		LEFT JOIN LATERAL (SELECT lane_callback FROM states WHERE app = $1 AND room = n.room ORDER BY part DESC LIMIT 1) AS s ON true
		LEFT JOIN LATERAL (SELECT CASE WHEN callback THEN room_seq ELSE room_prev END AS callback FROM log
			WHERE app = $1 AND lane = n.lane AND seq > `+floor+` AND s.lane_callback IS NULL ORDER BY seq DESC LIMIT 1) AS l ON true
		ORDER BY n.i`, int64(app), laneTexts(lanes), rooms)
	return last, err
}

// Standing implements feed.Log. The row of the reader is read first: what it is done with may be in a held lane, and is looked for
// there afterwards.
func (db *DB) Standing(ctx context.Context, app live.AppID, reader string, to int64, limit int) (feed.Standing, error) {
	w := waiting{db: db, id: delivery.ReaderID{App: app, Name: reader}, limit: limit}
	err := w.open(ctx)
	if err == nil {
		err = w.countGaps(ctx, to)
	}
	if err == nil {
		err = w.countHeld(ctx)
	}
	if err == nil {
		err = w.readTime(ctx)
	}
	return w.standing, err
}

// waiting counts what a reader has not settled.
type waiting struct {
	db       *DB
	id       delivery.ReaderID
	limit    int
	cursor   eventlog.Cursor
	standing feed.Standing
}

func (w *waiting) open(ctx context.Context) error {
	found := false
	err := w.db.query(ctx, statementWithin, func(row pgx.Rows) (err error) {
		found = true
		var done int64
		var beyond string
		if err := row.Scan(&done, &beyond, &w.standing.Paused, &w.standing.Held, &w.standing.Dead); err != nil {
			return err
		}
		if w.cursor, err = eventlog.ParseCursor(done, beyond); err != nil {
			return foreignError{fmt.Errorf("read the cursor: %w", err)}
		}
		return nil
	}, `SELECT done, beyond, paused, (SELECT count(*) FROM held WHERE app = $1 AND reader = $2), (SELECT count(*) FROM dead WHERE app = $1 AND reader = $2)
		FROM positions WHERE app = $1 AND reader = $2`, int64(w.id.App), w.id.Name)
	if err == nil && !found {
		err = fmt.Errorf("reader %q of the App %d: %w", w.id.Name, w.id.App, feed.ErrNoReader)
	}
	return err
}

// countGaps counts the events up to a number that the cursor is not done with.
func (w *waiting) countGaps(ctx context.Context, to int64) error {
	var first, last []int64
	for from, upto := range w.cursor.Gaps(to) {
		first, last = append(first, from), append(last, upto)
	}
	return w.db.query(ctx, statementWithin, w.count(func(int64) bool { return true }),
		`SELECT l.seq FROM unnest($2::bigint[], $3::bigint[]) AS g (first, last) CROSS JOIN LATERAL
		(SELECT seq FROM log WHERE app = $1 AND seq > greatest(g.first - 1, `+floor+`) AND seq <= g.last AND callback ORDER BY seq LIMIT $4) AS l
		LIMIT $4`, int64(w.id.App), first, last, w.limit)
}

// countHeld counts the events in held lanes that the cursor is done with; the others are counted already.
func (w *waiting) countHeld(ctx context.Context) error {
	return w.db.query(ctx, statementWithin, w.count(w.cursor.Has), `SELECT l.seq FROM held AS h CROSS JOIN LATERAL
		(SELECT seq FROM log WHERE app = $1 AND lane = h.lane AND seq > greatest(h.next - 1, `+floor+`) AND seq <= $3 AND callback ORDER BY seq LIMIT $4) AS l
		WHERE h.app = $1 AND h.reader = $2 LIMIT $4`, int64(w.id.App), w.id.Name, w.cursor.Last(), w.limit)
}

// count notes each number for which waits says so.
func (w *waiting) count(waits func(seq int64) bool) func(pgx.Rows) error {
	return func(row pgx.Rows) error {
		var seq int64
		err := row.Scan(&seq)
		if err == nil && waits(seq) {
			w.standing.Count(seq, w.limit)
		}
		return err
	}
}

func (w *waiting) readTime(ctx context.Context) error {
	if w.standing.Waiting == 0 {
		return nil
	}
	return w.db.query(ctx, statementWithin, func(row pgx.Rows) error { return row.Scan(&w.standing.OldestTime) },
		`SELECT time FROM log WHERE app = $1 AND seq = $2`, int64(w.id.App), w.standing.Oldest)
}
