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

	"github.com/callboard/callboard/liveapi"
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

// A process that ends because of its port must have changed no setting and called no App backend.
func TestStartWithoutItsPortNeitherAppliesNorDelivers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", hangs)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	createRoom(t, s.client(t, p), "r1")
	b.hung(t)
	p.stop(t)

	b.set(accepts)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s.configure(t, setup{listen: l.Addr().String(), url: b.url, commands: allCommands(), token: "another"})
	second := s.start(t)
	if code := second.exit(t, patience); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	if second.stderr.contains("a section of the config was applied") {
		t.Error("a section was applied without the port")
	}
	select {
	case d := <-b.arrived:
		t.Errorf("the callback %s was sent without the port", d.EventID)
	default:
	}
}

// The second section is refused; the first must not be applied beside it.
func TestRefusedConfigIsNotAppliedInPart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	s.serve(t).stop(t)
	s.configure(t, setup{app: []string{"administrators: [second]"}})
	text, err := os.ReadFile(filepath.Join(s.folder, "callboard.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "bad.yaml", string(text)+"  - {sdkappid: 7, key: "+s.key+", callback: {url: 'http://169.254.169.254/', commands: []}}\n")
	s.refuses(t, []string{"--config", "bad.yaml"}, "apps[1].callback.url: 169.254.169.254 is a link-local address")

	s.configure(t, setup{})
	createRoom(t, s.client(t, s.serve(t)), "r1") // the App administrator is still the first
}

func TestAppsThatTheConfigDoesNotNameAreToldOf(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	s.serve(t).stop(t)
	s.write(t, "other.yaml", "listen: 127.0.0.1:0\napps:\n  - {sdkappid: 7, key: "+newKey()+"}\n")
	p := s.serve(t, "--config", "other.yaml")
	wantTexts(t, p.stderr.String(), "the database has Apps that the config does not name", "administrators: []", "1400000001")
	createRoom(t, s.client(t, p), "r1")
	p.stop(t)

	// What the warning says to do.
	s.configure(t, setup{app: []string{"administrators: []"}})
	p = s.serve(t)
	if _, err := s.client(t, p).GetRoomInfo(t.Context(), "r1"); codeOf(err) != liveapi.CodeNotAdministrator {
		t.Errorf("a call of an App without administrators: %v, want 60010", err)
	}
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
	s.refuses(t, []string{"--database", "sqlite:absent/callboard.db"}, filepath.Join("absent", "callboard.db"), "is the folder there")
	s.write(t, "file", "")
	s.refuses(t, []string{"--database", "sqlite:file/callboard.db"}, filepath.Join("file", "callboard.db"), "not a directory")

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
