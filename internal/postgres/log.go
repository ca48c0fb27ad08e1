package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

const eventColumns = `seq, prev, lane, room_seq, room_prev, room_state, command, callback, time, operator, client_ip, platform, cause, body`

func scanEvent(row pgx.Rows) (e eventlog.Event, err error) {
	err = row.Scan(&e.Seq, &e.Prev, &e.Lane, &e.RoomSeq, &e.RoomPrev, &e.RoomState, &e.Command, &e.Callback, &e.Time,
		&e.Operator, &e.ClientIP, &e.Platform, &e.Cause, &e.Body)
	return e, err
}

// maxPage bounds one read.
const maxPage = 1000

// Read implements delivery.Log.
func (db *DB) Read(ctx context.Context, app live.AppID, after int64, page delivery.Page) (events []eventlog.Event, end bool, err error) {
	return db.readToEnd(ctx, page, `SELECT `+eventColumns+` FROM log WHERE app = $1 AND seq > greatest($2, `+floor+`) ORDER BY seq LIMIT $3`,
		int64(app), after)
}

// ReadLane implements delivery.Log.
func (db *DB) ReadLane(ctx context.Context, app live.AppID, part delivery.LanePart, page delivery.Page) ([]eventlog.Event, error) {
	return db.readEvents(ctx, page, `SELECT `+eventColumns+` FROM log
		WHERE app = $1 AND lane = $2 AND seq > greatest($3, `+floor+`) AND seq <= $4 AND callback ORDER BY seq LIMIT $5`,
		int64(app), string(part.Lane), part.From-1, part.To)
}

func (db *DB) readEvents(ctx context.Context, page delivery.Page, sql string, args ...any) ([]eventlog.Event, error) {
	events, _, err := db.readToEnd(ctx, page, sql, args...)
	return events, err
}

// readToEnd also tells whether there are no more rows; of a full page it does not know. The limit is the last argument.
func (db *DB) readToEnd(ctx context.Context, page delivery.Page, sql string, args ...any) (events []eventlog.Event, end bool, err error) {
	limit := min(max(page.Events, 1), maxPage)
	size, full := 0, false
	err = db.query(ctx, statementWithin, func(row pgx.Rows) error {
		if full {
			return nil // what the page is too small for
		}
		e, err := scanEvent(row)
		if err != nil {
			return err
		}
		if size += e.Size(); len(events) > 0 && size > page.Bytes {
			full = true
			return nil
		}
		events = append(events, e)
		return nil
	}, sql, append(args, limit)...)
	if err != nil {
		return nil, false, err
	}
	return events, !full && len(events) < limit, nil
}
