//go:build unix

package acceptance

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

// mirror is an App backend that keeps the administrators of rooms with an Inbox. It reads the feed of whatever process is told to it.
type mirror struct {
	backend
	inbox  *callback.Inbox
	resets atomic.Int64
	server atomic.Pointer[process]
}

func newMirror(t *testing.T, token string) *mirror {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(t.TempDir(), "mirror.db")+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.ExecContext(t.Context(), callback.Schema+`CREATE TABLE admins (room TEXT, account TEXT, PRIMARY KEY (room, account))`); err != nil {
		t.Fatal(err)
	}
	m := &mirror{backend: backend{arrived: make(chan callback.Delivery, 1024)}}
	m.inbox = &callback.Inbox{
		SDKAppID: sdkAppID, DB: db, Dialect: callback.SQLite, ErrorLog: slog.New(slog.DiscardHandler),
		Feed:       callback.Feed{URL: "http://server.invalid", Token: token, Client: &http.Client{Transport: m}},
		OnCallback: changeMirror, OnSnapshot: m.replace,
	}
	h := &callback.Handler{SDKAppID: sdkAppID, ErrorLog: slog.New(slog.DiscardHandler), OnAny: func(ctx context.Context, d callback.Delivery) error {
		if err := m.inbox.Receive(ctx, d); err != nil {
			return err
		}
		return m.take(d)
	}}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	m.url = s.URL + "/callback"
	return m
}

// RoundTrip implements [http.RoundTripper]: it goes to the process that serves now.
func (m *mirror) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Host = m.server.Load().address
	return http.DefaultTransport.RoundTrip(r)
}

func changeMirror(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
	if d.Command != callback.CommandAfterModifyAdmin {
		return nil
	}
	var body callback.ModifyAdmin
	if err := json.Unmarshal(d.Body, &body); err != nil {
		return err
	}
	for _, account := range body.AdminAccounts {
		statement := `DELETE FROM admins WHERE room = $1 AND account = $2`
		if body.OpType == callback.OpAdd {
			statement = `INSERT INTO admins (room, account) VALUES ($1, $2)`
		}
		if _, err := tx.ExecContext(ctx, statement, body.RoomID, string(account)); err != nil {
			return err
		}
	}
	return nil
}

func (m *mirror) replace(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[callback.Room, error]) error {
	m.resets.Add(1)
	if _, err := tx.ExecContext(ctx, `DELETE FROM admins`); err != nil {
		return err
	}
	for room, err := range rooms {
		if err != nil {
			return err
		}
		for _, account := range room.Administrators {
			if _, err := tx.ExecContext(ctx, `INSERT INTO admins (room, account) VALUES ($1, $2)`, room.RoomID, string(account)); err != nil {
				return err
			}
		}
	}
	return nil
}

// wantEqual compares the administrators of a room with those of the server.
func (m *mirror) wantEqual(t *testing.T, c *liveapi.Client, room string, want ...string) {
	t.Helper()
	rows, err := m.inbox.DB.QueryContext(t.Context(), `SELECT account FROM admins WHERE room = $1 ORDER BY account`, room)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var account string
		if err := rows.Scan(&account); err != nil {
			t.Fatal(err)
		}
		got = append(got, account)
	}
	list, err := c.GetAdminList(t.Context(), room)
	if err := cmp.Diff([][]string{want, want}, [][]string{got, list}); err != "" || rows.Err() != nil {
		t.Errorf("the mirror and the server (-want +got): %v\n%s", rows.Err(), err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// copyDatabase copies the file of a process that has ended, which is all of it then.
func (s *site) copyDatabase(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.folder, from))
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, to, string(data))
}

// newLog runs the command on the site's database.
func (s *site) newLog(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return operator{}.run(t, append([]string{"new-log", "--config", filepath.Join(s.folder, "callboard.yaml"),
		"--database", "sqlite:" + filepath.Join(s.folder, "callboard.db")}, args...)...)
}

