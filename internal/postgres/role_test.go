package postgres

import (
	"context"
	"errors"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
)

// The script that the docs tell to run gives the server a role which can do all that a server does, and no more.
func TestRoleOfTheServerCanDoItsWorkAndNothingElse(t *testing.T) {
	server := pgtest.Start(t) // roles belong to a server, not to a database
	admin := server.NewDatabase(t)
	script, err := os.ReadFile("../../docs/roles.sql")
	must(t, err)
	c, err := pgx.Connect(t.Context(), admin)
	must(t, err)
	defer func() { _ = c.Close(context.Background()) }()
	_, err = c.PgConn().Exec(t.Context(), string(script)+`; ALTER ROLE callboard_owner PASSWORD 'pw'; ALTER ROLE callboard_server PASSWORD 'pw'`).ReadAll()
	must(t, err)

	if db, err := Open(t.Context(), Options{URL: as(t, admin, "callboard_server")}); err == nil {
		_ = db.Close()
		t.Fatal("the role of the server could make the schema")
	} else if answer := (*pgconn.PgError)(nil); !errors.As(err, &answer) || answer.Code != "42501" {
		t.Fatalf("the role of the server cannot make the schema: %v, want that it may not", err)
	}
	must(t, openAt(t, as(t, admin, "callboard_owner")).Close())
	db := openAt(t, as(t, admin, "callboard_server"))
	useEverything(t, db)
	write(t, db, killedApp+1, 3)
	forget(t, db, killedApp+1, 3)
	must(t, db.dropDays(t.Context()))
	for _, sql := range []string{
		`CREATE TABLE mine (id integer)`, `ALTER TABLE rooms ADD COLUMN more text`, `DROP TABLE dead`, `TRUNCATE log`, `SELECT drop_day('rooms', 1)`,
		`CREATE ROLE another`,
	} {
		if _, err := db.pool.Exec(t.Context(), sql); err == nil {
			t.Errorf("the role of the server can %s", sql)
		}
	}
	must(t, db.EachApp(t.Context(), func(*live.App) error { return nil }))
}

// as is the URL for another role.
func as(t *testing.T, database, role string) string {
	t.Helper()
	u, err := url.Parse(database)
	must(t, err)
	u.User = url.UserPassword(role, "pw")
	return u.String()
}

// Two servers of one version that start at the same time make the schema once.
func TestServersThatStartTogetherMakeTheSchemaOnce(t *testing.T) {
	database := pgtest.Database(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const servers = 4
	errs := make(chan error, servers)
	for range servers {
		go func() {
			db, err := Open(ctx, Options{URL: database})
			if err == nil {
				err = db.Close()
			}
			errs <- err
		}()
	}
	for range servers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// A database that a newer binary has left is refused when it says so, and used as it is when it does not.
func TestSchemaOfANewerBinaryIsUsedUnlessItsGateForbidsIt(t *testing.T) {
	database := pgtest.Database(t)
	db := openAt(t, database)
	_, err := db.pool.Exec(t.Context(), `INSERT INTO schema_version (version_id, is_applied) VALUES ($1, true)`, level+1)
	must(t, err)
	must(t, openAt(t, database).Close())
	_, err = db.pool.Exec(t.Context(), `UPDATE schema_gate SET lowest = $1, release = '9.9'`, level+1)
	must(t, err)
	if newer, err := Open(t.Context(), Options{URL: database}); err == nil {
		_ = newer.Close()
		t.Error("a schema that this binary is too old for was opened")
	}
}
