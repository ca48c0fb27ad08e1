//go:build unix

package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSecondProcessIsRefusedUnderEveryNameOfTheFile(t *testing.T) {
	for _, c := range []struct{ name, first, second string }{
		{"a link to the file", "real/callboard.db", "link.db"},
		{"a link to the file, opened first", "link.db", "real/callboard.db"},
		{"a link to the folder", "real/callboard.db", "folder/callboard.db"},
		{"a link to a link", "chain.db", "folder/callboard.db"},
		{"a path with dots", "real/callboard.db", "real/../real/callboard.db"},
	} {
		for _, there := range []bool{true, false} {
			t.Run(c.name+map[bool]string{true: ", the file is there", false: ", the file is missing"}[there], func(t *testing.T) {
				t.Chdir(t.TempDir())
				must(t, os.Mkdir("real", 0o700))
				must(t, os.Symlink("real/callboard.db", "link.db"))
				must(t, os.Symlink("real", "folder"))
				must(t, os.Symlink("link.db", "chain.db"))
				if there {
					must(t, os.WriteFile("real/callboard.db", nil, 0o600))
				}
				first := openAt(t, c.first)
				wantRefused(t, c.second, "in use by another process")
				wantMissing(t, "link.db.lock")
				createApp(t, first, 1) // the first goes on
			})
		}
	}
}

func TestFileWithASecondHardLinkIsRefusedAndSaysWhatToDo(t *testing.T) {
	folder := t.TempDir()
	path, other := filepath.Join(folder, "callboard.db"), filepath.Join(folder, "other.db")
	db, err := Open(t.Context(), Options{Path: path})
	must(t, err)
	createApp(t, db, 1)
	must(t, os.Link(path, other))
	says := []string{other, "2 names (hard links)", "remove the others", "-samefile", "copy it"}
	wantRefused(t, other, says...) // while the first is open
	must(t, db.Close())
	wantRefused(t, other, says...)
	wantRefused(t, path, "2 names (hard links)")
	wantMissing(t, other+".lock")

	must(t, os.Remove(other))
	db = openAt(t, path)
	if got := countApps(t, db); got != 1 {
		t.Errorf("%d Apps after the second name was removed, want 1", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantRefused(t *testing.T, path string, says ...string) {
	t.Helper()
	db, err := Open(t.Context(), Options{Path: path})
	if err == nil {
		_ = db.Close()
		t.Fatalf("%s was opened", path)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the refusal %q does not say %q", err, text)
		}
	}
}

func wantMissing(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v, want that it is not there", path, err)
	}
}
