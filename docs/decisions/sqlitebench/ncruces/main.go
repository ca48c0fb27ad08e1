// Command ncruces measures the Conn and Stmt of github.com/ncruces/go-sqlite3.
package main

import (
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/docs/decisions/sqlitebench/bench"
)

func main() { bench.Main(open) }

type conn struct {
	*sqlite3.Conn
	kept map[string]*sqlite3.Stmt
}

func open(path string, pragmas []string) (bench.Conn, error) {
	db, err := sqlite3.Open("file:" + path)
	if err != nil {
		return nil, err
	}
	for _, p := range pragmas {
		if err := db.Exec("PRAGMA " + p); err != nil {
			return nil, err
		}
	}
	return &conn{Conn: db, kept: map[string]*sqlite3.Stmt{}}, nil
}

func (c *conn) Exec(query string) error {
	if query != "BEGIN IMMEDIATE" && query != "COMMIT" {
		return c.Conn.Exec(query)
	}
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	return s.Exec()
}

func (c *conn) stmt(query string) (*sqlite3.Stmt, error) {
	if s := c.kept[query]; s != nil {
		return s, nil
	}
	s, _, err := c.PrepareFlags(query, sqlite3.PREPARE_PERSISTENT)
	if err != nil {
		return nil, err
	}
	c.kept[query] = s
	return s, nil
}

func (c *conn) Room(app int64, room string) (doc []byte, err error) {
	s, err := c.stmt(bench.SelectRoom)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.BindInt64(1, app), s.BindText(2, room)); err != nil {
		return nil, err
	}
	if s.Step() {
		doc = s.ColumnBlob(0, nil)
	}
	return doc, s.Reset()
}

func (c *conn) UpdateRoom(doc []byte, app int64, room string) error {
	return c.writeRoom(bench.UpdateRoom, doc, app, room)
}

func (c *conn) InsertRoom(doc []byte, app int64, room string) error {
	return c.writeRoom(bench.InsertRoom, doc, app, room)
}

func (c *conn) writeRoom(query string, doc []byte, app int64, room string) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	if err := errors.Join(s.BindBlob(1, doc), s.BindInt64(2, app), s.BindText(3, room)); err != nil {
		return err
	}
	return s.Exec()
}

func (c *conn) InsertEvent(e *bench.Event) error {
	s, err := c.stmt(bench.InsertEvent)
	if err != nil {
		return err
	}
	if err := errors.Join(s.BindInt64(1, e.App), s.BindInt64(2, e.Seq), s.BindText(3, e.Lane), s.BindText(4, e.Room),
		s.BindInt64(5, e.RoomSeq), s.BindInt64(6, e.RoomPrev), s.BindInt64(7, e.Prev), s.BindText(8, e.RoomState),
		s.BindText(9, e.Command), s.BindInt64(10, e.Callback), s.BindInt64(11, e.EventTime), s.BindText(12, e.Operator),
		s.BindText(13, e.ClientIP), s.BindText(14, e.Platform), s.BindText(15, e.Cause), s.BindBlob(16, e.Body)); err != nil {
		return err
	}
	return s.Exec()
}

func (c *conn) Page(page []bench.Event, app, seq int64, limit int) ([]bench.Event, error) {
	s, err := c.stmt(bench.SelectPage)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.BindInt64(1, app), s.BindInt64(2, seq), s.BindInt(3, limit)); err != nil {
		return nil, err
	}
	for s.Step() {
		page = append(page, bench.Event{
			App: s.ColumnInt64(0), Seq: s.ColumnInt64(1), Lane: s.ColumnText(2), Room: s.ColumnText(3),
			RoomSeq: s.ColumnInt64(4), RoomPrev: s.ColumnInt64(5), Prev: s.ColumnInt64(6), RoomState: s.ColumnText(7),
			Command: s.ColumnText(8), Callback: s.ColumnInt64(9), EventTime: s.ColumnInt64(10), Operator: s.ColumnText(11),
			ClientIP: s.ColumnText(12), Platform: s.ColumnText(13), Cause: s.ColumnText(14), Body: s.ColumnBlob(15, nil),
		})
	}
	return page, s.Reset()
}

func (c *conn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}
