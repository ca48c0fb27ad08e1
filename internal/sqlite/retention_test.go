package sqlite

import (
	"bytes"
	"os"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// What is forgotten makes room for what comes, and the WAL stays short on the way.
func TestFileStopsGrowingWhenTheLogIsForgotten(t *testing.T) {
	const (
		rounds, together = 60, 16
		fileLimit        = 24 << 20 // 60 MiB are written
	)
	db := openTemp(t)
	createApp(t, db, 1)
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	body := bytes.Repeat([]byte("x"), 64<<10)
	var longest int64
	for i := range int64(rounds) {
		ch := engine.Change{App: 1}
		for range together {
			ch.Events = append(ch.Events, eventlog.Event{Lane: "r", Command: "c", Callback: true, Body: body})
		}
		commit(t, db, ch)
		s := delivery.Settlement{Reader: id, Cursor: eventlog.NewCursor((i + 1) * together)}
		if _, err := db.Settle(t.Context(), []delivery.Settlement{s}); err != nil {
			t.Fatal(err)
		}
		n, err := db.Forget(t.Context(), 1, 1<<40, 500)
		if err != nil || n != together {
			t.Fatalf("%d events were forgotten, error %v, want %d", n, err, together)
		}
		info, err := os.Stat(db.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, info.Size())
	}
	if longest >= walLimit {
		t.Errorf("the WAL grew to %d MiB, want less than %d", longest>>20, walLimit>>20)
	}
	if size := fileSize(t, db); size >= fileLimit {
		t.Errorf("the file has %d MiB, want less than %d", size>>20, fileLimit>>20)
	}
}

// fileSize is that of the database with all of its WAL moved into it.
func fileSize(t *testing.T, db *DB) (size int64) {
	t.Helper()
	db.writer.Lock()
	defer db.writer.Unlock()
	err := db.conns.write.query(func(s *sqlite3.Stmt) error {
		size = s.ColumnInt64(0)
		return nil
	}, `SELECT page_count * page_size FROM pragma_page_count, pragma_page_size`)
	if err != nil {
		t.Fatal(err)
	}
	return size
}

// Whoever is yielded to may take as long as it likes: nothing holds the WAL.
func TestLongScansLeaveTheWALFree(t *testing.T) {
	db := openTemp(t)
	createApp(t, db, 1)
	commit(t, db, engine.Change{App: 1, Events: []eventlog.Event{{Lane: "r", Command: "c", Callback: true, Time: 1, Body: []byte("{}")}}})
	restarted := 0
	restart := func() error {
		restarted++
		commit(t, db, engine.Change{App: 1, Events: []eventlog.Event{{Lane: "r", Command: "c", Callback: true, Time: 1 << 50, Body: []byte("{}")}}})
		c, err := db.acquire()
		if err != nil {
			return err
		}
		defer db.release()
		db.writer.Lock()
		defer db.writer.Unlock()
		length, done, err := c.checkpoint.moveWAL(sqlite3.CHECKPOINT_RESTART)
		if err == nil && done != length {
			t.Errorf("%d of %d pages of the WAL were moved", done, length)
		}
		return err
	}
	for name, scan := range map[string]func() error{
		"Pending":  func() error { return db.Pending(t.Context(), func(delivery.ReaderID) error { return restart() }) },
		"Backlogs": func() error { return db.Backlogs(t.Context(), func(delivery.Backlog) error { return restart() }) },
		"Aged": func() error {
			return db.Aged(t.Context(), time.UnixMilli(2), func(live.AppID, int64) error { return restart() })
		},
	} {
		if err := scan(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if restarted != 3 {
		t.Errorf("%d scans yielded, want 3", restarted)
	}
}

// More Apps than are looked at in one read.
func TestScansGoOnFromPageToPage(t *testing.T) {
	const count = 2*pageOfApps + 1
	db := openTemp(t)
	var changes []engine.Change
	for id := range live.AppID(count) {
		changes = append(changes, engine.Change{
			App: id + 1, Settings: &live.App{ID: id + 1}, NewLog: "abcdefgh",
			Events: []eventlog.Event{{Lane: "r", Command: "c", Callback: true, Time: 1, Body: []byte("{}")}},
		})
	}
	commit(t, db, changes...)
	var list []delivery.Settlement
	for id := range live.AppID(count) {
		list = append(list, delivery.Settlement{
			Reader: delivery.ReaderID{App: id + 1, Name: delivery.CallbackReader}, Dead: []eventlog.Dead{{Seq: 1, At: time.UnixMilli(5)}},
		})
	}
	if _, err := db.Settle(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	for name, scan := range map[string]func(func(live.AppID)) error{
		"Pending": func(seen func(live.AppID)) error {
			return db.Pending(t.Context(), func(id delivery.ReaderID) error { seen(id.App); return nil })
		},
		"Backlogs": func(seen func(live.AppID)) error {
			return db.Backlogs(t.Context(), func(b delivery.Backlog) error { seen(b.Reader.App); return nil })
		},
		"Aged": func(seen func(live.AppID)) error {
			return db.Aged(t.Context(), time.UnixMilli(2), func(app live.AppID, _ int64) error { seen(app); return nil })
		},
	} {
		seen := map[live.AppID]int{}
		if err := scan(func(app live.AppID) { seen[app]++ }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for id := range live.AppID(count) {
			if seen[id+1] != 1 {
				t.Fatalf("%s yielded the App %d %d times", name, id+1, seen[id+1])
			}
		}
	}
	aged, beyond, err := db.ForgetDead(t.Context(), time.UnixMilli(5), 0, 2*count)
	if aged != 0 || beyond != count || err != nil {
		t.Errorf("%d and %d dead letters were forgotten, error %v, want none by age and %d beyond the cap", aged, beyond, err, count)
	}
}
