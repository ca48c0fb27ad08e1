package bench

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// purgeWatch looks how far the log of a running server was purged. Rows leave a log from its beginning and have no gaps, so
// the first number that is left tells, and a look costs next to nothing.
type purgeWatch struct {
	conn *sqlite3.Conn
	stmt *sqlite3.Stmt
	// looks are in the order of time. They may be read after stop.
	looks  []purgeLook
	err    error
	cancel context.CancelFunc
	ended  chan struct{}
}

// purgeLook is how many rows were gone at a moment, of all Apps.
type purgeLook struct {
	at   time.Time
	gone int64
}

// purgeEvery is how often it looks.
const purgeEvery = 100 * time.Millisecond

// watchPurge begins; stop ends it. every is 0 for the usual pace.
func watchPurge(ctx context.Context, folder string, every time.Duration) (*purgeWatch, error) {
	ctx, cancel := context.WithCancel(ctx)
	w := &purgeWatch{cancel: cancel, ended: make(chan struct{})}
	var err error
	if w.conn, err = sqlite3.OpenFlags(filepath.Join(folder, databaseFile), sqlite3.OPEN_READWRITE); err != nil {
		cancel()
		return nil, err
	}
	w.stmt, _, err = w.conn.Prepare(`SELECT total(coalesce(
		(SELECT min(seq) - 1 FROM log WHERE log.app = apps.app), apps.floor_seq)) FROM apps`)
	if err == nil {
		err = w.look()
	}
	if err != nil {
		cancel()
		return nil, errors.Join(err, w.close())
	}
	go w.run(ctx, max(every, purgeEvery))
	return w, nil
}

func (w *purgeWatch) run(ctx context.Context, every time.Duration) {
	defer close(w.ended)
	pause := time.NewTicker(every)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		if w.err = w.look(); w.err != nil {
			return
		}
	}
}

func (w *purgeWatch) look() error {
	defer func() { _ = w.stmt.Reset() }() // repeats the error of Err
	if w.stmt.Step() {
		w.looks = append(w.looks, purgeLook{time.Now(), w.stmt.ColumnInt64(0)})
	}
	return w.stmt.Err()
}

func (w *purgeWatch) close() error {
	var err error
	if w.stmt != nil {
		err = w.stmt.Close()
	}
	return errors.Join(err, w.conn.Close())
}

// stop ends it, while the server still runs: the last to close a database would tidy it up. It may be called again.
func (w *purgeWatch) stop() error {
	w.cancel()
	<-w.ended
	if w.conn != nil {
		w.err = errors.Join(w.err, w.close())
		w.conn, w.stmt = nil, nil
	}
	return w.err
}

// between returns how many rows left in a time, and for how long of it some were leaving.
func (w *purgeWatch) between(from, to time.Time) (rows int64, took time.Duration) {
	for i := 1; i < len(w.looks); i++ {
		a, b := w.looks[i-1], w.looks[i]
		if b.gone == a.gone || !b.at.After(from) || !a.at.Before(to) {
			continue
		}
		rows += b.gone - a.gone
		took += b.at.Sub(a.at)
	}
	return rows, took
}

// gone is how many rows were gone when it looked last.
func (w *purgeWatch) gone() int64 { return w.looks[len(w.looks)-1].gone }
