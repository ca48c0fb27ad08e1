package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

func decodeRoom(doc string) (*live.Room, error) {
	room := &live.Room{}
	if err := json.Unmarshal([]byte(doc), room); err != nil {
		return nil, foreignError{fmt.Errorf("decode a room: %w", err)}
	}
	return room, nil
}

// Room implements rest.Rooms.
func (db *DB) Room(ctx context.Context, app live.AppID, id live.RoomID) (*live.Room, error) {
	rooms, err := db.rooms(ctx, `SELECT doc FROM states WHERE app = $1 AND room = $2 ORDER BY part DESC LIMIT 1`, int64(app), string(id))
	if len(rooms) == 0 {
		return nil, err
	}
	return &rooms[0], nil
}

const listed = `SELECT s.doc FROM rooms AS r CROSS JOIN LATERAL
	(SELECT doc FROM states WHERE app = $1 AND room = r.room ORDER BY part DESC LIMIT 1) AS s WHERE r.app = $1 AND r.public`

// PublicRooms implements rest.Rooms.
func (db *DB) PublicRooms(ctx context.Context, app live.AppID, page live.RoomPage) ([]live.Room, error) {
	after := live.RoomPosition{CreateTime: math.MaxInt64}
	sql := listed + ` AND (r.create_time, r.room) < ($2, $3) ORDER BY r.create_time DESC, r.room DESC LIMIT $4`
	if page.Ascending {
		after = live.RoomPosition{CreateTime: math.MinInt64}
		sql = listed + ` AND (r.create_time, r.room) > ($2, $3) ORDER BY r.create_time, r.room LIMIT $4`
	}
	if page.After != nil {
		after = *page.After
	}
	return db.rooms(ctx, sql, int64(app), after.CreateTime, string(after.ID), page.Limit)
}

func (db *DB) rooms(ctx context.Context, sql string, args ...any) ([]live.Room, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var rooms []live.Room
	// A caller that leaves must not cost a connection, which is what the driver gives up to cancel a statement.
	err := db.query(context.WithoutCancel(ctx), statementWithin, func(row pgx.Rows) error {
		var doc string
		if err := row.Scan(&doc); err != nil {
			return err
		}
		room, err := decodeRoom(doc)
		if err == nil {
			rooms = append(rooms, *room)
		}
		return err
	}, sql, args...)
	return rooms, err
}

func texts(ids []live.RoomID) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}

// queueReserve puts an empty row where a room may be created, so that there is one to lock: two creations of one room wait for
// each other here.
func (t *tx) queueReserve(b *pgx.Batch, want *engine.Want) {
	var create []string
	for i, id := range want.Rooms {
		if want.Create[i] {
			create = append(create, string(id))
		}
	}
	if len(create) == 0 {
		return
	}
	b.Queue(`INSERT INTO rooms (app, room) SELECT $1::bigint, room FROM unnest($2::text[]) AS r (room) ORDER BY room COLLATE "C"
		ON CONFLICT DO NOTHING RETURNING room`, int64(want.App), create).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			var id string
			err := row.Scan(&id)
			t.reserved[want.App] = append(t.reserved[want.App], id)
			return err
		})
	})
}

// queueRooms locks the rooms and then reads them: the second statement sees what was committed while the first waited.
func (t *tx) queueRooms(b *pgx.Batch, want *engine.Want, into *engine.Loaded) {
	if into.Rooms = make([]engine.Room, len(want.Rooms)); len(want.Rooms) == 0 {
		return
	}
	app, ids := int64(want.App), texts(want.Rooms)
	b.Queue(`SELECT room, public, create_time, life FROM rooms WHERE app = $1 AND room = ANY ($2::text[]) ORDER BY room FOR UPDATE`, app, ids).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			var id string
			var place roomPlace
			err := row.Scan(&id, &place.public, &place.created, &place.life)
			t.locked[roomKey{want.App, live.RoomID(id)}] = &place
			return err
		})
	})
	b.Queue(`SELECT n.room, s.part, s.doc, s.lane_seq, s.lane_callback, s.lane_time FROM unnest($2::text[]) AS n (room) CROSS JOIN LATERAL
		(SELECT * FROM states WHERE app = $1 AND room = n.room ORDER BY part DESC LIMIT 1) AS s`, app, ids).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			var id, doc string
			var part int64
			var lane eventlog.LaneState
			if err := row.Scan(&id, &part, &doc, &lane.Seq, &lane.Callback, &lane.Time); err != nil {
				return err
			}
			place := t.locked[roomKey{want.App, live.RoomID(id)}]
			if place == nil {
				return nil // it was made after the locks were taken
			}
			room, err := decodeRoom(doc)
			place.part, place.there = part, true
			i, _ := slices.BinarySearch(want.Rooms, live.RoomID(id))
			into.Rooms[i] = engine.Room{Doc: room, Lane: lane}
			return err
		})
	})
}

