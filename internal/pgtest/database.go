package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// variable names the server to use instead of one from the programs of the machine.
const variable = "CALLBOARD_TEST_POSTGRES"

// statementLimit is above what a statement of this package takes, also while many tests make databases.
const statementLimit = time.Minute

// shared is the server of [Database]. It is made once; the guard ends it with the process.
var shared = sync.OnceValues(openHost)

// host is where databases are made.
type host struct {
	admin  string  // URL of a database in which they are created and dropped
	server *Server // nil: not ours
}

// Database returns the postgres:// URL of a new, empty database, which is dropped when the test ends. Connections that are
// open then are closed. The test is skipped when the machine has no PostgreSQL.
func Database(t testing.TB) string {
	t.Helper()
	h, err := shared()
	if err != nil {
		skipOrFail(t, err)
	}
	return h.database(t)
}

func openHost() (host, error) {
	if admin := os.Getenv(variable); admin != "" {
		return host{admin: admin}, checkGiven(admin)
	}
	s, err := newServer()
	if missing, ok := errors.AsType[missingError](err); ok {
		return host{}, missing + "; or set " + variable + " to the URL of a server on which databases may be created"
	}
	if err != nil {
		return host{}, err
	}
	return host{admin: s.URL(adminDatabase), server: s}, nil
}

// checkGiven says what is wrong with the server of the variable.
func checkGiven(admin string) error {
	if u, err := url.Parse(admin); err != nil || u.Host == "" || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return fmt.Errorf("%s must be a URL: postgres://user:password@host:port/database", variable)
	}
	var version int
	err := connected(admin, func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version)
	})
	if err != nil {
		return fmt.Errorf("the server of %s: %w", variable, err)
	}
	if version/10000 < oldest {
		return fmt.Errorf("the server of %s has version %d, need %d or later", variable, version/10000, oldest)
	}
	return nil
}

// database makes a database and has it dropped when the test ends.
func (h host) database(t testing.TB) string {
	t.Helper()
	name, err := createDatabase(h.admin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(h.admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop a test's database: %v", err)
		}
	})
	return withDatabase(h.admin, name)
}

// createDatabase returns the name of a new database. It needs no quotes. Nobody can be connected to template0, and so
// nothing can be in the way of copying it.
func createDatabase(admin string) (string, error) {
	name := "callboard_test_" + strings.ToLower(rand.Text())
	if err := execute(admin, "CREATE DATABASE "+name+" TEMPLATE template0"); err != nil {
		return "", fmt.Errorf("create a test's database: %w", err)
	}
	return name, nil
}

// withDatabase returns the URL with another database.
func withDatabase(serverURL, name string) string {
	u := parse(serverURL)
	u.Path = "/" + name
	return u.String()
}

// parse is for URLs that have been used to connect.
func parse(serverURL string) *url.URL {
	u, err := url.Parse(serverURL)
	if err != nil {
		panic("pgtest: the URL of a server is none: " + err.Error())
	}
	return u
}

// execute runs a statement on a connection of its own.
func execute(serverURL, sql string, args ...any) error {
	return connected(serverURL, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql, args...)
		return err
	})
}

// connected calls use with a connection that ends when use returns.
func connected(serverURL string, use func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), statementLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, serverURL)
	if err != nil {
		return err
	}
	return errors.Join(use(ctx, conn), conn.Close(ctx))
}
