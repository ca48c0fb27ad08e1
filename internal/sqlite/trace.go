package sqlite

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// Trace implements operate.Query.
func (db *DB) Trace(ctx context.Context, id delivery.ReaderID, seq int64) (operate.Trace, error) {
	t := tracing{id: id, app: int64(id.App), seq: seq}
	err := db.read(ctx, func(c *conn) (err error) {
		t.c = c
		if t.Extent, err = extent(c, id.App); err != nil {
			return err
		}
		for _, read := range []func() error{t.event, t.dead, t.standing, t.redeliveries, t.attempts, t.discarded} {
			if err := read(); err != nil {
				return fmt.Errorf("trace the event %d: %w", seq, err)
			}
		}
		return nil
	})
	return t.Trace, err
}

// tracing reads the parts of a trace.
type tracing struct {
	operate.Trace
	c   *conn
	id  delivery.ReaderID
	app int64
	seq int64
}

func (t *tracing) event() error {
	return t.c.query(func(s *sqlite3.Stmt) error {
		e := scanEvent(s)
		e.Body = nil
		t.Event = &e
		return nil
	}, `SELECT `+eventColumns+` FROM log WHERE app = ? AND seq = ?`, t.app, t.seq)
}

func (t *tracing) dead() error {
	return t.c.query(func(s *sqlite3.Stmt) error {
		const own = 14 // columns of the event
		e := scanEvent(s)
		e.Body = nil
		t.Event = &e
		t.Dead = &eventlog.Dead{
			Seq: e.Seq, At: time.UnixMilli(s.ColumnInt64(own)), Why: eventlog.Reason(s.ColumnText(own + 1)), Attempts: s.ColumnInt(own + 2),
		}
		return nil
	}, `SELECT `+eventColumns+`, at, why, attempts FROM dead WHERE app = ? AND reader = ? AND seq = ?`, t.app, t.id.Name, t.seq)
}

func (t *tracing) standing() error {
	err := t.c.query(func(s *sqlite3.Stmt) error {
		cursor, err := eventlog.ParseCursor(s.ColumnInt64(0), s.ColumnText(1))
		t.Standing = &operate.Standing{Cursor: cursor, Paused: eventlog.Reason(s.ColumnText(2)), Begun: s.ColumnInt64(3)}
		return err
	}, `SELECT done, beyond, paused, begun FROM readers WHERE app = ? AND reader = ?`, t.app, t.id.Name)
	if err != nil || t.Standing == nil || t.Event == nil {
		return err
	}
	return t.c.query(func(s *sqlite3.Stmt) error {
		h := scanHeld(s)
		t.Standing.Lane = &h
		return nil
	}, `SELECT `+heldColumns+` FROM held WHERE app = ? AND reader = ? AND lane = ?`, t.app, t.id.Name, string(t.Event.Lane))
}

// redeliveries looks at all that are kept: so many a person asks for in the time that they are.
func (t *tracing) redeliveries() error {
	if t.Event == nil {
		return nil
	}
	var list []operate.Redelivery
	err := t.c.query(func(s *sqlite3.Stmt) error {
		r := operate.Redelivery{Reader: s.ColumnText(7), Redelivery: scanRedelivery(s)}
		if at := s.ColumnInt64(8); at > 0 {
			r.Finished = time.UnixMilli(at)
		}
		list = append(list, r)
		return nil
	}, `SELECT `+redeliveryColumns+`, reader, finished_at FROM redeliveries WHERE app = ?`, t.app)
	t.Redeliveries = operate.Latest(list, t.id.Name, t.Event.Lane, t.seq)
	return err
}

// attempts are those of the reader and of redeliveries.
func (t *tracing) attempts() error {
	readers := []string{t.id.Name}
	for i := range t.Redeliveries {
		if name := t.Redeliveries[i].Reader; name != t.id.Name {
			readers = append(readers, name)
		}
	}
	for _, reader := range readers {
		var tries []operate.Try
		take := func(s *sqlite3.Stmt) error {
			tries = append(tries, operate.Try{Reader: reader, Attempt: scanAttempt(s, t.seq)})
			return nil
		}
		err := t.c.query(take, `SELECT `+attemptColumns+` FROM attempts WHERE app = ? AND reader = ? AND seq = ? ORDER BY number DESC LIMIT ?`,
			t.app, reader, t.seq, operate.MaxTries)
		if err != nil {
			return err
		}
		if n := len(tries); n > 0 {
			err := t.c.query(take, `SELECT `+attemptColumns+` FROM attempts WHERE app = ? AND reader = ? AND seq = ? AND number < ? ORDER BY number LIMIT 1`,
				t.app, reader, t.seq, tries[n-1].Number)
			if err != nil {
				return err
			}
		}
		slices.Reverse(tries)
		t.Attempts = append(t.Attempts, tries...)
	}
	return nil
}

func (t *tracing) discarded() error {
	if t.Event == nil {
		return nil
	}
	return t.c.query(func(s *sqlite3.Stmt) error {
		t.Discarded = &operate.Discard{At: time.UnixMilli(s.ColumnInt64(0)), By: live.Account(s.ColumnText(1)), Command: s.ColumnText(2)}
		return nil
	}, `SELECT at, actor, command FROM audit WHERE app = ? AND reader = ? AND discarded >= ? ORDER BY id LIMIT 1`,
		t.app, t.id.Name, t.seq)
}