// queueCount counts the rooms of an App, whose own row is locked: a row without a life is the App's, or a place that is kept for a
// room.
func queueCount(b *pgx.Batch, want *engine.Want, into *engine.Loaded) {
	if want.Count == 0 {
		return
	}
	b.Queue(`SELECT count(*) FROM (SELECT FROM rooms WHERE app = $1 AND life > 0 LIMIT $2) AS r`, int64(want.App), want.Count).
		QueryRow(func(row pgx.Row) error { return row.Scan(&into.Count) })
}

// queueWantedLanes reads the last numbers of the lanes of a want, whose rooms are locked.
func queueWantedLanes(b *pgx.Batch, want *engine.Want, into *engine.Loaded) {
	if len(want.Lanes) == 0 {
		return
	}
	into.Lanes = make([]eventlog.LaneState, len(want.Lanes))
	queuePast(b, want.App, want.Lanes, func(i int, s eventlog.LaneState) { into.Lanes[i] = s })
}

// queuePast reads the last numbers of lanes as the log has them, or, when retention has removed them there, below the App's floor.
// One that the log does not know goes on above all that the App's log has forgotten, and without a callback before: one is not
// known any more, and a room that never was must not announce a gap.
func queuePast(b *pgx.Batch, app live.AppID, lanes []eventlog.Lane, set func(i int, s eventlog.LaneState)) {
	b.Queue(`SELECT n.i, coalesce(l.room_seq, f.room_seq, 0), coalesce(l.room_prev, 0), coalesce(l.callback, false), coalesce(l.time, 0)
		FROM (SELECT) AS one LEFT JOIN LATERAL (SELECT seq, room_seq FROM floors WHERE app = $1 ORDER BY seq DESC LIMIT 1) AS f ON true
		CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS n (lane, i)
		LEFT JOIN LATERAL (SELECT room_seq, room_prev, callback, time FROM log
			WHERE app = $1 AND lane = n.lane AND seq > coalesce(f.seq, 0) ORDER BY seq DESC LIMIT 1) AS l ON true`, int64(app), laneTexts(lanes)).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			var i int
			var e eventlog.Event
			err := row.Scan(&i, &e.RoomSeq, &e.RoomPrev, &e.Callback, &e.Time)
			if err == nil {
				set(i-1, eventlog.After(&e))
			}
			return err
		})
	})
}

// loadPast reads the numbers of the control lanes of rooms that are not there.
func (t *tx) loadPast(ctx context.Context, wants []engine.Want, loaded []engine.Loaded) error {
	b := &pgx.Batch{}
	for i := range wants {
		want, into := &wants[i], &loaded[i]
		var lanes []eventlog.Lane
		var places []int
		for j, id := range want.Rooms {
			if id != "" && into.Rooms[j].Doc == nil {
				lanes, places = append(lanes, eventlog.ControlLane(string(id))), append(places, j)
			}
		}
		if len(lanes) == 0 {
			continue
		}
		queuePast(b, want.App, lanes, func(i int, s eventlog.LaneState) { into.Rooms[places[i]].Lane = s })
	}
	if b.Len() == 0 {
		return nil
	}
	return t.c.SendBatch(ctx, b).Close()
}

// changesPerPart is how many changes of a room update its row in place before the next part replaces it: few enough that
// walking over dead versions costs little, and enough that mostly no index is touched.
const changesPerPart = 8

// roomChanges are columns of rows of states.
type roomChanges struct {
	rooms, docs                   []string
	parts, seqs, callbacks, times []int64
}

