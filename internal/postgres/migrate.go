package postgres

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	// level is the newest migration that this binary knows.
	level = 1
	// leastVersion is the oldest PostgreSQL that is tested.
	leastVersion = 150000
)

// migrate moves the schema up to level. A schema that a newer binary has left is used as it is, unless it names a
// higher level as the lowest that may use it. Of several processes that start together one moves it.
func migrate(ctx context.Context, config *pgx.ConnConfig) error {
	pool := stdlib.OpenDB(*config)
	defer func() { _ = pool.Close() }()
	pool.SetMaxOpenConns(2) // one for the lock
	if err := checkVersion(ctx, pool); err != nil {
		return err
	}
	there, err := checkGate(ctx, pool)
	if err != nil {
		return err
	}
	if there {
		if done, err := migrated(ctx, pool); done || err != nil {
			return err
		}
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	// A lock of the session would be lost in a pool between this and the database.
	locker, err := lock.NewPostgresTableLocker(lock.WithTableName("schema_lock"), lock.WithTableLockTimeout(200*time.Millisecond, 300))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, pool, dir, goose.WithTableName("schema_version"), goose.WithLocker(locker))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// migrated tells whether there is nothing to do, which a role without the right to make tables can find out.
func migrated(ctx context.Context, pool *sql.DB) (bool, error) {
	var version int
	err := pool.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM schema_version`).Scan(&version)
	if err != nil {
		return false, fmt.Errorf("read the level of the schema: %w", err)
	}
	return version >= level, nil
}

func checkVersion(ctx context.Context, pool *sql.DB) error {
	var version int
	var name, encoding string
	err := pool.QueryRowContext(ctx, `SELECT current_setting('server_version_num')::integer, current_setting('server_version'), current_setting('server_encoding')`).
		Scan(&version, &name, &encoding)
	if err != nil {
		return err
	}
	if encoding != "UTF8" {
		return fmt.Errorf("the database has the encoding %s: make it with ENCODING 'UTF8' (and TEMPLATE template0)", encoding)
	}
	if version < leastVersion {
		return fmt.Errorf("the server is PostgreSQL %s: use 15 or later", name)
	}
	return nil
}

// checkGate refuses a schema that this binary is too old for. It tells whether there is a schema.
func checkGate(ctx context.Context, pool *sql.DB) (bool, error) {
	var there bool
	if err := pool.QueryRowContext(ctx, `SELECT to_regclass('schema_gate') IS NOT NULL`).Scan(&there); err != nil || !there {
		return false, err
	}
	var lowest int
	var release string
	if err := pool.QueryRowContext(ctx, `SELECT lowest, release FROM schema_gate`).Scan(&lowest, &release); err != nil {
		return true, fmt.Errorf("read the schema's gate: %w", err)
	}
	if lowest > level {
		return true, fmt.Errorf("the database was moved to schema level %d, and this callboard knows up to level %d: use callboard %s or newer, or restore a backup from before the upgrade",
			lowest, level, release)
	}
	return true, nil
}
