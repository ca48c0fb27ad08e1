package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func decodeRoom(doc []byte) (*live.Room, error) {
	room := &live.Room{}
	if err := json.Unmarshal(doc, room); err != nil {
		return nil, fmt.Errorf("decode a room: %w", err)
	}
	return room, nil
}

// Room implements rest.Rooms.
func (db *DB) Room(ctx context.Context, app live.AppID, id live.RoomID) (*live.Room, error) {
	var room *live.Room
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) (err error) {
			room, err = decodeRoom(s.ColumnRawText(0))
			return err
		}, `SELECT doc FROM rooms WHERE app = ? AND room = ?`, int64(app), string(id))
	})
	return room, err
}

// PublicRooms implements rest.Rooms.
func (db *DB) PublicRooms(ctx context.Context, app live.AppID, page live.RoomPage) ([]live.Room, error) {
	after := live.RoomPosition{CreateTime: math.MaxInt64}
	sql := `SELECT doc FROM rooms WHERE app = ? AND public = 1 AND (create_time, room) < (?, ?) ORDER BY create_time DESC, room DESC LIMIT ?`
	if page.Ascending {
		after = live.RoomPosition{CreateTime: math.MinInt64}
		sql = `SELECT doc FROM rooms WHERE app = ? AND public = 1 AND (create_time, room) > (?, ?) ORDER BY create_time, room LIMIT ?`
	}
	if page.After != nil {
		after = *page.After
	}
	var rooms []live.Room
	err := db.read(ctx, func(c *conn) error {
		return c.query(func(s *sqlite3.Stmt) error {
			room, err := decodeRoom(s.ColumnRawText(0))
			if err == nil {
				rooms = append(rooms, *room)
			}
			return err
		}, sql, int64(app), after.CreateTime, string(after.ID), page.Limit)
	})
	return rooms, err
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

// countRooms counts the rooms of an App up to a limit.
func countRooms(c *conn, app live.AppID, limit int64) (int64, error) {
	var n int64
	err := c.query(func(s *sqlite3.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	}, `SELECT count(*) FROM (SELECT 1 FROM rooms WHERE app = ? LIMIT ?)`, int64(app), limit)
	return n, err
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
	number, room, lane := int64(app), string(r.ID), &r.Room.Lane
	// Most changes leave alone what rooms are listed by, and then its index is not touched.
	n, err := c.exec(`UPDATE rooms SET doc = ?, lane_seq = ?, lane_callback = ?, lane_time = ?
		WHERE app = ? AND room = ? AND public = ? AND create_time = ? AND life = ?`,
		string(doc), lane.Seq, lane.Callback, lane.Time, number, room, r.Room.Doc.IsPublicVisible, r.Room.Doc.CreateTime, r.Room.Doc.Life)
	if err != nil || n > 0 {
		return err
	}
	_, err = c.exec(`INSERT INTO rooms (app, room, doc, lane_seq, lane_callback, lane_time, public, create_time, life) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET doc = excluded.doc, lane_seq = excluded.lane_seq, lane_callback = excluded.lane_callback,
		lane_time = excluded.lane_time, public = excluded.public, create_time = excluded.create_time, life = excluded.life`,
		number, room, string(doc), lane.Seq, lane.Callback, lane.Time, r.Room.Doc.IsPublicVisible, r.Room.Doc.CreateTime, r.Room.Doc.Life)
	return err
}