// A backup is older than the last changes. Without another log, numbers after the restore would mean other events than those that
// the receiver has, and it would ignore them.
func TestAfterARestoreANewLogBringsReceiversToWhatTheServerHas(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := newKey()
	m := newMirror(t, token)
	s.configure(t, setup{url: m.url, commands: allCommands(), app: []string{"tokens: [{token: " + token + ", may: read}]"}})
	serve := func() (*process, *liveapi.Client) {
		p := s.serve(t)
		m.server.Store(p)
		return p, s.client(t, p)
	}
	p, c := serve()
	createRoom(t, c, "r1")
	addAdmin(t, c, "r1", "alice")
	m.next(t)
	before := m.next(t)
	p.stop(t)
	s.copyDatabase(t, "callboard.db", "backup.db")

	p, c = serve()
	addAdmin(t, c, "r1", "bob")
	lost := m.next(t)
	m.wantEqual(t, c, "r1", "alice", "bob")
	if _, stderr, code := s.newLog(t, "--all"); code != 1 || !strings.Contains(stderr, "in use by another process") {
		t.Errorf("while a server runs: exit code %d, %s", code, stderr)
	}
	p.stop(t)

	s.copyDatabase(t, "backup.db", "callboard.db")
	stdout, stderr, code := s.newLog(t, "--all", "--json")
	var answer struct {
		Logs []struct {
			SDKAppID uint32
			Old, New string
		}
	}
	if err := json.Unmarshal([]byte(stdout), &answer); err != nil || code != 0 || len(answer.Logs) != 1 {
		t.Fatalf("exit code %d, %v: %s%s", code, err, stdout, stderr)
	}
	renewed := answer.Logs[0]
	if renewed.SDKAppID != sdkAppID || renewed.Old != before.Log || renewed.New == before.Log {
		t.Errorf("the command says %+v, the log was %s", renewed, before.Log)
	}

	resets := m.resets.Load()
	p, c = serve()
	addAdmin(t, c, "r1", "carol")
	d := m.next(t)
	if d.Log != renewed.New || d.Seq != lost.Seq || d.RoomSeq != lost.RoomSeq {
		t.Errorf("the callback is %s of %s, want %d of %s: the numbers go on", d.EventID, d.Log, lost.Seq, renewed.New)
	}
	m.wantEqual(t, c, "r1", "alice", "carol")
	if m.resets.Load() != resets+1 {
		t.Errorf("%d resets, want one", m.resets.Load()-resets)
	}
	feed(t, p, token, http.MethodGet, fmt.Sprintf("events?sdkappid=%d&after=%s.%d", sdkAppID, lost.Log, lost.Seq), "", http.StatusGone, `"Log":"`+renewed.New+`"`)
	p.stop(t)
	wantAudit(t, filepath.Join(s.folder, "callboard.db"), "new_log")
}

// wantAudit looks for a command in the audit table.
func wantAudit(t *testing.T, path, command string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	var actor string
	if err := db.QueryRowContext(t.Context(), `SELECT count(*), max(actor) FROM audit WHERE command = $1`, command).Scan(&n, &actor); err != nil || n != 1 || actor == "" {
		t.Errorf("the audit table has %d rows of %s by %q, %v, want one", n, command, actor, err)
	}
}

func TestNewLogSaysWhatItNeeds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.configure(t, setup{})
	for _, c := range []struct {
		args []string
		says string
	}{
		{nil, "--sdkappid, or all of the database with --all"},
		{[]string{"--all", "--sdkappid", "7"}, "--sdkappid, or all of the database with --all"},
		{[]string{"--all"}, "there is no database"},
	} {
		if stdout, stderr, code := s.newLog(t, c.args...); code != 1 || !strings.Contains(stderr, c.says) {
			t.Errorf("new-log %q: exit code %d, want 1 and %q: %s%s", c.args, code, c.says, stdout, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(s.folder, "callboard.db")); err == nil {
		t.Error("the command has made a database")
	}
	s.serve(t).stop(t)
	if stdout, stderr, code := s.newLog(t, "--sdkappid", "7"); code != 1 || !strings.Contains(stderr, "there is no App 7") {
		t.Errorf("an App that there is not: exit code %d: %s%s", code, stdout, stderr)
	}
	if stdout, stderr, code := s.newLog(t, "--sdkappid", fmt.Sprint(sdkAppID)); code != 0 || !strings.Contains(stdout, "from now on") {
		t.Errorf("the App: exit code %d: %s%s", code, stdout, stderr)
	}
}
