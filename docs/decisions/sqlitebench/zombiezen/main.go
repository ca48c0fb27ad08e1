// Command zombiezen measures zombiezen.com/go/sqlite, which calls the code of modernc.org/sqlite/lib directly.
package main

import (
	"errors"
	"fmt"
	"log"

	modernc "modernc.org/sqlite"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/callboard/callboard/docs/decisions/sqlitebench/bench"
)

func main() {
	// As in the program for modernc.org/sqlite: one switch for the process.
	if _, err := modernc.Fdatasync(true); err != nil && !errors.Is(err, modernc.ErrFdatasyncUnavailable) {
		log.Fatal(err)
	}
	bench.Main(open)
}

type conn struct{ *sqlite.Conn }

func open(path string, pragmas []string) (bench.Conn, error) {
	db, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return nil, err
	}
	for _, p := range pragmas {
		if err := sqlitex.ExecuteTransient(db, "PRAGMA "+p, nil); err != nil {
			return nil, err
		}
	}
	return conn{db}, nil
}

func (c conn) Exec(query string) error {
	if query != "BEGIN IMMEDIATE" && query != "COMMIT" {
		return sqlitex.ExecuteTransient(c.Conn, query, nil)
	}
	s, err := c.Prepare(query)
	if err != nil {
		return err
	}
	return step(s)
}

// step runs a statement that returns no rows.
func step(s *sqlite.Stmt) error {
	if _, err := s.Step(); err != nil {
		return err
	}
	return s.Reset()
}

func (c conn) Room(app int64, room string) (doc []byte, err error) {
	s, err := c.Prepare(bench.SelectRoom)
	if err != nil {
		return nil, err
	}
	s.BindInt64(1, app)
	s.BindText(2, room)
	ok, err := s.Step()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("no room %s", room)
	}
	doc = blob(s, 0)
	return doc, s.Reset()
}

func blob(s *sqlite.Stmt, col int) []byte {
	b := make([]byte, s.ColumnLen(col))
	s.ColumnBytes(col, b)
	return b
}

func (c conn) UpdateRoom(doc []byte, app int64, room string) error {
	return c.writeRoom(bench.UpdateRoom, doc, app, room)
}

func (c conn) InsertRoom(doc []byte, app int64, room string) error {
	return c.writeRoom(bench.InsertRoom, doc, app, room)
}

func (c conn) writeRoom(query string, doc []byte, app int64, room string) error {
	s, err := c.Prepare(query)
	if err != nil {
		return err
	}
	s.BindBytes(1, doc)
	s.BindInt64(2, app)
	s.BindText(3, room)
	return step(s)
}

func (c conn) InsertEvent(e *bench.Event) error {
	s, err := c.Prepare(bench.InsertEvent)
	if err != nil {
		return err
	}
	s.BindInt64(1, e.App)
	s.BindInt64(2, e.Seq)
	s.BindText(3, e.Lane)
	s.BindText(4, e.Room)
	s.BindInt64(5, e.RoomSeq)
	s.BindInt64(6, e.RoomPrev)
	s.BindInt64(7, e.Prev)
	s.BindText(8, e.RoomState)
	s.BindText(9, e.Command)
	s.BindInt64(10, e.Callback)
	s.BindInt64(11, e.EventTime)
	s.BindText(12, e.Operator)
	s.BindText(13, e.ClientIP)
	s.BindText(14, e.Platform)
	s.BindText(15, e.Cause)
	s.BindBytes(16, e.Body)
	return step(s)
}

func (c conn) Page(page []bench.Event, app, seq int64, limit int) ([]bench.Event, error) {
	s, err := c.Prepare(bench.SelectPage)
	if err != nil {
		return nil, err
	}
	s.BindInt64(1, app)
	s.BindInt64(2, seq)
	s.BindInt64(3, int64(limit))
	for {
		ok, err := s.Step()
		if err != nil {
			return nil, err
		}
		if !ok {
			return page, s.Reset()
		}
		page = append(page, bench.Event{
			App: s.ColumnInt64(0), Seq: s.ColumnInt64(1), Lane: s.ColumnText(2), Room: s.ColumnText(3),
			RoomSeq: s.ColumnInt64(4), RoomPrev: s.ColumnInt64(5), Prev: s.ColumnInt64(6), RoomState: s.ColumnText(7),
			Command: s.ColumnText(8), Callback: s.ColumnInt64(9), EventTime: s.ColumnInt64(10), Operator: s.ColumnText(11),
			ClientIP: s.ColumnText(12), Platform: s.ColumnText(13), Cause: s.ColumnText(14), Body: blob(s, 15),
		})
	}
}
