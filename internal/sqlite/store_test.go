package sqlite

import (
	"context"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/storetest"
)

func TestStoreKeepsItsContracts(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		db := openTemp(t)
		return storetest.Harness{
			Open:     func() storetest.Store { return db },
			Audit:    func(app live.AppID) ([]engine.Audit, error) { return auditOf(t, db, app) },
			Attempts: func(id delivery.ReaderID) ([]eventlog.Attempt, error) { return attemptsOf(t, db, id) },
			Dead:     func(id delivery.ReaderID) ([]storetest.DeadLetter, error) { return deadOf(t, db, id) },
		}
	})
}

// openTemp opens a new database that is checked and closed when the test ends.
func openTemp(t testing.TB) *DB {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "callboard.db"))
}

func openAt(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		checkIntegrity(t, db)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// checkIntegrity has SQLite check the whole file, its indexes included. It is also called when the test's own context is over.
func checkIntegrity(t testing.TB, db *DB) {
	t.Helper()
	err := db.read(context.Background(), func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			if line := s.ColumnText(0); line != "ok" {
				t.Errorf("integrity_check: %s", line)
			}
			return nil
		}, `PRAGMA integrity_check`)
	})
	if err != nil {
		t.Errorf("integrity_check: %v", err)
	}
}

func auditOf(t *testing.T, db *DB, app live.AppID) ([]engine.Audit, error) {
	var list []engine.Audit
	err := db.read(t.Context(), func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			a := engine.Audit{
				At: time.UnixMilli(s.ColumnInt64(0)),
				By: live.Actor{
					Account: live.Account(s.ColumnText(1)), ClientIP: s.ColumnText(2), Platform: s.ColumnText(3), Cause: s.ColumnText(4),
				},
				Command: s.ColumnText(5),
			}
			if endpoint, ok := delivery.EndpointOf(s.ColumnText(7)); ok {
				a.Discarded = &engine.Discarded{Endpoint: endpoint, To: s.ColumnInt64(8)}
			}
			list = append(list, a)
			return json.Unmarshal(s.ColumnRawText(6), &list[len(list)-1].Changed)
		}, `SELECT at, actor, client_ip, platform, cause, command, changed, reader, discarded FROM audit WHERE app = ? ORDER BY id`, int64(app))
	})
	return list, err
}

func attemptsOf(t *testing.T, db *DB, id delivery.ReaderID) ([]eventlog.Attempt, error) {
	var list []eventlog.Attempt
	err := db.read(t.Context(), func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			list = append(list, eventlog.Attempt{
				Seq: s.ColumnInt64(0), Number: s.ColumnInt(1), At: time.UnixMilli(s.ColumnInt64(2)),
				Duration: time.Duration(s.ColumnInt64(3)) * time.Microsecond, Status: s.ColumnInt(4),
				Durable: eventlog.Verdict(s.ColumnInt(5)), Cloud: eventlog.Verdict(s.ColumnInt(6)),
				Why: eventlog.Reason(s.ColumnText(7)), Answer: s.ColumnText(8), Counted: eventlog.Verdict(s.ColumnInt(9)),
			})
			return nil
		}, `SELECT seq, number, at, duration, status, durable, cloud, why, answer, counted FROM attempts WHERE app = ? AND reader = ? ORDER BY seq, number`,
			int64(id.App), id.Name)
	})
	return list, err
}

func deadOf(t *testing.T, db *DB, id delivery.ReaderID) ([]storetest.DeadLetter, error) {
	var list []storetest.DeadLetter
	err := db.read(t.Context(), func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			d := storetest.DeadLetter{Event: scanEvent(s)}
			d.Dead = eventlog.Dead{Seq: d.Event.Seq, At: time.UnixMilli(s.ColumnInt64(14)), Why: eventlog.Reason(s.ColumnText(15)), Attempts: s.ColumnInt(16)}
			list = append(list, d)
			return nil
		}, `SELECT `+eventColumns+`, at, why, attempts FROM dead WHERE app = ? AND reader = ? ORDER BY seq`, int64(id.App), id.Name)
	})
	return list, err
}
