package gap

import (
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/pgtest"
)

// store is the database of a server, as its owner sees it. Its methods are called while no server runs.
type store interface {
	// url is the setting database of the server.
	url() string
	// backup copies the database as it is, and restore takes the copy in its place, with another name of the App's log, as an
	// operator does after a loss.
	backup(t *testing.T)
	restore(t *testing.T, log string)
}

// fileStore is a database of SQLite.
type fileStore struct{ path string }

func (s *fileStore) url() string { return "sqlite:" + s.path }

func (s *fileStore) copy() string { return s.path + "-copy" }

func (s *fileStore) backup(t *testing.T) {
	for _, suffix := range []string{"", "-wal"} { // what the server had committed may be in the latter only
		text, err := os.ReadFile(s.path + suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(s.copy()+suffix, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *fileStore) restore(t *testing.T, log string) {
	s.path = s.copy()
	nameLog(t, "sqlite3", "file:"+s.path, log)
}

// serverStore is a database of PostgreSQL, on a server of the test's own.
type serverStore struct {
	server *pgtest.Server
	name   string
}

func openServerStore(t *testing.T, server *pgtest.Server) *serverStore {
	t.Helper()
	u, err := url.Parse(server.NewDatabase(t))
	if err != nil {
		t.Fatal(err)
	}
	return &serverStore{server: server, name: strings.TrimPrefix(u.Path, "/")}
}

func (s *serverStore) url() string { return s.server.URL(s.name) }

func (s *serverStore) copy() string { return s.name + "_copy" }

// backup first sends away what still serves the process that has ended.
func (s *serverStore) backup(t *testing.T) {
	s.server.Exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"+s.name+"'")
	s.server.Exec(t, "CREATE DATABASE "+s.copy()+" TEMPLATE "+s.name)
}

func (s *serverStore) restore(t *testing.T, log string) {
	s.name = s.copy()
	nameLog(t, "pgx", s.url(), log)
}

// nameLog gives the log of every App another name.
func nameLog(t *testing.T, driver, source, log string) {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `UPDATE apps SET log = $1`, log); err != nil {
		t.Fatal(err)
	}
}
