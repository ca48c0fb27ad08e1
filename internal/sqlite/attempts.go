package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// Extent implements operate.Query.
func (db *DB) Extent(ctx context.Context, app live.AppID) (e operate.Extent, err error) {
	err = db.read(ctx, func(c *conn) (err error) {
		e, err = extent(c, app)
		return err
	})
	return e, err
}

func extent(c *conn, app live.AppID) (e operate.Extent, err error) {
	err = c.query(func(s *sqlite3.Stmt) error {
		e.Log, e.Floor = s.ColumnText(0), s.ColumnInt64(1)
		return nil
	}, `SELECT log, floor_seq FROM apps WHERE app = ?`, int64(app))
	if err != nil {
		return e, err
	}
	last, err := lastNumbers(c, app)
	e.Head = last.seq
	return e, err
}

// LastBefore implements operate.Query.
func (db *DB) LastBefore(ctx context.Context, app live.AppID, until time.Time) (last int64, err error) {
	err = db.read(ctx, func(c *conn) error {
		e, err := extent(c, app)
		if err != nil {
			return err
		}
		last, err = lastBefore(c, int64(app), until.UnixMilli())
		last = max(last, e.Floor)
		return err
	})
	return last, err
}

// errEnough ends a scan whose page is full, or which has looked at as much as it may.
var errEnough = errors.New("enough")

const attemptColumns = `number, durable, cloud, at, duration, status, why, answer, counted`

func scanAttempt(s *sqlite3.Stmt, seq int64) eventlog.Attempt {
	return eventlog.Attempt{
		Seq: seq, Number: s.ColumnInt(0), Durable: eventlog.Verdict(s.ColumnInt(1)), Cloud: eventlog.Verdict(s.ColumnInt(2)),
		At: time.UnixMilli(s.ColumnInt64(3)), Duration: time.Duration(s.ColumnInt64(4)) * time.Microsecond, Status: s.ColumnInt(5),
		Why: eventlog.Reason(s.ColumnText(6)), Answer: s.ColumnText(7), Counted: eventlog.Verdict(s.ColumnInt(8)),
	}
}

// attemptScan goes over attempts in the order that was asked for.
type attemptScan struct {
	c    *conn
	app  int64
	s    *operate.Search
	page operate.Page[operate.Delivery]
}

// Attempts implements operate.Query.
func (db *DB) Attempts(ctx context.Context, app live.AppID, s operate.Search) (operate.Page[operate.Delivery], error) {
	a := attemptScan{app: int64(app), s: &s}
	a.page.Next = s.After
	err := db.read(ctx, func(c *conn) error {
		a.c = c
		if s.Lane != "" {
			return a.lane()
		}
		return a.reader()
	})
	if errors.Is(err, errEnough) {
		a.page.More, err = true, nil
	}
	return a.page, err
}

// order is what makes a statement one that goes up, or down.
func order(s *operate.Search) (after, way string, from, to int64) {
	if s.Ascending {
		return ">", "ASC", s.After.Seq, s.To
	}
	return "<", "DESC", s.From, s.After.Seq
}

// reader goes over the attempts themselves, and asks the log about those that are in the state.
func (a *attemptScan) reader() error {
	after, way, from, to := order(a.s)
	return a.c.query(func(row *sqlite3.Stmt) error {
		return a.take(row.ColumnInt64(9), row)
	}, `SELECT `+attemptColumns+`, seq FROM attempts WHERE app = ? AND reader = ? AND seq BETWEEN ? AND ? AND (seq, number) `+after+` (?, ?)
		ORDER BY seq `+way+`, number `+way, a.app, a.s.Reader, from, to, a.s.After.Seq, a.s.After.Number)
}

// lane goes over the events of a lane, and from each to its attempts.
func (a *attemptScan) lane() error {
	_, way, from, to := order(a.s)
	return a.c.query(func(row *sqlite3.Stmt) error {
		seq := row.ColumnInt64(0)
		if err := a.look(); err != nil {
			return err
		}
		if err := a.event(seq, way); err != nil {
			return err
		}
		a.page.Next = operate.Mark{Seq: seq}
		if a.s.Ascending {
			a.page.Next.Number = math.MaxInt32
		}
		return nil
	}, `SELECT seq FROM log INDEXED BY log_lane WHERE app = ? AND lane = ? AND seq BETWEEN ? AND ? ORDER BY seq `+way,
		a.app, string(a.s.Lane), from, to)
}

// event takes the attempts of one event that the page before has not had.
func (a *attemptScan) event(seq int64, way string) error {
	first, last := 0, math.MaxInt32
	if seq == a.s.After.Seq {
		if a.s.Ascending {
			first = a.s.After.Number + 1
		} else {
			last = a.s.After.Number - 1
		}
	}
	return a.c.query(func(row *sqlite3.Stmt) error { return a.take(seq, row) },
		`SELECT `+attemptColumns+` FROM attempts WHERE app = ? AND reader = ? AND seq = ? AND number BETWEEN ? AND ? ORDER BY number `+way,
		a.app, a.s.Reader, seq, first, last)
}

// look counts one more row that is looked at, unless that would be too many.
func (a *attemptScan) look() error {
	if a.page.Looked >= a.s.Look || len(a.page.Rows) >= a.s.Limit {
		return errEnough
	}
	a.page.Looked++
	return nil
}

// take looks at one attempt.
func (a *attemptScan) take(seq int64, row *sqlite3.Stmt) error {
	if err := a.look(); err != nil {
		return err
	}
	if a.s.State.Has(eventlog.Verdict(row.ColumnInt(8)), eventlog.Verdict(row.ColumnInt(2))) && a.s.Covers(time.UnixMilli(row.ColumnInt64(3))) {
		d := operate.Delivery{Attempt: scanAttempt(row, seq)}
		if err := a.about(&d); err != nil {
			return err
		}
		if a.s.Command == "" || a.s.Command == d.Command {
			a.page.Rows = append(a.page.Rows, d)
		}
	}
	a.page.Next = operate.Mark{Seq: seq, Number: row.ColumnInt(0)}
	return nil
}

// about reads what the log has of the event.
func (a *attemptScan) about(d *operate.Delivery) error {
	err := a.c.query(func(row *sqlite3.Stmt) error {
		d.Lane, d.Command = eventlog.Lane(row.ColumnText(0)), row.ColumnText(1)
		return nil
	}, `SELECT lane, command FROM log WHERE app = ? AND seq = ?`, a.app, d.Seq)
	if err != nil {
		return fmt.Errorf("read the event %d: %w", d.Seq, err)
	}
	return nil
}
