package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/ncruces/go-sqlite3"

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
