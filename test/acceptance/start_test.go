//go:build unix

package acceptance

import (
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3/driver"
)

func TestSecondProcessOnTheFileIsRefusedAndTheFirstGoesOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	first := s.serve(t)
	s.refuses(t, nil, "in use by another process", filepath.Join(s.folder, "callboard.db.lock"), "stop that process", "--database")
	createRoom(t, s.client(t, first), "r1")
	b.next(t)
	first.stop(t)
	s.serve(t) // the lock ends with its process
}

func TestPortInUseIsRefusedWithAHint(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := newSite(t)
	s.configure(t, setup{listen: l.Addr().String()})
	s.refuses(t, nil, l.Addr().String(), "address already in use", "--listen")
}

func TestDatabaseOfANewerReleaseIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	s.serve(t).stop(t)
	setGate(t, filepath.Join(s.folder, "callboard.db"), 99, "9.9.9")
	s.refuses(t, nil, "level 99", "use callboard 9.9.9 or newer", "backup")

	setGate(t, filepath.Join(s.folder, "callboard.db"), 1, "0.1.0")
	s.serve(t) // the refusal left the file as it was
}

// A newer release may leave the gate as it is; then this one can use its schema.
func TestDatabaseOfANewerCompatibleReleaseIsServed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	s.serve(t).stop(t)
	change(t, filepath.Join(s.folder, "callboard.db"), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, 1)`)
	change(t, filepath.Join(s.folder, "callboard.db"), `ALTER TABLE rooms ADD COLUMN later TEXT`)
	createRoom(t, s.client(t, s.serve(t)), "r1")
}

func setGate(t *testing.T, path string, lowest int, release string) {
	t.Helper()
	change(t, path, fmt.Sprintf(`UPDATE schema_gate SET lowest = %d, release = '%s'`, lowest, release))
}

// change runs a statement on a database that no process uses.
func change(t *testing.T, path, statement string) {
	t.Helper()
	var db *sql.DB
	db, err := driver.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestFolderThatIsNotThereOrNotWritableIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	s.refuses(t, []string{"--database", "sqlite:absent/callboard.db"}, filepath.Join("absent", "callboard.db.lock"), "is the folder there")
	s.write(t, "file", "")
	s.refuses(t, []string{"--database", "sqlite:file/callboard.db"}, filepath.Join("file", "callboard.db.lock"), "is the folder there")

	// The superuser may write everywhere, so somebody else starts this one. Its folder is not below the test's own,
	// which nobody else may enter.
	folder, err := os.MkdirTemp("", "callboard-read-only-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o555); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "serve")
	cmd.Dir, cmd.Env = folder, environment()
	if os.Getuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	p := startCommand(t, cmd)
	if code := p.exit(t, patience); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	wantTexts(t, p.stderr.String(), "permission denied", "may this user write in it")
}

func TestFileThatIsNoDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	s.write(t, "notes.txt", "these are notes, and no database at all; they are long enough to have a header\n")
	s.refuses(t, []string{"--database", "sqlite:notes.txt"}, "notes.txt", "is the file a database of Callboard?")
}
