package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options of [Open].
type Options struct {
	// URL is postgres://user@host/database with the parameters of pgx: sslmode, pool_max_conns and so on.
	URL string
	Log *slog.Logger
	// Synced is told how long the statements of a change and its COMMIT took; nil: nobody is.
	Synced func(time.Duration)
}

// DB is a database that is open.
type DB struct {
	pool   *pgxpool.Pool
	log    *slog.Logger
	synced func(time.Duration)
	health health
	apps   appCache

	stop    chan struct{}
	tasks   sync.WaitGroup
	closing sync.Once
}

const (
	// standardConns is how many connections are used at most when the URL does not say.
	standardConns = 24
	// mostCommitters is as many as the COMMITs that a disk makes together as a rule.
	mostCommitters = 16
	spareConns     = 6
	connectWithin  = 2 * time.Second
	// Whoever waits for the database does so for that long: a call is answered within three seconds.
	statementWithin = 2500 * time.Millisecond
	// The server gives up before, and says so: then it is known that nothing is stored, and the connection stays.
	lockLimit, statementLimit = "1500ms", "2000ms"
	// A sweep may look at much.
	sweepWithin = 30 * time.Second
)

// Open connects, moves the schema up, makes the partitions of the next days and starts the goroutines that [DB.Close] ends.
func Open(ctx context.Context, opt Options) (*DB, error) {
	config, err := pgxpool.ParseConfig(opt.URL)
	if err != nil {
		return nil, fmt.Errorf("read the address of the database: %w", err) // pgx redacts it
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Synced == nil {
		opt.Synced = func(time.Duration) {}
	}
	if !strings.Contains(opt.URL, "pool_max_conns") {
		config.MaxConns = standardConns
	}
	if config.ConnConfig.ConnectTimeout == 0 || config.ConnConfig.ConnectTimeout > connectWithin {
		config.ConnConfig.ConnectTimeout = connectWithin
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "callboard"
	}
	if err := migrate(ctx, config.ConnConfig); err != nil {
		return nil, fmt.Errorf("open the database %s on %s: %w", config.ConnConfig.Database, config.ConnConfig.Host, err)
	}
	db := &DB{log: opt.Log, synced: opt.Synced, stop: make(chan struct{})}
	db.health.set(nil)
	db.health.doubt = make(chan struct{}, 1)
	if db.pool, err = pgxpool.NewWithConfig(context.WithoutCancel(ctx), config); err != nil {
		return nil, err
	}
	if err := addDays(ctx, db.pool); err != nil {
		db.pool.Close()
		return nil, err
	}
	db.tasks.Go(db.keepDays)
	db.tasks.Go(db.watch)
	return db, nil
}

// Close waits for what is running and closes the connections. Closing again does nothing.
func (db *DB) Close() error {
	db.closing.Do(func() {
		close(db.stop)
		db.tasks.Wait()
		db.pool.Close()
	})
	return nil
}

// Committers is how many groups may be committed at a time: some connections stay for readings and settlements.
func (db *DB) Committers() int {
	return int(max(min(db.pool.Config().MaxConns-spareConns, mostCommitters), 1))
}

// within runs fn with a time limit, unless the database is away, and notes what its error says about the database.
func (db *DB) within(ctx context.Context, limit time.Duration, fn func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := db.health.usable(); err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := fn(limited)
	db.note(ctx, err)
	return err
}

// note looks at an error of an operation whose caller's context is ctx.
func (db *DB) note(ctx context.Context, err error) {
	switch {
	case err == nil:
		db.health.noteWorked()
	case ctx.Err() == nil && blamesDatabase(err):
		db.health.suspect()
	}
}

// blamesDatabase tells whether an error says that the database does not work: it is no answer of the server, or one that
// is not about the statement.
func blamesDatabase(err error) bool {
	if errors.Is(err, pgx.ErrNoRows) {
		return false
	}
	var answer *pgconn.PgError
	if errors.As(err, &answer) {
		class := answer.Code[:min(len(answer.Code), 2)]
		// Connection, read-only, out of something, shut down, an error of the system, a bug; not: canceled, also by a time limit.
		return slices.Contains([]string{"08", "25", "53", "57", "58", "XX"}, class) && answer.Code != "57014"
	}
	var foreign foreignError
	return !errors.As(err, &foreign)
}

// foreignError wraps an error that a caller's function returned: it says nothing about the database.
type foreignError struct{ error }

func (e foreignError) Unwrap() error { return e.error }

// query calls row for each row of a statement of its own.
func (db *DB) query(ctx context.Context, limit time.Duration, row func(pgx.Rows) error, sql string, args ...any) error {
	return db.within(ctx, limit, func(ctx context.Context) error {
		b := &pgx.Batch{} // one transaction without a BEGIN, in one round trip
		b.Queue(`SELECT ` + plans)
		b.Queue(sql, args...).Query(func(rows pgx.Rows) error { return each(rows, row) })
		return db.pool.SendBatch(ctx, b).Close()
	})
}

// each calls row for each of rows and closes them.
func each(rows pgx.Rows, row func(pgx.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// transact sends a batch as one transaction, in one round trip. Without sync the COMMIT does not wait for the disk. A limit of
// time for each statement is the server's own, so that one that is stuck does not outlive the one who waits for it.
func (db *DB) transact(ctx context.Context, sync bool, steps *pgx.Batch) error {
	return db.within(ctx, 2*statementWithin, func(ctx context.Context) error {
		c, err := db.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer c.Release()
		err = c.SendBatch(ctx, whole(sync, steps)).Close()
		if missesDay(err) {
			abandon(c)
			if err = addDays(ctx, c); err == nil {
				err = c.SendBatch(ctx, whole(sync, steps)).Close()
			}
		}
		if err != nil {
			abandon(c)
		}
		return err
	})
}

// whole is a transaction of steps, whose results are taken anew each time that it is sent.
func whole(sync bool, steps *pgx.Batch) *pgx.Batch {
	b := begin(sync)
	b.QueuedQueries = append(b.QueuedQueries, steps.QueuedQueries...)
	b.Queue(`COMMIT`)
	return b
}

// missesDay tells whether a row belongs to a day that has no partition.
func missesDay(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == "23514"
}

// plans is what keeps plans as they are, for one transaction. All statements are prepared ones that look things up by index, whose
// plan must not depend on how long an array is, how small a table was, or what the statistics say: left alone, the server plans
// some of them each time, which takes as long as running them, and sorts all versions of a row rather than read the newest.
const plans = `set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
	set_config('enable_bitmapscan', 'off', true), set_config('jit', 'off', true)`

// begin is the beginning of every transaction that writes.
func begin(sync bool) *pgx.Batch {
	how := "on"
	if !sync {
		how = "off"
	}
	b := &pgx.Batch{}
	b.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED`)
	b.Queue(`SELECT set_config('synchronous_commit', $1, true), set_config('idle_in_transaction_session_timeout', '3s', true),
		set_config('statement_timeout', $2, true), set_config('lock_timeout', $3, true), `+plans, how, statementLimit, lockLimit)
	return b
}

// abandon ends a transaction that has failed. A connection on which even that does not work is closed by the pool.
func abandon(c *pgxpool.Conn) {
	if c.Conn().IsClosed() || c.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, _ = c.Exec(ctx, `ROLLBACK`)
}

// clean makes a text of foreign origin one that PostgreSQL can keep: no NUL, valid UTF-8.
func clean(s string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\uFFFD"), "\uFFFD")
}
