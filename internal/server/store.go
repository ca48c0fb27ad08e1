package server

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/operate"
	"github.com/callboard/callboard/internal/postgres"
	"github.com/callboard/callboard/internal/rest"
	"github.com/callboard/callboard/internal/sqlite"
	"github.com/callboard/callboard/internal/timer"
)

// store is what the parts of a server need of a database, whichever engine it is. This file alone knows both.
type store interface {
	engine.Store
	delivery.Log
	delivery.Retention
	delivery.Backlogs
	engine.Renewal
	feed.Log
	operate.Query
	rest.Rooms
	timer.Store
	// Ready returns nil when the store can be used, else why not.
	Ready() error
	Close() error
}

// capacity is what an engine is meant for at one time.
type capacity struct {
	committers int
	// callers ask questions about the log and about delivery, and tails read what readers of the feed wait for.
	callers, tails int
}

// Of SQLite: a file has one writer, and a group over all Apps has one sync. Callers and tails leave one of the connections for
// reading to changes and delivery, whatever is asked.
var ofSQLite = capacity{committers: 1, callers: sqlite.Readers - 2, tails: 1}

// storeOptions are those that both engines have.
type storeOptions struct {
	log    *slog.Logger
	synced func(time.Duration)
}

// openStore opens the database. checkDatabase has accepted it before.
func openStore(ctx context.Context, database string, opt storeOptions) (store, capacity, error) {
	if path, ok := sqlitePath(database); ok {
		db, err := sqlite.Open(ctx, sqlite.Options{Path: path, Log: opt.log, Synced: opt.synced})
		if err != nil {
			return nil, capacity{}, err
		}
		return db, ofSQLite, nil
	}
	db, err := postgres.Open(ctx, postgres.Options{URL: database, Log: opt.log, Synced: opt.synced})
	if err != nil {
		return nil, capacity{}, adviseOnPostgres(err, database)
	}
	return db, capacity{committers: db.Committers(), callers: 4, tails: 2}, nil
}

// Migrate moves the schema of a database up and closes it.
func Migrate(ctx context.Context, database string) error {
	if err := checkDatabase(database); err != nil {
		return err
	}
	db, _, err := openStore(ctx, database, storeOptions{})
	if err != nil {
		return err
	}
	return db.Close()
}

// checkDatabase refuses what openStore could never open, without connecting to anything.
func checkDatabase(database string) error {
	if path, ok := sqlitePath(database); ok && path != "" {
		return nil
	}
	if strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://") {
		return checkPostgres(database)
	}
	return errors.New("the database is not known; use sqlite:PATH or postgres://USER@HOST/DB")
}

func sqlitePath(database string) (string, bool) { return strings.CutPrefix(database, "sqlite:") }
