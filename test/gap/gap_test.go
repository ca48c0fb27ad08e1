package gap

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"
	_ "github.com/ncruces/go-sqlite3/vfs/memdb"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/pgtest"
)

func TestTheAppBackendEndsExactlyAsTheRoomsOnSQLite(t *testing.T) {
	play(t, openSQLite(t), seeds(t, 40))
}

func TestTheAppBackendEndsExactlyAsTheRoomsOnPostgreSQL(t *testing.T) {
	// A run has one goroutine: what would wait for itself is refused.
	play(t, openPostgres(t, "20ms"), seeds(t, 6))
}

// seeds returns how many runs there are.
func seeds(t *testing.T, usual int) int {
	return int(variable(t, "CALLBOARD_GAP_SEEDS", uint64(usual)))
}

func variable(t *testing.T, name string, usual uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		t.Fatalf("%s=%q is no number", name, text)
	}
	return n
}

func play(t *testing.T, s *site, runs int) {
	first := variable(t, "CALLBOARD_GAP_SEED", 0)
	tally := newTally()
	began := time.Now()
	for n := range runs {
		newRun(t, s, first+uint64(n), tally).play(context.Background())
		if t.Failed() {
			t.Fatalf("run it again with CALLBOARD_GAP_SEED=%d CALLBOARD_GAP_SEEDS=1", first+uint64(n))
		}
	}
	t.Logf("%d seeds in %s: %v", runs, time.Since(began).Round(time.Millisecond), tally.count)
	for _, what := range []string{"handed over", "holes filled", "snapshots", "mismatches", "refused for good", "failed"} {
		if runs >= 10 && tally.count[what] == 0 {
			t.Errorf("no run had anything of %q; the simulation proves less than it says", what)
		}
	}
}

func openSQLite(t *testing.T) *site {
	const source = "file:/gap?vfs=memdb&_pragma=busy_timeout(0)"
	return openSite(t, callback.SQLite, "sqlite3", source)
}

func openPostgres(t *testing.T, lockTimeout string) *site {
	t.Helper()
	source, err := url.Parse(pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	q := source.Query()
	q.Set("lock_timeout", lockTimeout)
	q.Set("synchronous_commit", "off")
	source.RawQuery = q.Encode()
	return openSite(t, callback.PostgreSQL, "pgx", source.String())
}

func openSite(t *testing.T, dialect callback.Dialect, driver, source string) *site {
	t.Helper()
	s := &site{dialect: dialect}
	s.open = func() (*sql.DB, error) {
		db, err := sql.Open(driver, source)
		if err == nil {
			db.SetMaxIdleConns(8)
		}
		return db, err
	}
	for n := range s.pools {
		db, err := s.open()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		s.pools[n] = db
	}
	if _, err := s.pools[0].ExecContext(t.Context(), callback.Schema+tables); err != nil {
		t.Fatal(err)
	}
	return s
}

// busy tells the error of a statement that would have had to wait for another replica, or came after such a one.
func (s *site) busy(err error) bool {
	for _, text := range []string{"database is locked", "55P03", "25P02"} {
		if strings.Contains(err.Error(), text) {
			return true
		}
	}
	return false
}
