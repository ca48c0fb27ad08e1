package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func TestSecondProcessIsRefusedAndToldWhatToDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callboard.db")
	first := openAt(t, path)
	second, err := Open(t.Context(), Options{Path: path})
	if err == nil {
		_ = second.Close()
		t.Fatal("the file was opened twice")
	}
	for _, says := range []string{path, "in use by another process", path + ".lock", "stop that process", "--database"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the refusal %q does not say %q", err, says)
		}
	}
	createApp(t, first, 1) // the first goes on
}

func TestFileCanBeOpenedAfterItWasClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callboard.db")
	for id := range live.AppID(3) {
		func() {
			db, err := Open(t.Context(), Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}()
			createApp(t, db, id+1) // migrating again has left the Apps before
			if got, want := countApps(t, db), int(id)+1; got != want {
				t.Errorf("%d Apps after opening %d times, want %d", got, id+1, want)
			}
		}()
	}
}

func TestAnyFileNameIsTakenAsItIs(t *testing.T) {
	for _, name := range []string{"with space.db", "question?mode=memory.db", "hash#.db", "percent%41.db", "file:x.db", "a&b=c.db", "回.db"} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			db := openAt(t, filepath.Join(folder, name))
			createApp(t, db, 1)
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if !strings.HasPrefix(e.Name(), name) {
					t.Errorf("the file %q came out of the name %q", e.Name(), name)
				}
			}
		})
	}
}

func TestWhatIsNoDatabaseIsRefused(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("these are notes\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, says string }{
		{"a text file", text, "is the file a database of Callboard?"},
		{"a folder that is not there", filepath.Join(folder, "absent", "callboard.db"), "is the folder there"},
		{"a folder", folder, "is a directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, err := Open(t.Context(), Options{Path: c.path})
			if err == nil {
				_ = db.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), c.path) {
				t.Errorf("the refusal %q does not say %q and the path", err, c.says)
			}
		})
	}
}

func TestClosedStoreSaysSo(t *testing.T) {
	db, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "callboard.db")})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Ready(); err != nil {
		t.Errorf("an open store is not ready: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Ready(); err == nil {
		t.Error("a closed store is ready")
	}
	if _, err := db.Begin(t.Context()); err == nil {
		t.Error("a closed store begins a transaction")
	}
	if _, err := db.Room(t.Context(), 1, "r"); err == nil {
		t.Error("a closed store reads a room")
	}
}

func TestClosingAgainDoesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callboard.db")
	first, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := openAt(t, path)
	if err := first.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if third, err := Open(t.Context(), Options{Path: path}); err == nil {
		_ = third.Close()
		t.Error("closing the first again took the lock of the second away")
	}
	createApp(t, second, 1)
}

func createApp(t testing.TB, db *DB, id live.AppID) {
	t.Helper()
	commit(t, db, engine.Change{App: id, Settings: &live.App{ID: id, Key: "key"}, NewLog: "abcdefgh"})
}

func commit(t testing.TB, db *DB, changes ...engine.Change) {
	t.Helper()
	if err := tryCommit(t, db, changes...); err != nil {
		t.Fatal(err)
	}
}

func tryCommit(t testing.TB, db *DB, changes ...engine.Change) error {
	tx, err := db.Begin(t.Context())
	if err != nil {
		return err
	}
	return tx.Commit(t.Context(), changes)
}

// largeChange is one event of the App 1 that needs pages which the file does not have yet.
func largeChange() engine.Change {
	body := bytes.Repeat([]byte("x"), 256<<10)
	return engine.Change{App: 1, Events: []eventlog.Event{{Lane: "r", Command: "c", Callback: true, Body: body}}}
}

func countApps(t testing.TB, db *DB) int {
	t.Helper()
	n := 0
	if err := db.EachApp(t.Context(), func(*live.App) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}
