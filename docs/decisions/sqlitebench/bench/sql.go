package bench

import (
	"context"
	"database/sql"
	"errors"
)

// SQLOpener returns an Opener over the database/sql driver of that name. Each Conn holds one pinned connection, so that
// BEGIN and COMMIT are plain statements and prepared statements are never prepared again.
func SQLOpener(driver string) Opener {
	return func(path string, pragmas []string) (Conn, error) {
		db, err := sql.Open(driver, "file:"+path)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		conn, err := db.Conn(context.Background())
		if err != nil {
			return nil, err
		}
		c := &sqlConn{ctx: context.Background(), db: db, conn: conn, kept: map[string]*sql.Stmt{}}
		for _, p := range pragmas {
			if err := c.Exec("PRAGMA " + p); err != nil {
				return nil, err
			}
		}
		return c, nil
	}
}

type sqlConn struct {
	ctx  context.Context
	db   *sql.DB
	conn *sql.Conn
	kept map[string]*sql.Stmt
}

func (c *sqlConn) stmt(query string) (*sql.Stmt, error) {
	if s := c.kept[query]; s != nil {
		return s, nil
	}
	s, err := c.conn.PrepareContext(c.ctx, query)
	if err != nil {
		return nil, err
	}
	c.kept[query] = s
	return s, nil
}

func (c *sqlConn) Exec(query string) error {
	if query != "BEGIN IMMEDIATE" && query != "COMMIT" {
		_, err := c.conn.ExecContext(c.ctx, query)
		return err
	}
	return c.exec(query)
}

func (c *sqlConn) exec(query string, args ...any) error {
	s, err := c.stmt(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(c.ctx, args...)
	return err
}

func (c *sqlConn) Room(app int64, room string) (doc []byte, err error) {
	s, err := c.stmt(SelectRoom)
	if err != nil {
		return nil, err
	}
	err = s.QueryRowContext(c.ctx, app, room).Scan(&doc)
	return doc, err
}

func (c *sqlConn) UpdateRoom(doc []byte, app int64, room string) error {
	return c.exec(UpdateRoom, doc, app, room)
}

func (c *sqlConn) InsertRoom(doc []byte, app int64, room string) error {
	return c.exec(InsertRoom, doc, app, room)
}

func (c *sqlConn) InsertEvent(e *Event) error {
	return c.exec(InsertEvent, e.App, e.Seq, e.Lane, e.Room, e.RoomSeq, e.RoomPrev, e.Prev, e.RoomState, e.Command,
		e.Callback, e.EventTime, e.Operator, e.ClientIP, e.Platform, e.Cause, e.Body)
}

func (c *sqlConn) Page(page []Event, app, seq int64, limit int) ([]Event, error) {
	s, err := c.stmt(SelectPage)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(c.ctx, app, seq, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Event
		if err := rows.Scan(&e.App, &e.Seq, &e.Lane, &e.Room, &e.RoomSeq, &e.RoomPrev, &e.Prev, &e.RoomState, &e.Command,
			&e.Callback, &e.EventTime, &e.Operator, &e.ClientIP, &e.Platform, &e.Cause, &e.Body); err != nil {
			return nil, err
		}
		page = append(page, e)
	}
	return page, rows.Err()
}

func (c *sqlConn) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.conn.Close(), c.db.Close())...)
}
