//go:build unix

package acceptance

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

func TestOperationsPathsAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	createRoom(t, s.client(t, p), "r1")
	b.next(t)

	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if got := get(t, p, path); got != want {
			t.Errorf("%s answers %q, want %q", path, got, want)
		}
	}
	metrics := get(t, p, "/metrics")
	for _, line := range []string{
		`callboard_build_info{version="`, `callboard_rest_requests_total{code="0",command="create_room"} 1`,
		`callboard_rest_seconds_count{command="create_room"} 1`, "callboard_events_total 1", "callboard_commit_seconds_count ",
		"callboard_commit_group_size_count ", "callboard_attempts_total{", "callboard_attempt_seconds_count ",
		"callboard_attempts_in_flight ", "callboard_callbacks_settled_total{", `callboard_lanes_held{reason="failing"} 0`,
		"callboard_oldest_undelivered_seconds ", "callboard_backlog_events ", "callboard_sync_seconds_count ", "callboard_delivery_seconds_count ",
		"callboard_commands_rejected_total 0", "callboard_commands_failed_total 0", "callboard_commands_unknown_total 0",
	} {
		if !strings.Contains(metrics, "\n"+line) {
			t.Errorf("no metric begins with %q", line)
		}
	}
}

func get(t *testing.T, p *process, path string) string {
	t.Helper()
	resp, err := httpClient(t, nil).Get("http://" + p.address + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: HTTP status %d, want 200", path, resp.StatusCode)
	}
	return string(text)
}

func createRoom(t *testing.T, c *liveapi.Client, id string) {
	t.Helper()
	if _, err := c.CreateRoom(t.Context(), liveapi.NewRoom{RoomID: id, OwnerAccount: "anchor"}); err != nil {
		t.Fatal(err)
	}
}

func TestUndeliveredCallbacksSurviveARestartInOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", fails)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	c := s.client(t, p)
	createRoom(t, c, "r1")
	for _, account := range []string{"alice", "bob"} {
		if err := c.AddAdmin(t.Context(), "r1", account); err != nil {
			t.Fatal(err)
		}
	}
	p.stop(t)

	b.set(accepts)
	s.serve(t)
	var got []string
	for range 3 {
		d := b.next(t)
		got = append(got, string(d.Command)+" "+lastWord(d))
	}
	want := []string{"Live.CallbackAfterCreateRoom 0-1", "Live.CallbackAfterModifyAdmin 1-2", "Live.CallbackAfterModifyAdmin 2-3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("callbacks after the restart (-want +got):\n%s", diff)
	}
}

// lastWord is the place of a callback in its lane: the number before, and its own.
func lastWord(d callback.Delivery) string { return number(d.RoomPrev) + "-" + number(d.RoomSeq) }

// The umask of the tests' shell is the usual one, which would let everybody read new files.
func TestDatabaseFilesAreReadableByTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	cmd := exec.Command("sh", "-c", `umask 022; exec "$0" serve`, binary)
	cmd.Dir, cmd.Env = s.folder, environment()
	p := startCommand(t, cmd).serving(t)
	createRoom(t, s.client(t, p), "r1")

	found, err := filepath.Glob(filepath.Join(s.folder, "callboard.db*"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, name := range found {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.Base(name)+" "+info.Mode().String())
	}
	slices.Sort(got)
	want := []string{
		"callboard.db -rw-------", "callboard.db-shm -rw-------", "callboard.db-wal -rw-------", "callboard.db.lock -rw-------",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files of the database (-want +got):\n%s", diff)
	}
}
