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
	feed.Log
	operate.Query
	rest.Rooms
	timer.Store
	// Ready returns nil when the store can be used, else why not.
	Ready() error
	Close() error
}

// sqliteCommitters: a file has one writer, and a group over all Apps has one sync.
const sqliteCommitters = 1

// storeOptions are those that both engines have.
type storeOptions struct {
	log    *slog.Logger
	synced func(time.Duration)
}

// openStore opens the database and returns how many committers it is meant for. checkDatabase has accepted it before.
func openStore(ctx context.Context, database string, opt storeOptions) (store, int, error) {
	if path, ok := sqlitePath(database); ok {
		db, err := sqlite.Open(ctx, sqlite.Options{Path: path, Log: opt.log, Synced: opt.synced})
		if err != nil {
			return nil, 0, err
		}
		return db, sqliteCommitters, nil
	}
	db, err := postgres.Open(ctx, postgres.Options{URL: database, Log: opt.log, Synced: opt.synced})
	if err != nil {
		return nil, 0, adviseOnPostgres(err, database)
	}
	return db, db.Committers(), nil
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
