package sqlite

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Options of [Open].
type Options struct {
	// Path of the database file. Symbolic links are followed: beside the file itself stand the files of the WAL and the
	// lock, named as the file with .lock at the end.
	Path string
	Log  *slog.Logger
	// Synced is told how long the COMMIT of each transaction took that was synced to the disk; nil: nobody is.
	Synced func(time.Duration)
}

// DB is an open database file.
//
// Whoever needs both locks takes use before writer, and nobody who holds use takes it again: opening anew, which waits for
// use, would stand between the two.
type DB struct {
	path   string // without symbolic links
	log    *slog.Logger
	synced func(time.Duration)
	lock   *flock.Flock

	writer baton // held by whoever writes, from Begin to the end of the transaction
	// synchronous is what the writing connection was set to last, guarded by writer.
	synchronous string

	// use is held for reading by every operation and for writing while the connections are replaced.
	use    sync.RWMutex
	conns  *conns // nil while away
	health health

	apps  appCache
	rooms roomCache // guarded by writer

	broken     chan struct{} // holds one token when there is something for keepOpen to mend
	checkpoint chan struct{} // holds one token when the WAL has grown
	stop       chan struct{}
	tasks      sync.WaitGroup
	closing    sync.Once
	closed     error // of closing
}

// Open opens or creates the file, moves its schema up, and starts the goroutines that [DB.Close] ends. It refuses a file
// that another process has open, and one that has a second name by a hard link.
func Open(ctx context.Context, opt Options) (*DB, error) {
	path, err := locate(opt.Path)
	if err != nil {
		return nil, err
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Synced == nil {
		opt.Synced = func(time.Duration) {}
	}
	db := &DB{
		path: path, log: opt.Log, synced: opt.Synced, rooms: newRoomCache(),
		writer: newBaton(), broken: make(chan struct{}, 1), checkpoint: make(chan struct{}, 1), stop: make(chan struct{}),
	}
	if db.lock, err = takeLock(path); err != nil {
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

// open makes the schema and the connections.
func (db *DB) open(ctx context.Context) error {
	if err := migrate(ctx, db.path); err != nil {
		return fmt.Errorf("open %s: %w", db.path, explain(err, db.path))
	}
	c, err := db.openConns()
	if err != nil {
		return err
	}
	db.use.Lock()
	defer db.use.Unlock()
	db.conns = c
	return nil
}

// Close waits for what is running and closes the file; the last connection moves the WAL into the database. Closing again
// does nothing and returns the same.
func (db *DB) Close() error {
	db.closing.Do(func() {
		close(db.stop)
		db.tasks.Wait()
		db.use.Lock()
		defer db.use.Unlock()
		if db.conns != nil {
			db.conns.close()
			db.conns = nil
		}
		db.health.setAway(errClosed)
		db.closed = db.lock.Close()
	})
	return db.closed
}

// Ready returns nil when the store can be used, else why not: an error that wraps [ErrAway] while nothing works, another
// one while only writes fail. A write that works ends that, and when nothing writes, the store tries one each second.
func (db *DB) Ready() error { return db.health.ready() }

// acquire enters an operation; release leaves it.
func (db *DB) acquire() (*conns, error) {
	db.use.RLock()
	if err := db.health.usable(); err != nil {
		db.use.RUnlock()
		return nil, err
	}
	return db.conns, nil
}

func (db *DB) release() { db.use.RUnlock() }

// read runs fn with a connection of its own. fn must not call the store.
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
