package sqlite

import (
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// maxCachedRooms is how many rooms are kept: some 1 KB each, 5 KB with every text at its limit.
const maxCachedRooms = 4096

// roomCache keeps the rooms that were written or read last by transactions, as committed, so that a change of one neither
// reads nor decodes its row. It may stand for the file because nobody but the writer of this process changes that: only
// who has the baton uses it. The values are shared and never modified.
type roomCache struct {
	rooms *lru.Cache[roomKey, engine.Room]
}

type roomKey struct {
	app live.AppID
	id  live.RoomID
}

func newRoomCache() roomCache {
	cache, err := lru.New[roomKey, engine.Room](maxCachedRooms)
	if err != nil {
		panic("sqlite: " + err.Error()) // the size is a constant above 0
	}
	return roomCache{cache}
}

// load returns a room as committed, from the connection of the writer if it has to be read.
func (r roomCache) load(c *conn, app live.AppID, id live.RoomID) (engine.Room, error) {
	if room, ok := r.rooms.Get(roomKey{app, id}); ok {
		return room, nil
	}
	room, err := loadRoom(c, app, id)
	if err == nil && room.Doc != nil {
		r.rooms.Add(roomKey{app, id}, room)
	}
	return room, err
}

// committed takes what a transaction has changed. While the outcome of its COMMIT is open, and after it failed, the rooms
// are as before.
func (r roomCache) committed(changes []engine.Change) {
	for i := range changes {
		ch := &changes[i]
		for j := range ch.Rooms {
			key := roomKey{ch.App, ch.Rooms[j].ID}
			if ch.Rooms[j].Room.Doc == nil {
				r.rooms.Remove(key) // its numbers are in the log from now on
				continue
			}
			r.rooms.Add(key, ch.Rooms[j].Room)
		}
	}
}

func (r roomCache) clear() { r.rooms.Purge() }
