package sqlite

import (
	"context"
	"fmt"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
)

// tx is the transaction of the one shape. There is one writer, so nothing has to be locked in it.
type tx struct {
	db        *DB
	c         *conn
	committed bool
	done      bool
}

// Begin implements engine.Store. It waits for the writer before it.
func (db *DB) Begin(ctx context.Context) (engine.Tx, error) {
	t, err := db.begin(ctx)
	if err != nil {
		return nil, err
	}
	return t, nil
}

const syncedSetting = `PRAGMA synchronous = FULL`

func (db *DB) begin(ctx context.Context) (*tx, error) {
	return db.beginWith(ctx, syncedSetting)
}

// beginUnsynced starts a transaction that may be lost with the power, until the next one that is synced.
func (db *DB) beginUnsynced(ctx context.Context) (*tx, error) {
	return db.beginWith(ctx, `PRAGMA synchronous = NORMAL`)
}

func (db *DB) beginWith(ctx context.Context, synchronous string) (*tx, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := db.acquire()
	if err != nil {
		return nil, err
	}
	if err := db.writer.LockContext(ctx); err != nil {
		db.release()
		return nil, err
	}
	t := &tx{db: db, c: c.write}
	if err := db.health.usable(); err != nil { // it may have failed while we waited
		t.leave()
		return nil, err
	}
	if err := t.start(synchronous); err != nil {
		t.leave()
		return nil, err
	}
	return t, nil
}

func (t *tx) start(synchronous string) error {
	if t.db.synchronous != synchronous {
		if err := t.c.run(synchronous); err != nil {
			return err
		}
		t.db.synchronous = synchronous
	}
	return t.c.run(`BEGIN IMMEDIATE`)
}

// leave lets the next writer in. A transaction that was given up without an error of SQLite says nothing about the store.
func (t *tx) leave() {
	t.done = true
	failed := t.c.failed
	t.c.failed = nil
	if failed != nil || t.committed {
		t.db.wrote(failed)
	}
	t.db.writer.Unlock()
	t.db.release()
}

// Load implements engine.Tx.
func (t *tx) Load(_ context.Context, wants []engine.Want) ([]engine.Loaded, error) {
	loaded := make([]engine.Loaded, len(wants))
	for i, want := range wants {
		app, err := t.db.loadApp(t.c, want.App)
		if err != nil {
			return nil, err
		}
		loaded[i] = engine.Loaded{App: app, Rooms: make([]engine.Room, len(want.Rooms))}
		for j, id := range want.Rooms {
			if loaded[i].Rooms[j], err = t.db.rooms.load(t.c, want.App, id); err != nil {
				return nil, err
			}
		}
		if err := t.loadRest(&want, &loaded[i]); err != nil {
			return nil, err
		}
	}
	return loaded, nil
}

// loadRest loads the parts and the lanes of a want, and counts the rooms.
func (t *tx) loadRest(want *engine.Want, into *engine.Loaded) (err error) {
	if want.Count > 0 {
		if into.Count, err = countRooms(t.c, want.App, want.Count); err != nil {
			return err
		}
	}
	if len(want.Parts) > 0 {
		into.Parts = make([][]byte, len(want.Parts))
	}
	for i, id := range want.Parts {
		if into.Parts[i], err = loadPart(t.c, want.App, id); err != nil {
			return err
		}
	}
	if len(want.Lanes) > 0 {
		into.Lanes = make([]eventlog.LaneState, len(want.Lanes))
	}
	for i, lane := range want.Lanes {
		if into.Lanes[i], err = pastLane(t.c, want.App, lane); err != nil {
			return err
		}
	}
	return nil
}

// Commit implements engine.Tx.
func (t *tx) Commit(_ context.Context, changes []engine.Change) error {
	for i := range changes {
		if err := t.write(&changes[i]); err != nil {
			t.Rollback()
			return err
		}
	}
	if err := t.end(); err != nil {
		return err
	}
	t.db.rooms.committed(changes)
	t.leave()
	return nil
}

// commit ends the transaction. After an error of COMMIT the outcome is unknown, and the file is opened anew.
func (t *tx) commit() error {
	err := t.end()
	if err == nil {
		t.leave()
	}
	return err
}

// end is COMMIT. When it worked, the writer is still held.
func (t *tx) end() error {
	begun := time.Now()
	if err := t.c.run(`COMMIT`); err != nil {
		t.db.fail(err)
		t.leave()
		return fmt.Errorf("%w: %w", engine.ErrUnknown, err)
	}
	if t.db.synchronous == syncedSetting {
		t.db.synced(time.Since(begun))
	}
	t.committed = true
	return nil
}

// Rollback implements engine.Tx.
func (t *tx) Rollback() {
	if t.done {
		return
	}
	// SQLite has rolled back by itself after some errors; what is left of a transaction ends here.
	if !t.c.GetAutocommit() {
		if err := t.c.run(`ROLLBACK`); err != nil {
			t.db.fail(err)
		}
	}
	t.leave()
}

func (t *tx) write(ch *engine.Change) error {
	last, err := lastNumbers(t.c, ch.App)
	if err != nil {
		return fmt.Errorf("read the last number: %w", err)
	}
	if ch.Settings != nil {
		if err := writeSettings(t.c, ch, last.seq); err != nil {
			return fmt.Errorf("write settings: %w", err)
		}
	}
	for i := range ch.Audit {
		if err := writeAudit(t.c, ch.App, &ch.Audit[i], last.seq); err != nil {
			return fmt.Errorf("write audit: %w", err)
		}
	}
	for i := range ch.Rooms {
		if err := writeRoom(t.c, ch.App, &ch.Rooms[i]); err != nil {
			return fmt.Errorf("write room: %w", err)
		}
	}
	for i := range ch.Gone {
		if _, err := t.c.exec(`INSERT OR IGNORE INTO remains (app, room, life) VALUES (?, ?, ?)`, int64(ch.App), string(ch.Gone[i].Room), ch.Gone[i].Life); err != nil {
			return fmt.Errorf("note the end of a room: %w", err)
		}
	}
	for i := range ch.Parts {
		if err := writePart(t.c, ch.App, &ch.Parts[i]); err != nil {
			return fmt.Errorf("write part: %w", err)
		}
	}
	for i := range ch.Events {
		last.number(&ch.Events[i])
		if err := insertEvent(t.c, ch.App, &ch.Events[i]); err != nil {
			return fmt.Errorf("append event: %w", err)
		}
	}
	return nil
}
