package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

const letterColumns = `at, why, attempts, seq, lane, command, time, room_seq, body`

// letterScan goes over dead letters in the order that was asked for.
type letterScan struct {
	s     *operate.Search
	bytes int
	page  operate.Page[operate.Letter]
}

// Letters implements operate.Query.
func (db *DB) Letters(ctx context.Context, app live.AppID, s operate.Search) (operate.Page[operate.Letter], error) {
	l := letterScan{s: &s}
	l.page.Next = s.After
	after, way, from, to := order(&s)
	err := db.read(ctx, func(c *conn) error {
		return c.query(l.take, `SELECT `+letterColumns+` FROM dead WHERE app = ? AND reader = ? AND seq BETWEEN ? AND ? AND seq `+after+` ? ORDER BY seq `+way,
			int64(app), s.Reader, from, to, s.After.Seq)
	})
	if errors.Is(err, errEnough) {
		l.page.More, err = true, nil
	}
	return l.page, err
}

// take looks at one dead letter.
func (l *letterScan) take(row *sqlite3.Stmt) error {
	if l.page.Looked >= l.s.Look || len(l.page.Rows) >= l.s.Limit {
		return errEnough
	}
	l.page.Looked++
	seq := row.ColumnInt64(3)
	if l.wants(row) {
		letter := operate.Letter{
			Dead: eventlog.Dead{Seq: seq, At: time.UnixMilli(row.ColumnInt64(0)), Why: eventlog.Reason(row.ColumnText(1)), Attempts: row.ColumnInt(2)},
			Event: eventlog.Event{
				Seq: seq, Lane: eventlog.Lane(row.ColumnText(4)), Command: row.ColumnText(5), Time: row.ColumnInt64(6), RoomSeq: row.ColumnInt64(7),
			},
		}
		if l.s.Body {
			letter.Event.Body = row.ColumnBlob(8, nil)
			if l.bytes += len(letter.Event.Body); len(l.page.Rows) > 0 && l.bytes > l.s.Bytes {
				return errEnough
			}
		}
		l.page.Rows = append(l.page.Rows, letter)
	}
	l.page.Next = operate.Mark{Seq: seq}
	return nil
}

func (l *letterScan) wants(row *sqlite3.Stmt) bool {
	return (l.s.Lane == "" || row.ColumnText(4) == string(l.s.Lane)) && (l.s.Command == "" || row.ColumnText(5) == l.s.Command) &&
		l.s.Covers(time.UnixMilli(row.ColumnInt64(0)))
}
