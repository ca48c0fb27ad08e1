package sqlite

import (
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// conns are the open connections.
type conns struct {
	write      *conn
	checkpoint *conn
	read       chan *conn
}

// Readers is how many read at one time.
const Readers = 4

// Every connection works in WAL mode. Automatic checkpoints are off: checkpoint.go makes them.
const (
	setupAll   = `PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY;`
	setupWrite = setupAll + `PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 16777216;`
	setupRead  = setupAll + `PRAGMA query_only = ON; PRAGMA cache_size = -1024;`
	// A checkpoint that holds up the writer waits for readers this long, far below what a command may take.
	setupCheckpoint = setupAll + `PRAGMA busy_timeout = 500; PRAGMA synchronous = FULL; PRAGMA cache_size = -512;`
)

// openConns is called when nobody uses the store.
func (db *DB) openConns() (*conns, error) {
	c := &conns{read: make(chan *conn, Readers)}
	if err := c.open(db.path); err != nil {
		c.close()
		return nil, err
	}
	c.write.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		db.grown(pages)
		return nil
	})
	db.synchronous = "" // a new connection has its own setting
	return c, nil
}

// open may leave some connections open when it fails.
func (c *conns) open(path string) (err error) {
	if c.write, err = openConn(path, setupWrite); err != nil {
		return err
	}
	if c.checkpoint, err = openConn(path, setupCheckpoint); err != nil {
		return err
	}
	for range Readers {
		r, err := openConn(path, setupRead)
		if err != nil {
			return err
		}
		c.read <- r
	}
	// SQLite makes the files of the WAL with the umask's mode.
	if err := restrict(path); err != nil {
		return fmt.Errorf("restrict %s to its owner: %w", path, err)
	}
	return nil
}

// close closes the connections; all of them must be idle.
func (c *conns) close() {
	close(c.read)
	for r := range c.read {
		_ = r.close()
	}
	for _, one := range []*conn{c.checkpoint, c.write} {
		if one != nil {
			_ = one.close()
		}
	}
}
