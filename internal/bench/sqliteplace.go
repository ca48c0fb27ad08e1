package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// sqlitePlace is a folder. Every database lies in the folder of its processes.
type sqlitePlace struct{ root string }

func (p sqlitePlace) disk(_ context.Context, samples int) (Disk, error) {
	return measureDisk(p.root, samples)
}

func (p sqlitePlace) create(_ context.Context, folder string) (database, error) {
	return sqliteDatabase{folder: folder}, nil
}

// cpu has nothing to tell: the server itself writes its file.
func (p sqlitePlace) cpu() (time.Duration, bool) { return 0, false }

// written has no number to tell: the log is written from its beginning again and again.
func (p sqlitePlace) written(context.Context) (float64, error) { return math.NaN(), nil }

type sqliteDatabase struct{ folder string }

const databaseFile = "callboard.db"

func (d sqliteDatabase) path() string { return filepath.Join(d.folder, databaseFile) }

func (d sqliteDatabase) url() string { return sqliteScheme + d.path() }

func (d sqliteDatabase) size(context.Context) (all, wal int64, err error) {
	if all, err = size(d.folder); err != nil {
		return 0, 0, err
	}
	wal, err = fileSize(d.path() + "-wal")
	return all, wal, err
}

func (d sqliteDatabase) copy(_ context.Context, folder string) (database, error) {
	c := sqliteDatabase{folder: folder}
	return c, copyFile(d.path(), c.path())
}

// drop has nothing to do: all files are in the folder.
func (d sqliteDatabase) drop() error { return nil }

func (d sqliteDatabase) connect(context.Context) (connection, error) {
	c, err := sqlite3.OpenFlags(d.path(), sqlite3.OPEN_READWRITE)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return sqliteConnection{c}, nil
}

type sqliteConnection struct{ conn *sqlite3.Conn }

func (c sqliteConnection) close() error { return c.conn.Close() }

var sqliteQuestions = map[question]string{
	attemptsRecorded: `SELECT count(*) FROM attempts`,
	// Rows leave a log from its beginning and have no gaps, so the first number that is left tells, at next to no cost.
	rowsForgotten: `SELECT total(coalesce((SELECT min(seq) - 1 FROM log WHERE log.app = apps.app), apps.floor_seq)) FROM apps`,
	rowsLeft:      `SELECT count(*) FROM log`,
	deadLetters:   `SELECT count(*) FROM dead`,
}

func (c sqliteConnection) number(_ context.Context, q question) (n int64, err error) {
	s, _, err := c.conn.Prepare(sqliteQuestions[q])
	if err != nil {
		return 0, fmt.Errorf("ask the database: %w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if s.Step() {
		n = s.ColumnInt64(0)
	}
	return n, s.Err()
}
