package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

const readOnly, writable = `PRAGMA query_only = ON`, `PRAGMA query_only = OFF`

func TestStoreIsNotReadyFromAFailedWriteToOneThatWorks(t *testing.T) {
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	for _, c := range []struct {
		name         string
		breaks, heal func(*testing.T, *DB)
		write        func(*testing.T, *DB) error
		want         error
	}{
		{"begin", lockOut, letIn, func(t *testing.T, db *DB) error { return tryCommit(t, db, largeChange()) }, sqlite3.BUSY},
		{"load", set(`DROP TABLE rooms`), set(roomsTable), func(t *testing.T, db *DB) error {
			tx, err := db.Begin(t.Context())
			if err != nil {
				return err
			}
			defer tx.Rollback()
			_, err = tx.Load(t.Context(), []engine.Want{{App: 1, Rooms: []live.RoomID{"r"}, Create: []bool{false}}})
			return err
		}, sqlite3.ERROR},
		{"append an event", set(`PRAGMA max_page_count = 1`), set(`PRAGMA max_page_count = 1000000`), func(t *testing.T, db *DB) error {
			return tryCommit(t, db, largeChange())
		}, sqlite3.FULL},
		{"write settings", set(readOnly), set(writable), func(t *testing.T, db *DB) error {
			return tryCommit(t, db, engine.Change{App: 1, Settings: &live.App{ID: 1}})
		}, sqlite3.READONLY},
		{"open a reader", set(readOnly), set(writable), func(t *testing.T, db *DB) error {
			_, err := db.Open(t.Context(), id)
			return err
		}, sqlite3.READONLY},
		{"settle", set(readOnly), set(writable), func(t *testing.T, db *DB) error {
			_, err := db.Settle(t.Context(), []delivery.Settlement{{Reader: id, Cursor: eventlog.NewCursor(1)}})
			return err
		}, sqlite3.READONLY},
		{"give up", set(`DROP TABLE skips`), set(skipsTable), func(t *testing.T, db *DB) error {
			_, err := db.Settle(t.Context(), []delivery.Settlement{{
				Reader: id, Dead: []eventlog.Dead{{Seq: 1}}, Skip: []eventlog.Skip{{Lane: "r"}}, Told: []eventlog.Lane{"s"},
			}})
			return err
		}, sqlite3.ERROR},
		{"redeliver", set(readOnly), set(writable), func(t *testing.T, db *DB) error {
			_, err := db.Redeliver(t.Context(), 1, delivery.Redelivery{From: 1, To: 1})
			return err
		}, sqlite3.READONLY},
		{"forget", set(readOnly), set(writable), func(t *testing.T, db *DB) error {
			_, err := db.Forget(t.Context(), 1, 1, 1)
			return err
		}, sqlite3.READONLY},
		{"forget dead letters", set(readOnly), set(writable), func(t *testing.T, db *DB) error {
			_, _, err := db.ForgetDead(t.Context(), time.UnixMilli(1), 0, 1)
			return err
		}, sqlite3.READONLY},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := openTemp(t)
			createApp(t, db, 1)
			commit(t, db, engine.Change{App: 1, Events: []eventlog.Event{{Lane: "r", Command: "c", Callback: true, Body: []byte("{}")}}})
			settled := delivery.Settlement{Reader: id, Cursor: eventlog.NewCursor(1)}
			if _, err := db.Settle(t.Context(), []delivery.Settlement{settled}); err != nil {
				t.Fatal(err)
			}
			c.breaks(t, db)
			if err := c.write(t, db); !errors.Is(err, c.want) {
				t.Errorf("the write: %v, want %v", err, c.want)
			}
			if err := db.Ready(); !errors.Is(err, c.want) || errors.Is(err, ErrAway) {
				t.Errorf("Ready is %v after a failed write, want %v", err, c.want)
			}
			if got := countApps(t, db); got != 1 {
				t.Errorf("%d Apps are read while writes fail, want 1", got)
			}
			c.heal(t, db)
			if err := c.write(t, db); err != nil {
				t.Errorf("the write after the store was mended: %v", err)
			}
			createApp(t, db, 2) // a write that is committed, whatever the case writes
			if err := db.Ready(); err != nil {
				t.Errorf("Ready is %v after a write that worked", err)
			}
		})
	}
}

