package postgres

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
	"github.com/callboard/callboard/internal/pgtest"
)

// spans are beginnings of the statements that may look at all Apps: sweeps, and none of a call or a callback.
var spans = []string{
	`SELECT settings, discard_to FROM apps`, // a start
	`SELECT r.app, r.reader, r.done`,        // a start and the metrics
	`SELECT a.app, (SELECT time FROM log`,   // retention
	`SELECT app FROM apps AS a WHERE EXISTS (SELECT 1 FROM dead`,
	`SELECT p.app, p.room, p.kind, p.key FROM parts`, // the timer
	`DELETE FROM parts WHERE ctid = ANY (ARRAY (SELECT ctid FROM parts WHERE due`,
	`DELETE FROM parts WHERE ctid = ANY (ARRAY (SELECT p.place FROM remains`,
	`DELETE FROM remains`,
}

// tables are those that hold what belongs to an App.
var tables = regexp.MustCompile(`\b(apps|numbering|floors|rooms|states|parts|remains|log|readers|cursors|positions|held|attempts|skips|redeliveries|dead|audit)\b`)

// What is asked of the server belongs to one App and is found by an index that begins with it, so that the schema can be
// distributed by the SDKAppID. The server itself says which statements there were: with one connection, which also shows that no
// call needs a second one.
func TestStatementsBelongToOneAppAndUseAnIndex(t *testing.T) {
	db := openAt(t, withParameter(pgtest.Database(t), "pool_max_conns=1"))
	useEverything(t, db)
	c, err := db.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Release()
	for _, sql := range []string{`ANALYZE`, `SELECT ` + strings.ReplaceAll(plans, "true", "false")} { // for the session
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	statements := prepared(t, c.Conn())
	if len(statements) < 40 {
		t.Fatalf("the server knows %d statements, want at least 40", len(statements))
	}
	for _, s := range statements {
		if !tables.MatchString(s.sql) || !strings.HasPrefix(s.sql, "SELECT") && !strings.HasPrefix(s.sql, "WITH") &&
			!strings.HasPrefix(s.sql, "INSERT") && !strings.HasPrefix(s.sql, "UPDATE") && !strings.HasPrefix(s.sql, "DELETE") {
			continue
		}
		if strings.Contains(s.sql, "pg_inherits") || strings.Contains(s.sql, "add_day") || strings.Contains(s.sql, "drop_day") {
			continue
		}
		spanning := false
		for _, beginning := range spans {
			spanning = spanning || strings.HasPrefix(s.sql, beginning)
		}
		plan := explained(t, c.Conn(), s)
		if strings.Contains(plan, "Seq Scan on") && !spanning {
			t.Errorf("no index is used for\n%s\n%s", s.sql, plan)
		}
		if strings.Contains(s.sql, "ORDER BY part DESC LIMIT 1") && !strings.Contains(plan, "Index Scan Backward using states_pkey") {
			t.Errorf("the newest state of a room is not the first that is read by\n%s\n%s", s.sql, plan)
		}
		if strings.Contains(s.sql, "DELETE FROM cursors") && strings.Contains(s.sql, "n - 1") && !strings.Contains(plan, "AND (n = ") {
			t.Errorf("a cursor is looked for among all that its reader has had by\n%s\n%s", s.sql, plan)
		}
		if strings.HasPrefix(s.sql, "DELETE FROM parts") && !strings.Contains(plan, "Tid Scan on parts") {
			t.Errorf("parts that were found are looked for again by\n%s\n%s", s.sql, plan)
		}
		if sortsLog(plan) {
			t.Errorf("all of the log is sorted for one page by\n%s\n%s", s.sql, plan)
		}
		if !spanning && !strings.HasPrefix(s.sql, "INSERT") && !strings.HasPrefix(s.sql, "WITH n") && !strings.Contains(plan, "Index Cond: (app = $1)") &&
			!strings.Contains(plan, "Index Cond: ((app = $1)") && !strings.Contains(plan, "expect_settings") {
			t.Errorf("no index that begins with the App is used for\n%s\n%s", s.sql, plan)
		}
	}
}

// sortsLog tells whether rows of the log are sorted that no limit has cut before: for one page, all that there are.
func sortsLog(plan string) bool {
	type node struct {
		indent int
		text   string
	}
	var path []node
	for line := range strings.Lines(plan) {
		text := strings.TrimLeft(line, " ")
		if !strings.HasPrefix(text, "->") && len(path) > 0 {
			continue // of a node, or the root
		}
		n := node{len(line) - len(text), strings.TrimSpace(strings.TrimPrefix(text, "->"))}
		for len(path) > 0 && path[len(path)-1].indent >= n.indent {
			path = path[:len(path)-1]
		}
		path = append(path, n)
		if !strings.Contains(n.text, "Scan") || !strings.Contains(n.text, " on log_") {
			continue
		}
		for i := len(path) - 2; i >= 0 && path[i].text != "Limit"; i-- {
			if path[i].text == "Sort" {
				return true
			}
		}
	}
	return false
}

type statement struct {
	name, sql string
	params    int
}

func prepared(t *testing.T, c *pgx.Conn) []statement {
	t.Helper()
	rows, err := c.Query(t.Context(), `SELECT name, statement, cardinality(parameter_types) FROM pg_prepared_statements`, pgx.QueryExecModeExec)
	if err != nil {
		t.Fatal(err)
	}
	var list []statement
	err = each(rows, func(row pgx.Rows) error {
		var s statement
		err := row.Scan(&s.name, &s.sql, &s.params)
		s.sql = strings.TrimSpace(s.sql)
		list = append(list, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func explained(t *testing.T, c *pgx.Conn, s statement) string {
	t.Helper()
	execute := fmt.Sprintf(`EXPLAIN (COSTS off) EXECUTE %s`, pgx.Identifier{s.name}.Sanitize())
	if s.params > 0 {
		execute += "(" + strings.TrimSuffix(strings.Repeat("NULL,", s.params), ",") + ")"
	}
	rows, err := c.Query(t.Context(), execute, pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	var plan strings.Builder
	err = each(rows, func(row pgx.Rows) error {
		var line string
		err := row.Scan(&line)
		plan.WriteString(line + "\n")
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", s.sql, err)
	}
	return plan.String()
}

// withParameter adds a parameter to a URL.
func withParameter(url, parameter string) string {
	if strings.Contains(url, "?") {
		return url + "&" + parameter
	}
	return url + "?" + parameter
}

// useEverything makes every call of the store once, with all that a settlement can have.
func useEverything(t *testing.T, db *DB) {
	t.Helper()
	ctx, id := context.Background(), live.AppID(1400000001)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(put(db, engine.Change{App: id, Settings: &live.App{ID: id, Key: "key"}, NewLog: "abcdefgh", Audit: []engine.Audit{{Command: "configure"}}}))
	for i := range 3 {
		lane := eventlog.LaneState{Seq: int64(i), Callback: int64(i)}
		e := eventlog.Event{Lane: "r", Callback: true, Body: []byte("{}")}
		next := lane.Next(&e, 1)
		must(put(db, engine.Change{App: id, Rooms: []engine.RoomChange{{ID: "r", Room: engine.Room{Doc: &live.Room{ID: "r", IsPublicVisible: true}, Lane: next}}}, Events: []eventlog.Event{e}}))
	}
	must(put(db, engine.Change{App: id, Rooms: []engine.RoomChange{{ID: "r"}}, Settings: &live.App{ID: id}, DiscardToHead: true}))
	reader := delivery.ReaderID{App: id, Name: delivery.CallbackReader}
	p, err := db.Open(ctx, reader)
	must(err)
	page := delivery.Page{Events: 10, Bytes: 1 << 20}
	_, _, err = db.Read(ctx, id, 0, page)
	must(err)
	_, err = db.ReadLane(ctx, id, delivery.LanePart{Lane: "r", From: 1, To: 3}, page)
	must(err)
	_, err = db.Settle(ctx, []delivery.Settlement{{
		Reader: reader, Fence: p.Fence, Cursor: eventlog.NewCursor(3), Hold: []eventlog.Held{{Lane: "r", Next: 3}}, Release: []eventlog.Lane{"q"},
		Attempts: []eventlog.Attempt{{Seq: 1, Number: 1}}, Dead: []eventlog.Dead{{Seq: 1, Attempts: 3}}, Revived: []int64{9}, RevivedOf: delivery.CallbackReader,
		Skip: []eventlog.Skip{{Lane: "r", From: 1, To: 1, Seq: 1}}, Told: []eventlog.Lane{"q"},
	}})
	must(err)
	_, err = db.Bounds(ctx, id)
	must(err)
	_, _, err = db.EventsAfter(ctx, id, 0, feed.Page{Events: 1})
	must(err)
	_, _, err = db.LaneEventsAfter(ctx, id, "r", 0, feed.Page{Events: 1})
	must(err)
	_, err = db.RoomsAfter(ctx, id, "", 1)
	must(err)
	_, err = db.LastCallbacks(ctx, id, []eventlog.Lane{"r", "r/members"})
	must(err)
	_, err = db.Standing(ctx, id, delivery.CallbackReader, 9, 9)
	must(err)
	_, err = db.Skips(ctx, reader, []eventlog.Lane{"r"})
	must(err)
	for _, r := range []delivery.Redelivery{
		{From: 1, To: 3}, {From: 1, To: 3, DeadOnly: true}, {From: 1, To: 3, Lane: "r"}, {From: 1, To: 3, Lane: "r", DeadOnly: true},
	} {
		_, err := db.ReadAgain(ctx, id, r, page)
		must(err)
	}
	again, err := db.Redeliver(ctx, id, delivery.Redelivery{From: 1, To: 3})
	must(err)
	p, err = db.Open(ctx, again)
	must(err)
	_, err = db.Settle(ctx, []delivery.Settlement{{Reader: again, Fence: p.Fence, Cursor: eventlog.NewCursor(3), Finished: true}})
	must(err)
	_, err = db.Room(ctx, id, "r")
	must(err)
	part := live.PartID{Room: "r", Kind: live.KindTally}
	must(put(db, engine.Change{App: id, Parts: []engine.PartChange{{ID: part, Doc: []byte("{}")}}, Gone: []engine.Life{{Room: "q", Life: 1}}}))
	_, err = db.Parts(ctx, id, []live.PartID{part})
	must(err)
	_, err = db.PartsAfter(ctx, id, part, 1)
	must(err)
	_, err = db.DueParts(ctx, time.Now(), 1)
	must(err)
	_, err = db.SweepParts(ctx, time.Now(), 1)
	must(err)
	for _, ascending := range []bool{true, false} {
		_, err = db.PublicRooms(ctx, id, live.RoomPage{Limit: 1, Ascending: ascending})
		must(err)
	}
	useOperate(ctx, db, id, must)
	must(db.Backlogs(ctx, func(delivery.Backlog) error { return nil }))
	must(db.Aged(ctx, time.Now(), func(app live.AppID, to int64) error {
		_, err := db.Forget(ctx, app, to, 1)
		return err
	}))
	_, _, err = db.ForgetDead(ctx, time.Now(), 10, 10)
	must(err)
	must(db.EachApp(ctx, func(*live.App) error { return nil }))
}

// useOperate asks as operators do.
func useOperate(ctx context.Context, db *DB, id live.AppID, must func(error)) {
	for _, ascending := range []bool{true, false} {
		for _, lane := range []eventlog.Lane{"", "r"} {
			s := operate.Search{Reader: delivery.CallbackReader, From: 1, To: 9, Lane: lane, Ascending: ascending, Limit: 9, Look: 9, After: operate.Mark{Seq: 10}}
			_, err := db.Attempts(ctx, id, s)
			must(err)
			_, err = db.Letters(ctx, id, s)
			must(err)
		}
	}
	_, err := db.LastBefore(ctx, id, time.Now())
	must(err)
	_, err = db.Trace(ctx, delivery.ReaderID{App: id, Name: delivery.CallbackReader}, 1)
	must(err)
}

// put commits one change as the engine does.
func put(db *DB, ch engine.Change) error {
	tx, err := db.Begin(context.Background())
	if err != nil {
		return err
	}
	defer tx.Rollback()
	want := engine.Want{App: ch.App, Settings: ch.Settings != nil}
	for _, r := range ch.Rooms {
		want.Rooms, want.Create = append(want.Rooms, r.ID), append(want.Create, r.Room.Doc != nil)
	}
	for _, p := range ch.Parts {
		want.Rooms, want.Create, want.Parts = append(want.Rooms, p.ID.Room), append(want.Create, p.ID.Room == ""), append(want.Parts, p.ID)
	}
	if _, err := tx.Load(context.Background(), []engine.Want{want}); err != nil {
		return err
	}
	return tx.Commit(context.Background(), []engine.Change{ch})
}
