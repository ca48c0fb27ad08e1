package pgtest

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestDatabaseIsNewAndEmpty(t *testing.T) {
	conn := connect(t, Database(t))
	if n := relations(t, conn); n != 0 {
		t.Errorf("a new database has %d relations, want 0", n)
	}
	run(t, conn, "CREATE TABLE a (b int)")
	if n := relations(t, conn); n != 1 {
		t.Errorf("%d relations after one was made, want 1", n)
	}
	if n := relations(t, connect(t, Database(t))); n != 0 {
		t.Errorf("the next database has %d relations, want 0", n)
	}
}

// relations counts what somebody else than PostgreSQL has made.
func relations(t *testing.T, conn *pgx.Conn) int {
	t.Helper()
	return ask[int](t, conn, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`)
}

func TestDatabaseLeavesWithItsTestThoughItIsInUse(t *testing.T) {
	watcher := connect(t, Database(t))
	var name string
	var left *pgx.Conn
	t.Run("test", func(t *testing.T) {
		url := Database(t)
		var err error
		left, err = pgx.Connect(t.Context(), url)
		must(t, err)
		name = ask[string](t, left, "SELECT current_database()")
	})
	if n := ask[int](t, watcher, "SELECT count(*) FROM pg_database WHERE datname = $1", name); n != 0 {
		t.Errorf("database %s is still there after its test", name)
	}
	if left != nil {
		left.Close(t.Context())
	}
}

func TestDatabasesAreMadeAtTheSameTime(t *testing.T) {
	names := make(chan string, 8)
	t.Run("tests", func(t *testing.T) {
		for range cap(names) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				names <- ask[string](t, connect(t, Database(t)), "SELECT current_database()")
			})
		}
	})
	close(names)
	seen := map[string]bool{}
	for name := range names {
		if seen[name] {
			t.Errorf("two tests have database %s", name)
		}
		seen[name] = true
	}
}

// What a user's database may be, so that tests find what only works on an easier one.
func TestServersAreStrict(t *testing.T) {
	t.Parallel()
	conn := connect(t, Start(t).NewDatabase(t))
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := ask[string](t, conn, "SELECT current_setting($1)", setting); got != "on" {
			t.Errorf("%s = %s, want on", setting, got)
		}
	}
	if !ask[bool](t, conn, "SELECT 'a' < 'B'") {
		t.Error("'a' comes after 'B' as in bytes: a forgotten COLLATE would not be found out")
	}
	if ask[bool](t, conn, `SELECT 'a' < 'B' COLLATE "C"`) {
		t.Error(`'a' comes before 'B' with COLLATE "C"`)
	}
}

func TestVariableNamesTheServerToUse(t *testing.T) {
	s := Start(t)
	t.Setenv(variable, s.URL("template1"))
	h, err := openHost()
	must(t, err)
	var url string
	t.Run("test", func(t *testing.T) {
		url = h.database(t)
		if !answers(url) {
			t.Error("the new database does not answer")
		}
	})
	if addr, err := addressOf(url); err != nil || !strings.Contains(s.URL(""), addr) {
		t.Errorf("the database is at %s (%v), want it on the server of %s", addr, err, variable)
	}
	if answers(url) {
		t.Error("the database is still there after its test")
	}
}

func TestWrongVariableFailsAndDoesNotSkip(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"no URL", "host=localhost", "must be a URL: postgres://"},
		{"another scheme", "sqlite://file", "must be a URL: postgres://"},
		{"nobody there", "postgres://ada:secret@127.0.0.1:1/x?sslmode=disable", "the server of " + variable},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv(variable, c.value)
			_, err := openHost()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v, want %q in it", err, c.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %v", err)
			}
			if got := ending(err); got != "failed" {
				t.Errorf("the test is %s, want failed", got)
			}
		})
	}
}