func TestWriteThatIsRefusedLeavesTheStoreReady(t *testing.T) {
	for name, write := range map[string]func(*testing.T, *DB) error{
		"an App that is there": func(t *testing.T, db *DB) error {
			return tryCommit(t, db, engine.Change{App: 1, Settings: &live.App{ID: 1}, NewLog: "abcdefgh"})
		},
		"a reader that is not there": func(t *testing.T, db *DB) error {
			_, err := db.Open(t.Context(), delivery.ReaderID{App: 7, Name: delivery.CallbackReader})
			return err
		},
		"a call that is canceled": func(t *testing.T, db *DB) error {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := db.Settle(ctx, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := openTemp(t)
			createApp(t, db, 1)
			if err := write(t, db); err == nil {
				t.Fatal("it was not refused")
			}
			if err := db.Ready(); err != nil {
				t.Errorf("Ready is %v", err)
			}
		})
	}
}

func TestStoreIsReadyAgainByItselfWhenNobodyWrites(t *testing.T) {
	w := watch{text: "can be written again", token: make(chan struct{}, 1)}
	db, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "callboard.db"), Log: slog.New(w)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	set(readOnly)(t, db)
	if err := tryCommit(t, db, engine.Change{App: 1, Settings: &live.App{ID: 1}, NewLog: "abcdefgh"}); err == nil {
		t.Fatal("a commit to a read-only database")
	}
	if db.mend() {
		t.Error("a store that cannot be written counts as mended")
	}
	if err := db.Ready(); !errors.Is(err, sqlite3.READONLY) {
		t.Errorf("Ready is %v after a probe that failed, want %v", err, sqlite3.READONLY)
	}
	set(writable)(t, db)
	select {
	case <-w.token:
	case <-time.After(30 * time.Second):
		t.Fatal("the store was not tried again")
	}
	if err := db.Ready(); err != nil {
		t.Errorf("Ready is %v, and the store has said that it can be written", err)
	}
}

// A commit of unknown outcome and what follows from it end together.
func TestOpeningAnewMakesTheStoreReady(t *testing.T) {
	db := openTemp(t)
	db.writer.Lock()
	db.wrote(sqlite3.FULL)
	db.fail(sqlite3.IOERR_WRITE)
	err := db.Ready()
	db.writer.Unlock()
	if !errors.Is(err, ErrAway) || !errors.Is(err, sqlite3.IOERR_WRITE) {
		t.Errorf("Ready is %v, want %v and why", err, ErrAway)
	}
	if !db.reopen() {
		t.Fatal(db.Ready())
	}
	if err := db.Ready(); err != nil {
		t.Errorf("Ready is %v after the file was opened anew", err)
	}
}

// set runs SQL on the writing connection.
func set(sql string) func(*testing.T, *DB) {
	return func(t *testing.T, db *DB) {
		t.Helper()
		db.writer.Lock()
		defer db.writer.Unlock()
		if err := db.conns.write.Exec(sql); err != nil {
			t.Fatal(err)
		}
	}
}

const roomsTable = `CREATE TABLE rooms (app INTEGER NOT NULL, room TEXT NOT NULL, doc TEXT NOT NULL, lane_seq INTEGER NOT NULL,
	lane_callback INTEGER NOT NULL, lane_time INTEGER NOT NULL, public INTEGER NOT NULL, create_time INTEGER NOT NULL, PRIMARY KEY (app, room))`

const skipsTable = `CREATE TABLE skips (app INTEGER NOT NULL, reader TEXT NOT NULL, lane TEXT NOT NULL, "from" INTEGER NOT NULL,
	"to" INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (app, reader, lane))`

// lockOut has another connection write, as a person with a shell does, and the store not wait for it.
func lockOut(t *testing.T, db *DB) {
	set(`PRAGMA busy_timeout = 0`)(t, db)
	if err := db.conns.checkpoint.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
}

func letIn(t *testing.T, db *DB) {
	if err := db.conns.checkpoint.Exec(`ROLLBACK`); err != nil {
		t.Fatal(err)
	}
}

// watch is a slog.Handler that gives a token for a message.
type watch struct {
	text  string
	token chan struct{}
}

func (w watch) Enabled(context.Context, slog.Level) bool { return true }

func (w watch) Handle(_ context.Context, r slog.Record) error {
	if strings.Contains(r.Message, w.text) {
		select {
		case w.token <- struct{}{}:
		default:
		}
	}
	return nil
}

func (w watch) WithAttrs([]slog.Attr) slog.Handler { return w }

func (w watch) WithGroup(string) slog.Handler { return w }
