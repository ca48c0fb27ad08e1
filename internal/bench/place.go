package bench

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Kinds of stores, as the table names them.
const (
	kindSQLite   = "sqlite"
	kindPostgres = "postgres"
)

const sqliteScheme = "sqlite:"

// place is where the databases of one kind of store are made.
type place interface {
	// disk tells what they lie on, and how long the least commit takes.
	disk(ctx context.Context, samples int) (Disk, error)
	// create makes one with nothing in it, for processes that run in the folder.
	create(ctx context.Context, folder string) (database, error)
	// cpu is what the processes of the store have used since they began; false: it has none, or they cannot be seen.
	cpu() (time.Duration, bool)
	// written is how many bytes of write-ahead log the store has written since it began; NaN: nobody can say.
	written(ctx context.Context) (float64, error)
}

// database is that of one measurement. It may be looked into while a server has it open.
type database interface {
	// url is what serve is given.
	url() string
	// size is how many bytes it takes on the disk, and how many of them in a write-ahead log of its own.
	size(ctx context.Context) (all, wal int64, err error)
	// connect makes a connection beside those of the server.
	connect(ctx context.Context) (connection, error)
	// copy makes another one that is like this, which no process has open.
	copy(ctx context.Context, folder string) (database, error)
	// drop removes what does not go with the folder.
	drop() error
}

// connection answers questions about what is in a database.
type connection interface {
	number(ctx context.Context, q question) (int64, error)
	close() error
}

// question is one that has a number for an answer.
type question int

const (
	attemptsRecorded question = iota
	rowsForgotten             // of the logs of all Apps, by retention
	rowsLeft                  // in the logs of all Apps
	deadLetters
)

// checkDatabase refuses what is no place. A URL may have a password, so it is not repeated.
func checkDatabase(address string) error {
	if folder, ok := strings.CutPrefix(address, sqliteScheme); ok && folder != "" {
		return nil
	}
	if isPostgres(address) {
		if u, err := url.Parse(address); err == nil && (u.Hostname() != "" || u.Query().Get("host") != "") {
			return nil
		}
	}
	return fmt.Errorf("use %sFOLDER or postgres://USER@HOST/DB", sqliteScheme)
}

func isPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// ask answers one question on a connection of its own.
func ask(ctx context.Context, d database, q question) (int64, error) {
	c, err := d.connect(ctx)
	if err != nil {
		return 0, err
	}
	n, err := c.number(ctx, q)
	if closed := c.close(); err == nil {
		err = closed
	}
	return n, err
}
