package sqlite

import (
	"context"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

const eventColumns = `seq, prev, lane, room_seq, room_prev, room_state, command, callback, time, operator, client_ip, platform, cause, body`

func insertEvent(c *conn, app live.AppID, e *eventlog.Event) error {
	_, err := c.exec(`INSERT INTO log (app, `+eventColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(app), e.Seq, e.Prev, string(e.Lane), e.RoomSeq, e.RoomPrev, e.RoomState, e.Command, e.Callback, e.Time,
		e.Operator, e.ClientIP, e.Platform, e.Cause, e.Body)
	return err
}

func scanEvent(s *sqlite3.Stmt) eventlog.Event {
	return eventlog.Event{
		Seq: s.ColumnInt64(0), Prev: s.ColumnInt64(1), Lane: eventlog.Lane(s.ColumnText(2)),
		RoomSeq: s.ColumnInt64(3), RoomPrev: s.ColumnInt64(4), RoomState: s.ColumnText(5),
		Command: s.ColumnText(6), Callback: s.ColumnBool(7), Time: s.ColumnInt64(8),
		Operator: s.ColumnText(9), ClientIP: s.ColumnText(10), Platform: s.ColumnText(11), Cause: s.ColumnText(12),
		Body: s.ColumnBlob(13, nil),
	}
}

// maxPage bounds one read: a long one would keep the WAL from being started anew.
const maxPage = 1000

// Read implements delivery.Log.
func (db *DB) Read(ctx context.Context, app live.AppID, after int64, page delivery.Page) (events []eventlog.Event, end bool, err error) {
	return db.readToEnd(ctx, page, `SELECT `+eventColumns+` FROM log WHERE app = ? AND seq > ? ORDER BY seq LIMIT ?`,
		int64(app), after)
}

// ReadLane implements delivery.Log.
func (db *DB) ReadLane(ctx context.Context, app live.AppID, part delivery.LanePart, page delivery.Page) ([]eventlog.Event, error) {
	return db.readEvents(ctx, page, `SELECT `+eventColumns+` FROM log INDEXED BY log_lane
		WHERE app = ? AND lane = ? AND seq BETWEEN ? AND ? AND callback = 1 ORDER BY seq LIMIT ?`,
		int64(app), string(part.Lane), part.From, part.To)
}

func (db *DB) readEvents(ctx context.Context, page delivery.Page, sql string, args ...any) ([]eventlog.Event, error) {
	events, _, err := db.readToEnd(ctx, page, sql, args...)
	return events, err
}

// readToEnd also tells whether there are no more rows; of a full page it does not know.
func (db *DB) readToEnd(ctx context.Context, page delivery.Page, sql string, args ...any) (events []eventlog.Event, end bool, err error) {
	limit := min(max(page.Events, 1), maxPage)
	err = db.read(ctx, func(c *conn) error {
		size, found := 0, c.page[:0]
		// The connection keeps the page as its scratch, without what is in it.
		defer func() {
			clear(found)
			c.page = found
		}()
		s, err := c.stmt(sql, append(args, limit)...)
		if err != nil {
			return err
		}
		defer func() { _ = s.Reset() }()
		for end = true; s.Step(); {
			e := scanEvent(s)
			size += e.Size()
			if len(found) > 0 && size > page.Bytes {
				end = false
				break
			}
			found = append(found, e)
		}
		events, end = slices.Clone(found), end && len(found) < limit
		return c.note(s.Err())
	})
	return events, end, err
}
