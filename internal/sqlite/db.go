package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"github.com/ncruces/go-sqlite3"
)

// ErrAway is returned while the file is being opened anew after a COMMIT of unknown outcome.
var ErrAway = errors.New("the database is away; it is opened anew each second")

// Options of [Open].
type Options struct {
	// Path of the database file; beside it stand the files of the WAL and Path.lock.
	Path string
	Log  *slog.Logger
}

// DB is an open database file.
type DB struct {
	path string
	log  *slog.Logger
	lock *flock.Flock

	writer sync.Mutex // held by whoever writes, from Begin to the end of the transaction
	// synchronous is what the writing connection was set to last, guarded by writer.
	synchronous string

	// use is held for reading by every operation and for writing while the connections are replaced.
	use   sync.RWMutex
	conns *conns       // nil while away
	away  atomic.Value // of string: why, empty while open

	apps appCache

	broken     chan struct{} // holds one token when the connections have to be replaced
	checkpoint chan struct{} // holds one token when the WAL has grown
	stop       chan struct{}
	tasks      sync.WaitGroup
}

// conns are the open connections.
type conns struct {
	write      *conn
	checkpoint *conn
	read       chan *conn
}

const readers = 4

// Every connection works in WAL mode. Automatic checkpoints are off: checkpoint.go makes them.
const (
	setupAll   = `PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY;`
	setupWrite = setupAll + `PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; PRAGMA journal_size_limit = 16777216;`
	setupRead  = setupAll + `PRAGMA query_only = ON; PRAGMA cache_size = -4096;`
	// A checkpoint that holds up the writer waits for readers this long, far below what a command may take.
	setupCheckpoint = setupAll + `PRAGMA busy_timeout = 500; PRAGMA synchronous = FULL; PRAGMA cache_size = -512;`
)

// Open opens or creates the file, moves its schema up, and starts the goroutines that [DB.Close] ends.
func Open(ctx context.Context, opt Options) (*DB, error) {
	path, err := filepath.Abs(opt.Path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", opt.Path, err)
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	db := &DB{
		path: path, log: opt.Log, lock: flock.New(path+".lock", flock.SetPermissions(0o600)),
		broken: make(chan struct{}, 1), checkpoint: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	if err := db.takeLock(); err != nil {
		return nil, err
	}
	if err := db.open(ctx); err != nil {
		_ = db.lock.Close()
		return nil, err
	}
	db.tasks.Go(db.keepOpen)
	db.tasks.Go(db.keepWALShort)
	return db, nil
}

func (db *DB) takeLock() error {
	ok, err := db.lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock %s: %w; is the folder there, and may this user write in it?", db.lock.Path(), err)
	}
	if !ok {
		return fmt.Errorf("the database %s is in use by another process (it holds %s): stop that process, or use another file with --database",
			db.path, db.lock.Path())
	}
	return nil
}

// open makes the file, its schema and the connections.
func (db *DB) open(ctx context.Context) error {
	if err := createPrivate(db.path); err != nil {
		return err
	}
	if err := migrate(ctx, db.path); err != nil {
		return fmt.Errorf("open %s: %w", db.path, err)
	}
	c, err := db.openConns()
	if err != nil {
		return err
	}
	db.use.Lock()
	defer db.use.Unlock()
	db.conns = c
	db.away.Store("")
	return nil
}

// createPrivate makes a missing file readable by its owner only, before SQLite would make it with the umask's mode.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	return f.Close()
}

func (db *DB) openConns() (*conns, error) {
	c := &conns{read: make(chan *conn, readers)}
	var err error
	if c.write, err = openConn(db.path, setupWrite); err != nil {
		return nil, err
	}
	c.write.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		db.grown(pages)
		return nil
	})
	db.synchronous = "" // a new connection has its own setting
	if c.checkpoint, err = openConn(db.path, setupCheckpoint); err != nil {
		c.close()
		return nil, err
	}
	for range readers {
		r, err := openConn(db.path, setupRead)
		if err != nil {
			c.close()
			return nil, err
		}
		c.read <- r
	}
	// SQLite makes the files of the WAL with the umask's mode.
	if err := restrict(db.path); err != nil {
		c.close()
		return nil, fmt.Errorf("restrict %s to its owner: %w", db.path, err)
	}
	return c, nil
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

// Close waits for what is running and closes the file; the last connection moves the WAL into the database.
func (db *DB) Close() error {
	close(db.stop)
	db.tasks.Wait()
	db.use.Lock()
	defer db.use.Unlock()
	if db.conns != nil {
		db.conns.close()
		db.conns = nil
	}
	db.away.Store("closed")
	return db.lock.Close()
}

// Ready returns nil when the store can be used, else why not.
func (db *DB) Ready() error {
	if why, _ := db.away.Load().(string); why != "" {
		return fmt.Errorf("%w: %s", ErrAway, why)
	}
	return nil
}

// acquire enters an operation; release leaves it.
func (db *DB) acquire() (*conns, error) {
	db.use.RLock()
	if db.conns == nil {
		db.use.RUnlock()
		return nil, db.Ready()
	}
	if err := db.Ready(); err != nil {
		db.use.RUnlock()
		return nil, err
	}
	return db.conns, nil
}

func (db *DB) release() { db.use.RUnlock() }

// fail is told of a COMMIT whose outcome is unknown: nothing uses the connections again until they are replaced.
func (db *DB) fail(err error) {
	db.away.Store(err.Error())
	db.apps.clear()
	select {
	case db.broken <- struct{}{}:
	default:
	}
}

// keepOpen is the goroutine that opens the file anew after a failure.
func (db *DB) keepOpen() {
	for {
		select {
		case <-db.stop:
			return
		case <-db.broken:
		}
		for !db.reopen() {
			select {
			case <-db.stop:
				return
			case <-time.After(time.Second):
			}
		}
	}
}

func (db *DB) reopen() bool {
	db.use.Lock()
	defer db.use.Unlock()
	if db.conns != nil {
		db.conns.close()
		db.conns = nil
	}
	c, err := db.openConns()
	if err == nil {
		if err = c.prove(); err != nil {
			c.close()
		}
	}
	if err != nil {
		db.away.Store(err.Error())
		db.log.Error("the database cannot be used yet; the next try is in a second", "error", err)
		return false
	}
	db.conns = c
	db.away.Store("")
	db.log.Info("the database is open again")
	return true
}

// prove makes sure that what the file says is on the disk and that more can be written: the whole WAL is moved into the
// database and synced, then a row is written and committed.
func (c *conns) prove() error {
	if _, _, err := c.write.WALCheckpoint("", sqlite3.CHECKPOINT_TRUNCATE); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	if _, err := c.write.exec(`INSERT INTO probe (id, at) VALUES (1, ?) ON CONFLICT DO UPDATE SET at = excluded.at`, time.Now().UnixMilli()); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	return nil
}

// read runs fn with a connection of its own.
func (db *DB) read(ctx context.Context, fn func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := db.acquire()
	if err != nil {
		return err
	}
	defer db.release()
	select {
	case r := <-c.read:
		defer func() { c.read <- r }()
		return fn(r)
	case <-ctx.Done():
		return ctx.Err()
	}
}
