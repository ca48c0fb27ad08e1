package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Statements that run at the start only may look at everything.
var startOnly = []string{"SELECT settings FROM apps ORDER BY app", "SELECT r.app, r.reader FROM readers r"}

func TestNoStatementOfAHotPathScans(t *testing.T) {
	db, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "callboard.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	useEverything(t, db)
	seen := 0
	for _, c := range []*conn{db.conns.write, <-db.conns.read} {
		for sql := range c.stmts {
			seen++
			checkPlan(t, c, sql)
		}
	}
	if seen < 20 {
		t.Errorf("%d statements were seen, want those of all paths", seen)
	}
}

// useEverything runs every path of the store, so that all statements are prepared.
func useEverything(t *testing.T, db *DB) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	tx, err := db.Begin(t.Context())
	check(err)
	_, err = tx.Load(t.Context(), []engine.Want{{App: 1, Rooms: []live.RoomID{"r"}, Create: []bool{true}}})
	check(err)
	check(tx.Commit(t.Context(), []engine.Change{{
		App: 1, Settings: &live.App{ID: 1}, NewLog: "abcdefgh", Audit: []engine.Audit{{Command: "configure"}},
		Rooms:  []engine.RoomChange{{ID: "r", Room: engine.Room{Doc: &live.Room{ID: "r"}}}, {ID: "gone"}},
		Events: []eventlog.Event{{Lane: "r", RoomSeq: 1, Callback: true, Body: []byte("{}")}},
	}}))
	for range 2 * readers { // every reading connection
		_, err = db.Room(t.Context(), 1, "r")
		check(err)
		_, err = db.PublicRooms(t.Context(), 1, live.RoomPage{Limit: 1})
		check(err)
		_, err = db.PublicRooms(t.Context(), 1, live.RoomPage{Limit: 1, Ascending: true})
		check(err)
		_, err = db.Read(t.Context(), 1, 0, delivery.Page{Events: 1, Bytes: 1})
		check(err)
		_, err = db.ReadLane(t.Context(), 1, delivery.LanePart{Lane: "r", From: 1, To: 9}, delivery.Page{Events: 1, Bytes: 1})
		check(err)
	}
	p, err := db.Open(t.Context(), id)
	check(err)
	_, err = db.Settle(t.Context(), []delivery.Settlement{{
		Reader: id, Fence: p.Fence, Hold: []eventlog.Held{{Lane: "r"}}, Release: []eventlog.Lane{"s"}, Attempts: []eventlog.Attempt{{Seq: 1}},
	}})
	check(err)
	other, err := db.Begin(t.Context())
	check(err)
	_, err = other.Load(t.Context(), []engine.Want{{App: 1, Rooms: []live.RoomID{"unknown"}, Create: []bool{true}}})
	check(err)
	check(other.Commit(t.Context(), []engine.Change{{App: 1, Settings: &live.App{ID: 1}, DiscardToHead: true}}))
}

func checkPlan(t *testing.T, c *conn, sql string) {
	t.Helper()
	for _, start := range startOnly {
		if strings.HasPrefix(sql, start) {
			return
		}
	}
	plan, _, err := c.Prepare("EXPLAIN QUERY PLAN " + sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer func() { _ = plan.Close() }()
	for plan.Step() {
		detail := plan.ColumnText(3)
		lane := strings.Contains(sql, "FROM log") && strings.Contains(sql, "lane = ?")
		if strings.Contains(detail, "SCAN") || strings.Contains(detail, "TEMP B-TREE") || lane && !strings.Contains(detail, "log_lane") {
			t.Errorf("%s\n\tis run as: %s", sql, detail)
		}
	}
	if err := plan.Err(); err != nil {
		t.Fatal(err)
	}
}
