//go:build unix

package sqlite

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// filesOf are the four files of a database.
func filesOf(path string) []string {
	return []string{path, path + "-wal", path + "-shm", path + ".lock"}
}

func TestFilesAreReadableByTheirOwnerOnly(t *testing.T) {
	withUmask(t, 0o022)
	path := filepath.Join(t.TempDir(), "callboard.db")
	db := openAt(t, path)
	createApp(t, db, 1)
	wantPrivate(t, "new", path)

	// Opening anew removes and makes the files of the WAL.
	db.use.Lock()
	db.conns.close()
	db.conns = nil
	db.use.Unlock()
	if !db.reopen() {
		t.Fatal(db.Ready())
	}
	createApp(t, db, 2)
	wantPrivate(t, "opened anew", path)
}

func TestFilesThatOthersCouldReadAreRestricted(t *testing.T) {
	withUmask(t, 0)
	path := filepath.Join(t.TempDir(), "callboard.db")
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	db := openAt(t, path)
	createApp(t, db, 1)
	wantPrivate(t, "after the start", path)
}

// withUmask sets the umask of the process; tests of this package run one after the other.
func withUmask(t *testing.T, mask int) {
	before := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(before) })
}

func wantPrivate(t *testing.T, when, path string) {
	t.Helper()
	for _, name := range filesOf(path) {
		info, err := os.Stat(name)
		if err != nil {
			t.Errorf("%s: %v", when, err)
		} else if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: %s has the mode %04o, want 0600", when, filepath.Base(name), got)
		}
	}
}
