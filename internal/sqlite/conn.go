package sqlite

import (
	"fmt"
	"reflect"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/eventlog"
)

// conn is one connection with its prepared statements. It is used by one goroutine at a time.
type conn struct {
	*sqlite3.Conn
	path  string
	stmts map[string]*sqlite3.Stmt
	page  []eventlog.Event // scratch of readToEnd, empty
	// failed is the first error of SQLite in this transaction that says that the store does not work.
	failed error
}

// openConn opens the file for reading and writing; setup is SQL that is run first.
func openConn(path, setup string) (*conn, error) {
	c, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, explain(err, path))
	}
	if err := c.Exec(setup); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("prepare %s: %w", path, explain(err, path))
	}
	return &conn{Conn: c, path: path, stmts: map[string]*sqlite3.Stmt{}}, nil
}

// note is passed every error of SQLite, so that no failure of the store is missed, and returns it explained.
func (c *conn) note(err error) error {
	if err == nil {
		return nil
	}
	err = explain(err, c.path)
	if c.failed == nil && blamesStore(err) {
		c.failed = err
	}
	return err
}

func (c *conn) close() error {
	for _, s := range c.stmts {
		_ = s.Close()
	}
	return c.Close()
}

// stmt returns the statement with its parameters bound, prepared once per connection.
func (c *conn) stmt(sql string, args ...any) (*sqlite3.Stmt, error) {
	s := c.stmts[sql]
	if s == nil {
		var err error
		if s, _, err = c.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT); err != nil {
			return nil, c.note(err)
		}
		c.stmts[sql] = s
	}
	for i, arg := range args {
		if err := bind(s, i+1, arg); err != nil {
			return nil, c.note(err)
		}
	}
	return s, nil
}

func bind(s *sqlite3.Stmt, i int, arg any) error {
	switch v := arg.(type) {
	case int64:
		return s.BindInt64(i, v)
	case int:
		return s.BindInt(i, v)
	case string:
		return s.BindText(i, v)
	case []byte:
		return s.BindBlob(i, v)
	case bool:
		return s.BindBool(i, v)
	}
	// With fmt every argument of every statement would be moved to the heap.
	panic("sqlite: a " + reflect.TypeOf(arg).String() + " cannot be bound")
}

// exec runs a statement that returns no rows and tells how many rows it changed.
func (c *conn) exec(sql string, args ...any) (int64, error) {
	s, err := c.stmt(sql, args...)
	if err != nil {
		return 0, err
	}
	if err := s.Exec(); err != nil {
		return 0, c.note(err)
	}
	return c.Changes(), nil
}

// query calls row for each row; row must not run the same statement again.
func (c *conn) query(row func(*sqlite3.Stmt) error, sql string, args ...any) error {
	s, err := c.stmt(sql, args...)
	if err != nil {
		return err
	}
	defer func() { _ = s.Reset() }() // repeats the error that Err has returned
	for s.Step() {
		if err := row(s); err != nil {
			return err
		}
	}
	return c.note(s.Err())
}

// run executes SQL that is no statement of its own on rows: BEGIN, COMMIT, a setting.
func (c *conn) run(sql string) error { return c.note(c.Exec(sql)) }

// moveWAL makes a checkpoint; it returns the pages in the WAL and how many of them are in the database.
func (c *conn) moveWAL(mode sqlite3.CheckpointMode) (length, done int, err error) {
	length, done, err = c.WALCheckpoint("", mode)
	return length, done, c.note(err)
}
