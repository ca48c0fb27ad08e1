package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
)

// newerSchema makes a database and changes it as a newer binary would have.
func newerSchema(t *testing.T, change string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "callboard.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	createApp(t, db, 1)
	if err := db.conns.write.Exec(change); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSchemaThatIsTooNewIsRefusedWithTheReleaseThatCanUseIt(t *testing.T) {
	path := newerSchema(t, `UPDATE schema_gate SET lowest = 9, release = '7.8.9'`)
	db, err := Open(t.Context(), Options{Path: path})
	if err == nil {
		_ = db.Close()
		t.Fatal("the schema was used")
	}
	for _, says := range []string{"schema level 9", "up to level 2", "callboard 7.8.9 or newer", "backup"} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("the refusal %q does not say %q", err, says)
		}
	}
	// The refusal has let go of the file.
	next, err := Open(t.Context(), Options{Path: path})
	if err == nil {
		_ = next.Close()
		t.Fatal("the schema was used")
	}
	if strings.Contains(err.Error(), "in use") {
		t.Errorf("the lock is still held: %v", err)
	}
}

func TestNewerSchemaThatAllowsThisLevelIsUsed(t *testing.T) {
	path := newerSchema(t, `
		ALTER TABLE rooms ADD COLUMN later INTEGER NOT NULL DEFAULT 0;
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (3, 1)`)
	db := openAt(t, path)
	createApp(t, db, 2)
	if got := countApps(t, db); got != 2 {
		t.Errorf("%d Apps, want 2", got)
	}
}

func TestLevelIsThatOfTheNewestMigration(t *testing.T) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != level {
		t.Errorf("level is %d, and there are %d migrations", level, len(entries))
	}
}
