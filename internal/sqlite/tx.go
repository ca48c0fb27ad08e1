package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// tx is the transaction of the one shape. There is one writer, so nothing has to be locked in it.
type tx struct {
	db   *DB
	c    *conn
	done bool
}

// Begin implements engine.Store. It waits for the writer before it.
func (db *DB) Begin(ctx context.Context) (engine.Tx, error) {
	t, err := db.begin(ctx)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func (db *DB) begin(ctx context.Context) (*tx, error) {
	return db.beginWith(ctx, `PRAGMA synchronous = FULL`)
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
	db.writer.Lock()
	if err := db.Ready(); err != nil { // it may have failed while we waited
		db.writer.Unlock()
		db.release()
		return nil, err
	}
	t := &tx{db: db, c: c.write}
	if t.db.synchronous != synchronous {
		if err := t.c.Exec(synchronous); err != nil {
			t.leave()
			return nil, err
		}
		t.db.synchronous = synchronous
	}
	if err := t.c.Exec(`BEGIN IMMEDIATE`); err != nil {
		t.leave()
		return nil, err
	}
	return t, nil
}

func (t *tx) leave() {
	t.done = true
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
			if loaded[i].Rooms[j], err = loadRoom(t.c, want.App, id); err != nil {
				return nil, err
			}
		}
	}
	return loaded, nil
}

// Commit implements engine.Tx.
func (t *tx) Commit(_ context.Context, changes []engine.Change) error {
	for i := range changes {
		if err := t.write(&changes[i]); err != nil {
			t.Rollback()
			return err
		}
	}
	return t.commit()
}

// commit ends the transaction. After an error of COMMIT the outcome is unknown, and the file is opened anew.
func (t *tx) commit() error {
	if err := t.c.Exec(`COMMIT`); err != nil {
		t.db.fail(err)
		t.leave()
		return fmt.Errorf("%w: %w", engine.ErrUnknown, err)
	}
	t.leave()
	return nil
}

// Rollback implements engine.Tx.
func (t *tx) Rollback() {
	if t.done {
		return
	}
	// SQLite has rolled back by itself after some errors; what is left of a transaction ends here.
	if !t.c.GetAutocommit() {
		if err := t.c.Exec(`ROLLBACK`); err != nil {
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
		if err := writeAudit(t.c, ch.App, &ch.Audit[i]); err != nil {
			return fmt.Errorf("write audit: %w", err)
		}
	}
	for i := range ch.Rooms {
		if err := writeRoom(t.c, ch.App, &ch.Rooms[i]); err != nil {
			return fmt.Errorf("write room: %w", err)
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

// numbers are the last ones of an App's log.
type numbers struct{ seq, callback int64 }

func (n *numbers) number(e *eventlog.Event) {
	n.seq++
	e.Seq, e.Prev = n.seq, n.callback
	if e.Callback {
		n.callback = e.Seq
	}
}

func lastNumbers(c *conn, app live.AppID) (numbers, error) {
	var n numbers
	found := false
	err := c.query(func(s *sqlite3.Stmt) error {
		found = true
		n.seq, n.callback = s.ColumnInt64(0), s.ColumnInt64(1)
		if s.ColumnBool(2) {
			n.callback = n.seq
		}
		return nil
	}, `SELECT seq, prev, callback FROM log WHERE app = ? ORDER BY seq DESC LIMIT 1`, int64(app))
	if err != nil || found {
		return n, err
	}
	err = c.query(func(s *sqlite3.Stmt) error {
		n.seq, n.callback = s.ColumnInt64(0), s.ColumnInt64(1)
		return nil
	}, `SELECT floor_seq, floor_prev FROM apps WHERE app = ?`, int64(app))
	return n, err
}

// loadRoom returns a room and the numbers of its control lane. Those of a room that is gone are in the log, or, when
// retention has removed them there, below the App's floor.
func loadRoom(c *conn, app live.AppID, id live.RoomID) (engine.Room, error) {
	var room engine.Room
	err := c.query(func(s *sqlite3.Stmt) error {
		room.Lane = eventlog.LaneState{Seq: s.ColumnInt64(1), Callback: s.ColumnInt64(2), Time: s.ColumnInt64(3)}
		var err error
		room.Doc, err = decodeRoom(s.ColumnRawText(0))
		return err
	}, `SELECT doc, lane_seq, lane_callback, lane_time FROM rooms WHERE app = ? AND room = ?`, int64(app), string(id))
	if err != nil || room.Doc != nil {
		return room, err
	}
	room.Lane, err = pastLane(c, app, eventlog.ControlLane(string(id)))
	return room, err
}

func pastLane(c *conn, app live.AppID, lane eventlog.Lane) (eventlog.LaneState, error) {
	var state eventlog.LaneState
	err := c.query(func(s *sqlite3.Stmt) error {
		state = eventlog.After(&eventlog.Event{
			RoomSeq: s.ColumnInt64(0), RoomPrev: s.ColumnInt64(1), Callback: s.ColumnBool(2), Time: s.ColumnInt64(3),
		})
		return nil
	}, `SELECT room_seq, room_prev, callback, time FROM log WHERE app = ? AND lane = ? ORDER BY seq DESC LIMIT 1`, int64(app), string(lane))
	if err != nil || state.Seq > 0 {
		return state, err
	}
	err = c.query(func(s *sqlite3.Stmt) error {
		state.Seq = s.ColumnInt64(0)
		state.Callback = state.Seq
		return nil
	}, `SELECT floor_room_seq FROM apps WHERE app = ?`, int64(app))
	return state, err
}

func writeRoom(c *conn, app live.AppID, r *engine.RoomChange) error {
	if r.Room.Doc == nil {
		_, err := c.exec(`DELETE FROM rooms WHERE app = ? AND room = ?`, int64(app), string(r.ID))
		return err
	}
	doc, err := json.Marshal(r.Room.Doc)
	if err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO rooms (app, room, doc, lane_seq, lane_callback, lane_time, public, create_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET doc = excluded.doc, lane_seq = excluded.lane_seq, lane_callback = excluded.lane_callback,
		lane_time = excluded.lane_time, public = excluded.public, create_time = excluded.create_time`,
		int64(app), string(r.ID), string(doc), r.Room.Lane.Seq, r.Room.Lane.Callback, r.Room.Lane.Time,
		r.Room.Doc.IsPublicVisible, r.Room.Doc.CreateTime)
	return err
}
