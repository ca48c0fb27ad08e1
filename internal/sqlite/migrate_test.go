package sqlite

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
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
	for _, says := range []string{"schema level 9", "up to level 3", "callboard 7.8.9 or newer", "backup"} {
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
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (4, 1)`)
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

// level1Rows are what a binary of level 1 leaves: an App with two rooms, one of them gone, and a reader with a held lane.
const level1Rows = `
	INSERT INTO apps (app, log, version, settings) VALUES (1, 'abcdefgh', 3, '{"ID": 1, "Key": "k"}');
	INSERT INTO rooms (app, room, doc, lane_seq, lane_callback, lane_time, public, create_time) VALUES (1, 'r', '{"ID": "r"}', 2, 1, 1000, 1, 1700000000);
	INSERT INTO log VALUES (1, 1, 0, 'r', 1, 0, 'state', 'c', 1, 1000, 'o', 'ip', 'p', 'cause', x'0001'), (1, 2, 1, 'r', 2, 1, '', 'c', 0, 1000, '', '', '', '', ''),
		(1, 3, 1, 'gone', 1, 0, '', 'c', 1, 1000, '', '', '', '', '');
	INSERT INTO audit (app, at, actor, client_ip, platform, cause, command, changed) VALUES (1, 1, 'a', 'ip', 'p', 'cause', 'configure', '["created"]');` + level1Reader

// level1Reader is what delivery of level 1 writes.
const level1Reader = `
	INSERT OR REPLACE INTO readers (app, reader, fence, done, beyond) VALUES (1, 'callback', 4, 1, '3-3');
	INSERT OR REPLACE INTO held (app, reader, lane, next, attempts, try, since, why) VALUES (1, 'callback', 'r', 1, 7, 2000, 1000, '500');
	INSERT OR REPLACE INTO attempts (app, reader, seq, number, at, duration, status, durable, cloud, why, answer)
		VALUES (1, 'callback', 1, 7, 1000, 5, 500, 2, 3, '500', 'oops');`

// level1Position is what of it a reader is opened with.
func level1Position() delivery.Position {
	cursor := eventlog.NewCursor(1)
	cursor.Mark(3)
	return delivery.Position{Fence: 5, Log: "abcdefgh", Cursor: cursor, Held: []eventlog.Held{
		{Lane: "r", Next: 1, Attempts: 7, Try: time.UnixMilli(2000), Since: time.UnixMilli(1000), Why: "500"},
	}}
}

// oldSchema makes a database of an older level with rows.
func oldSchema(t *testing.T, version int64, rows string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "callboard.db")
	pool, err := driver.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pool.Close() }()
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.ExecContext(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	return path
}

var sameCursor = cmp.Comparer(func(a, b eventlog.Cursor) bool { return a.Done() == b.Done() && a.Beyond() == b.Beyond() })

func TestDatabaseOfLevel1KeepsEverythingAndGoesOn(t *testing.T) {
	db := openAt(t, oldSchema(t, 1, level1Rows))
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	compare := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got, sameCursor); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	log, _, err := db.Read(t.Context(), 1, 0, delivery.Page{Events: 9, Bytes: 1 << 20})
	check(err)
	compare("log", log, []eventlog.Event{
		{Seq: 1, Lane: "r", RoomSeq: 1, RoomState: "state", Command: "c", Callback: true, Time: 1000, Operator: "o", ClientIP: "ip", Platform: "p", Cause: "cause", Body: []byte{0, 1}},
		{Seq: 2, Prev: 1, Lane: "r", RoomSeq: 2, RoomPrev: 1, Command: "c", Time: 1000, Body: log[1].Body},
		{Seq: 3, Prev: 1, Lane: "gone", RoomSeq: 1, Command: "c", Callback: true, Time: 1000, Body: log[2].Body},
	})
	attempts, err := attemptsOf(t, db, id)
	check(err)
	compare("attempts", attempts, []eventlog.Attempt{{
		Seq: 1, Number: 7, At: time.UnixMilli(1000), Duration: 5 * time.Microsecond, Status: 500, Durable: eventlog.Retry, Cloud: eventlog.Failed, Counted: eventlog.Retry, Why: "500", Answer: "oops",
	}})
	rows, err := auditOf(t, db, 1)
	check(err)
	compare("audit", len(rows), 1)
	p, err := db.Open(t.Context(), id)
	check(err)
	compare("position", p, level1Position())
	tx, err := db.Begin(t.Context())
	check(err)
	loaded, err := tx.Load(t.Context(), []engine.Want{{App: 1, Rooms: []live.RoomID{"gone", "r"}, Create: []bool{false, false}}})
	check(err)
	tx.Rollback()
	compare("App and rooms", loaded, []engine.Loaded{{App: &live.App{ID: 1, Key: "k"}, Rooms: []engine.Room{
		{Lane: eventlog.LaneState{Seq: 1, Callback: 1, Time: 1000}},
		{Doc: &live.Room{ID: "r"}, Lane: eventlog.LaneState{Seq: 2, Callback: 1, Time: 1000}},
	}}})
	// Giving up and forgetting work on what was there.
	_, err = db.Settle(t.Context(), []delivery.Settlement{{
		Reader: id, Fence: p.Fence, Cursor: eventlog.NewCursor(3), Release: []eventlog.Lane{"r"}, Dead: []eventlog.Dead{{Seq: 1, At: time.UnixMilli(5), Why: "500", Attempts: 7}},
	}})
	check(err)
	n, err := db.Forget(t.Context(), 1, 3, 9)
	check(err)
	compare("events forgotten", n, 3)
	letters, err := deadOf(t, db, id)
	check(err)
	if len(letters) != 1 {
		t.Fatalf("%d dead letters, want 1", len(letters))
	}
	compare("dead letter", letters[0].Event, log[0])
}

// A binary of level 1 goes on with the schema that this one leaves: its statements work, and what they leave is read again.
func TestBinaryOfLevel1MayUseTheSchema(t *testing.T) {
	path := oldSchema(t, level, level1Rows)
	gate := func() (lowest int) {
		t.Helper()
		pool, err := driver.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = pool.Close() }()
		if err := pool.QueryRowContext(t.Context(), `SELECT lowest FROM schema_gate`).Scan(&lowest); err != nil {
			t.Fatal(err)
		}
		return lowest
	}
	if got := gate(); got != 1 {
		t.Errorf("the lowest level that may use the schema is %d, want 1", got)
	}
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	db := openAt(t, path)
	p, err := db.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	held := level1Position().Held
	held[0].Failing = time.Hour
	if _, err := db.Settle(t.Context(), []delivery.Settlement{{Reader: id, Fence: p.Fence, Paused: "asked for", Hold: held}}); err != nil {
		t.Fatal(err)
	}
	set(level1Reader)(t, db)
	if p, err = db.Open(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(level1Position(), p, sameCursor); diff != "" {
		t.Errorf("position (-want +got):\n%s", diff)
	}
}
