package sqlite

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// Statements that run at the start only may look at everything.
var startOnly = []string{"SELECT settings FROM apps ORDER BY app"}

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
	t.Logf("%d statements", seen)
	if seen < 70 {
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
	for range 2 * Readers { // every reading connection
		_, err = db.Room(t.Context(), 1, "r")
		check(err)
		_, err = db.PublicRooms(t.Context(), 1, live.RoomPage{Limit: 1})
		check(err)
		_, err = db.PublicRooms(t.Context(), 1, live.RoomPage{Limit: 1, Ascending: true})
		check(err)
		_, _, err = db.Read(t.Context(), 1, 0, delivery.Page{Events: 1, Bytes: 1})
		check(err)
		_, err = db.ReadLane(t.Context(), 1, delivery.LanePart{Lane: "r", From: 1, To: 9}, delivery.Page{Events: 1, Bytes: 1})
		check(err)
	}
	useFeed(t, db, check)
	p, err := db.Open(t.Context(), id)
	check(err)
	s := delivery.Settlement{
		Reader: id, Fence: p.Fence, Hold: []eventlog.Held{{Lane: "r", Next: 1}}, Release: []eventlog.Lane{"s"}, Attempts: []eventlog.Attempt{{Seq: 1}},
		Dead: []eventlog.Dead{{Seq: 1}}, Revived: []int64{2}, RevivedOf: delivery.CallbackReader, Skip: []eventlog.Skip{{Lane: "r"}}, Told: []eventlog.Lane{"s"},
	}
	_, err = db.Settle(t.Context(), []delivery.Settlement{s})
	check(err)
	useRetention(t, db, check)
	other, err := db.Begin(t.Context())
	check(err)
	_, err = other.Load(t.Context(), []engine.Want{{App: 1, Rooms: []live.RoomID{"unknown"}, Create: []bool{true}}})
	check(err)
	check(other.Commit(t.Context(), []engine.Change{{App: 1, Settings: &live.App{ID: 1}, DiscardToHead: true}}))
}

// useFeed runs what readers of the feed ask for, on every reading connection.
func useFeed(t *testing.T, db *DB, check func(error)) {
	t.Helper()
	for range 2 * Readers {
		_, err := db.Bounds(t.Context(), 1)
		check(err)
		_, _, err = db.EventsAfter(t.Context(), 1, 0, feed.Page{Events: 1})
		check(err)
		_, _, err = db.LaneEventsAfter(t.Context(), 1, "r", 0, feed.Page{Events: 1})
		check(err)
		_, err = db.RoomsAfter(t.Context(), 1, "", 1)
		check(err)
		_, err = db.LastCallbacks(t.Context(), 1, []eventlog.Lane{"r", "gone", "r/members"})
		check(err)
		_, err = db.Standing(t.Context(), 1, delivery.CallbackReader, 1, 9)
		check(err)
	}
}

// useRetention runs what comes after giving up, while the App 1 has an event, an attempt, a dead letter and a held lane.
func useRetention(t *testing.T, db *DB, check func(error)) {
	t.Helper()
	again, err := db.Redeliver(t.Context(), 1, delivery.Redelivery{From: 1, To: 1})
	check(err)
	p, err := db.Open(t.Context(), again)
	check(err)
	for range 2 * Readers {
		for _, r := range []delivery.Redelivery{{}, {Lane: "r"}, {DeadOnly: true}, {Lane: "r", DeadOnly: true}} {
			_, err = db.ReadAgain(t.Context(), 1, r, delivery.Page{Events: 1})
			check(err)
		}
		_, err = db.Skips(t.Context(), again, []eventlog.Lane{"r"})
		check(err)
		useOperate(t, db, check)
		check(db.Pending(t.Context(), func(delivery.ReaderID) error { return nil }))
		check(db.Backlogs(t.Context(), func(delivery.Backlog) error { return nil }))
		check(db.Aged(t.Context(), time.Now(), func(live.AppID, int64) error { return nil }))
		_, _, err = db.ForgetDead(t.Context(), time.UnixMilli(-1e15), 1, 1)
		check(err)
	}
	last := delivery.Settlement{Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(1), Attempts: []eventlog.Attempt{{Seq: 1}}, Finished: true}
	for range 2 { // again: it is finished
		_, err = db.Settle(t.Context(), []delivery.Settlement{last})
		check(err)
	}
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	p, err = db.Open(t.Context(), id)
	check(err)
	_, err = db.Settle(t.Context(), []delivery.Settlement{{Reader: id, Fence: p.Fence, Cursor: eventlog.NewCursor(1), Release: []eventlog.Lane{"r"}}})
	check(err)
	n, err := db.Forget(t.Context(), 1, 1, 1)
	check(err)
	aged, _, err := db.ForgetDead(t.Context(), time.Now().Add(time.Hour), 0, 9)
	check(err)
	if n != 1 || aged != 1 {
		t.Fatalf("%d events and %d dead letters were forgotten, want 1 and 1", n, aged)
	}
}

// useOperate asks as operators do.
func useOperate(t *testing.T, db *DB, check func(error)) {
	t.Helper()
	for _, ascending := range []bool{true, false} {
		for _, lane := range []eventlog.Lane{"", "r"} {
			s := operate.Search{Reader: delivery.CallbackReader, From: 1, To: 9, Lane: lane, Ascending: ascending, Limit: 9, Look: 9, After: operate.Mark{Seq: 10}}
			if ascending {
				s.After.Seq = 0
			}
			_, err := db.Attempts(t.Context(), 1, s)
			check(err)
			_, err = db.Letters(t.Context(), 1, s)
			check(err)
		}
	}
	_, err := db.LastBefore(t.Context(), 1, time.Now())
	check(err)
	_, err = db.Trace(t.Context(), delivery.ReaderID{App: 1, Name: delivery.CallbackReader}, 1)
	check(err)
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
	var details []string
	for plan.Step() {
		details = append(details, plan.ColumnText(3))
	}
	all := strings.ReplaceAll(strings.Join(details, "\n\t"), "SCAN CONSTANT ROW", "no table")
	lane := strings.Contains(sql, "FROM log") && strings.Contains(sql, "lane = ?")
	if strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") || lane && !strings.Contains(all, "log_lane") {
		t.Errorf("%s\n\tis run as: %s", sql, all)
	}
	if err := plan.Err(); err != nil {
		t.Fatal(err)
	}
}
