package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Each statement fails once, at its own table: whatever came before it in the transaction is gone too.
func TestWriteThatFailsHalfwayLeavesNothing(t *testing.T) {
	calls := map[string]struct {
		call func(*DB, delivery.Settlement) error
		// changes are the tables, by what is done to their rows.
		changes map[string]string
	}{
		"settle": {
			func(db *DB, s delivery.Settlement) error {
				_, err := db.Settle(t.Context(), []delivery.Settlement{s})
				return err
			},
			map[string]string{"INSERT": "held attempts dead skips", "UPDATE": "readers", "DELETE": "held dead skips"},
		},
		"finish": {
			func(db *DB, s delivery.Settlement) error {
				s.Reader.Name, s.Finished = "redelivery-1", true
				_, err := db.Settle(t.Context(), []delivery.Settlement{s})
				return err
			},
			map[string]string{"UPDATE": "readers redeliveries", "DELETE": "readers held dead skips"},
		},
		"redeliver": {
			func(db *DB, _ delivery.Settlement) error {
				_, err := db.Redeliver(t.Context(), 1, delivery.Redelivery{From: 1, To: 2})
				return err
			},
			map[string]string{"INSERT": "readers redeliveries", "UPDATE": "apps"},
		},
		"forget": {
			func(db *DB, _ delivery.Settlement) error {
				_, err := db.Forget(t.Context(), 2, 9, 9)
				return err
			},
			map[string]string{"UPDATE": "apps", "DELETE": "log attempts skips"},
		},
		"forget dead letters": {
			func(db *DB, _ delivery.Settlement) error {
				_, _, err := db.ForgetDead(t.Context(), time.UnixMilli(1<<50), 0, 9)
				return err
			},
			map[string]string{"DELETE": "dead attempts redeliveries"},
		},
	}
	db := openTemp(t)
	s := fillForFailures(t, db)
	for name, c := range calls {
		for change, tables := range c.changes {
			for table := range strings.FieldsSeq(tables) {
				t.Run(fmt.Sprintf("%s/%s %s", name, change, table), func(t *testing.T) {
					before := dump(t, db)
					set(fmt.Sprintf(`CREATE TRIGGER broken BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'broken'); END`, change, table))(t, db)
					err := c.call(db, s)
					set(`DROP TRIGGER broken`)(t, db)
					if err == nil || !strings.Contains(err.Error(), "broken") {
						t.Errorf("error %v, want that of the statement", err)
					}
					if diff := cmp.Diff(before, dump(t, db)); diff != "" {
						t.Errorf("rows changed:\n%s", diff)
					}
				})
			}
		}
	}
}

// fillForFailures puts rows into every table, two Apps with the same, and returns a settlement that changes all it can. The
// second App has all settled, and a finished redelivery.
func fillForFailures(t *testing.T, db *DB) delivery.Settlement {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var s delivery.Settlement
	for app := range live.AppID(2) {
		app++
		createApp(t, db, app)
		commit(t, db, engine.Change{App: app, Events: []eventlog.Event{{Lane: "a", Callback: true, Body: []byte("1")}, {Lane: "b", Callback: true, Body: []byte("2")}}})
		again, err := db.Redeliver(t.Context(), app, delivery.Redelivery{From: 1, To: 2})
		check(err)
		s = delivery.Settlement{
			Cursor: eventlog.NewCursor(2), Hold: []eventlog.Held{{Lane: "a", Next: 1}}, Attempts: []eventlog.Attempt{{Seq: 1, Number: 1}},
			Dead: []eventlog.Dead{{Seq: 1}}, Skip: []eventlog.Skip{{Lane: "a", From: 1, To: 1, Seq: 1}},
		}
		for _, name := range []string{delivery.CallbackReader, again.Name} {
			s.Reader = delivery.ReaderID{App: app, Name: name}
			p, err := db.Open(t.Context(), s.Reader)
			check(err)
			s.Fence = p.Fence
			_, err = db.Settle(t.Context(), []delivery.Settlement{s})
			check(err)
		}
	}
	_, err := db.Settle(t.Context(), []delivery.Settlement{
		{Reader: s.Reader, Fence: s.Fence, Cursor: s.Cursor, Finished: true},
		{Reader: delivery.ReaderID{App: 2, Name: delivery.CallbackReader}, Fence: 1, Cursor: s.Cursor, Release: []eventlog.Lane{"a"}},
	})
	check(err)
	return delivery.Settlement{
		Reader: delivery.ReaderID{App: 1, Name: delivery.CallbackReader}, Fence: 1, Cursor: eventlog.NewCursor(1), Paused: "asked for",
		Hold: []eventlog.Held{{Lane: "b", Next: 2}}, Release: []eventlog.Lane{"a"}, Attempts: []eventlog.Attempt{{Seq: 2, Number: 1}},
		Dead: []eventlog.Dead{{Seq: 2}}, Revived: []int64{1}, RevivedOf: delivery.CallbackReader, Skip: []eventlog.Skip{{Lane: "b", From: 1, To: 1, Seq: 2}}, Told: []eventlog.Lane{"a"},
	}
}

// dump returns all rows of all tables as text, but that of the probe, which is written whenever writes have failed.
func dump(t *testing.T, db *DB) map[string][]string {
	t.Helper()
	rows := map[string][]string{}
	db.writer.Lock()
	defer db.writer.Unlock()
	c := db.conns.write
	var tables []string
	err := c.query(func(s *sqlite3.Stmt) error {
		tables = append(tables, s.ColumnText(0))
		return nil
	}, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'probe' ORDER BY name`)
	for _, table := range tables {
		s, _, prepared := c.Prepare(`SELECT * FROM ` + table)
		if prepared != nil {
			t.Fatal(prepared)
		}
		for s.Step() {
			var cells []string
			for i := range s.ColumnCount() {
				cells = append(cells, s.ColumnText(i))
			}
			rows[table] = append(rows[table], strings.Join(cells, "|"))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
