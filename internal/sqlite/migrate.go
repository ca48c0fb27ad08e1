package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// level is the newest migration that this binary knows.
const level = 3

// migrate moves the schema up to level. A schema that a newer binary has left is used as it is, unless it names a
// higher level as the lowest that may use it.
func migrate(ctx context.Context, path string) error {
	// The path is no URI: a '?' or '%' in it stands for itself.
	pool, err := driver.Open(path, func(c *sqlite3.Conn) error { return c.Exec(setupAll + `PRAGMA synchronous = FULL;`) })
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer func() { _ = pool.Close() }()
	pool.SetMaxOpenConns(1)
	if err := checkGate(ctx, pool); err != nil {
		return err
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, dir)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// checkGate refuses a schema that this binary is too old for.
func checkGate(ctx context.Context, pool *sql.DB) error {
	var there int
	err := pool.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_gate'`).Scan(&there)
	if err != nil {
		return fmt.Errorf("read the schema: %w; is the file a database of Callboard?", err)
	}
	if there == 0 {
		return nil
	}
	var lowest int
	var release string
	if err := pool.QueryRowContext(ctx, `SELECT lowest, release FROM schema_gate`).Scan(&lowest, &release); err != nil {
		return fmt.Errorf("read the schema's gate: %w", err)
	}
	if lowest > level {
		return fmt.Errorf("the database was moved to schema level %d, and this callboard knows up to level %d: use callboard %s or newer, or restore a backup from before the upgrade",
			lowest, level, release)
	}
	return nil
}
