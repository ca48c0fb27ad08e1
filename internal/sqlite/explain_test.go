package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"
)

func TestFreeSpaceIsAddedWhereSQLiteIsSilent(t *testing.T) {
	folder := t.TempDir()
	if _, ok := freeSpace(folder); !ok {
		t.Skip("this system does not tell the free space: run it on Linux or macOS")
	}
	system := &fs.PathError{Op: "write", Path: "callboard.db", Err: syscall.EROFS}
	for _, c := range []struct {
		name string
		err  error
		adds bool
	}{
		{"a write", sqlite3.IOERR_WRITE, true},
		{"a full database", fmt.Errorf("append event: %w", sqlite3.FULL), true},
		{"a file that cannot be opened", sqlite3.CANTOPEN, true},
		{"an error of the system", errors.Join(sqlite3.IOERR_WRITE, system), false},
		{"a constraint", sqlite3.CONSTRAINT_PRIMARYKEY, false},
		{"a file that is locked", sqlite3.BUSY, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := explain(c.err, filepath.Join(folder, "callboard.db"))
			if !errors.Is(got, c.err) {
				t.Errorf("explain(%v) = %v, want an error that wraps it", c.err, got)
			}
			if added := strings.Contains(got.Error(), "free in "+folder); added != c.adds {
				t.Errorf("explain(%v) = %q, want the free space: %v", c.err, got, c.adds)
			}
		})
	}
}

func TestFreeSpaceOfAMissingFolderIsUnknown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "absent", "callboard.db")
	if got := explain(sqlite3.IOERR, path); got.Error() != sqlite3.IOERR.Error() {
		t.Errorf("explain = %q, want %q", got, sqlite3.IOERR)
	}
}
