package sqlite

import (
	"fmt"
	"os"
	"runtime"

	"github.com/ncruces/go-sqlite3"
)

// conn is one connection with its prepared statements. It is used by one goroutine at a time.
type conn struct {
	*sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
}

// openConn opens the file for reading and writing; setup is SQL that is run first.
func openConn(path, setup string) (*conn, error) {
	c, err := sqlite3.OpenFlags(path, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if err := c.Exec(setup); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("prepare %s: %w", path, err)
	}
	return &conn{Conn: c, stmts: map[string]*sqlite3.Stmt{}}, nil
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
			return nil, err
		}
		c.stmts[sql] = s
	}
	for i, arg := range args {
		if err := bind(s, i+1, arg); err != nil {
			return nil, err
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
	panic(fmt.Sprintf("sqlite: a %T cannot be bound", arg))
}

// exec runs a statement that returns no rows and tells how many rows it changed.
func (c *conn) exec(sql string, args ...any) (int64, error) {
	s, err := c.stmt(sql, args...)
	if err != nil {
		return 0, err
	}
	if err := s.Exec(); err != nil {
		return 0, err
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
	return s.Err()
}

// restrict makes the database files readable by their owner only.
func restrict(path string) error {
	if runtime.GOOS == "windows" {
		return nil // access there is inherited from the folder
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(name, 0o600); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}