func (c *roomChanges) add(id live.RoomID, part int64, doc string, lane *eventlog.LaneState) {
	c.rooms, c.docs, c.parts = append(c.rooms, string(id)), append(c.docs, doc), append(c.parts, part)
	c.seqs, c.callbacks, c.times = append(c.seqs, lane.Seq), append(c.callbacks, lane.Callback), append(c.times, lane.Time)
}

const newStates = `unnest($2::text[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[]) AS n (room, part, doc, seq, callback, time)`

func (c *roomChanges) queue(b *pgx.Batch, sql string, app live.AppID) {
	if len(c.rooms) > 0 {
		b.Queue(sql, int64(app), c.rooms, c.parts, c.docs, c.seqs, c.callbacks, c.times)
	}
}

// queueChanged writes the rooms of a change, whose rows Load has locked. Each row is looked for by itself, in a place that the
// planner cannot move: while the statistics say that a table is empty, it would rather read all that an App has.
func (t *tx) queueChanged(b *pgx.Batch, ch *engine.Change) error {
	var gone []string
	var old, updated, inserted roomChanges
	for i := range ch.Rooms {
		r := &ch.Rooms[i]
		place := t.locked[roomKey{ch.App, r.ID}]
		if place == nil {
			return fmt.Errorf("the room %q is written and was not loaded, or not to be created", r.ID)
		}
		t.keep(ch.App, r.ID)
		part := r.Room.Lane.Seq / changesPerPart
		stays := place.there && r.Room.Doc != nil && part == place.part
		if place.there && !stays {
			old.add(r.ID, place.part, "", &r.Room.Lane)
		}
		if r.Room.Doc == nil {
			gone = append(gone, string(r.ID))
			continue
		}
		doc, err := json.Marshal(r.Room.Doc)
		if err != nil {
			return fmt.Errorf("encode a room: %w", err)
		}
		if stays {
			updated.add(r.ID, part, string(doc), &r.Room.Lane)
		} else {
			inserted.add(r.ID, part, string(doc), &r.Room.Lane)
		}
		if d := r.Room.Doc; d.IsPublicVisible != place.public || d.CreateTime != place.created || d.Life != place.life {
			b.Queue(`UPDATE rooms SET public = $3, create_time = $4, life = $5 WHERE app = $1 AND room = $2`,
				int64(ch.App), string(r.ID), d.IsPublicVisible, d.CreateTime, d.Life)
		}
	}
	if len(old.rooms) > 0 {
		b.Queue(`DELETE FROM states WHERE ctid = ANY (ARRAY (SELECT s.place FROM unnest($2::text[], $3::bigint[]) AS n (room, part) CROSS JOIN LATERAL
			(SELECT ctid AS place FROM states WHERE app = $1 AND room = n.room AND part = n.part LIMIT 1) AS s))`,
			int64(ch.App), old.rooms, old.parts)
	}
	updated.queue(b, `UPDATE states AS s SET doc = n.doc, lane_seq = n.seq, lane_callback = n.callback, lane_time = n.time
		FROM (SELECT * FROM `+newStates+` CROSS JOIN LATERAL (SELECT ctid AS place FROM states WHERE app = $1 AND room = n.room AND part = n.part LIMIT 1) AS p) AS n
		WHERE s.ctid = n.place`, ch.App)
	inserted.queue(b, `INSERT INTO states (app, room, part, doc, lane_seq, lane_callback, lane_time) SELECT $1::bigint, n.* FROM `+newStates, ch.App)
	if len(gone) > 0 {
		b.Queue(`DELETE FROM rooms WHERE app = $1 AND room = ANY ($2::text[])`, int64(ch.App), gone)
	}
	return nil
}

// keep notes that a change writes the room, or deletes it itself.
func (t *tx) keep(app live.AppID, id live.RoomID) {
	t.reserved[app] = slices.DeleteFunc(t.reserved[app], func(r string) bool { return r == string(id) })
}

// queueUnreserve takes away the rows of rooms that were not created after all. That of the App itself stays.
func (t *tx) queueUnreserve(b *pgx.Batch) {
	for app := range t.reserved {
		t.keep(app, "")
		ids := t.reserved[app]
		if len(ids) > 0 {
			b.Queue(`DELETE FROM rooms WHERE app = $1 AND room = ANY ($2::text[])`, int64(app), ids)
		}
	}
}
