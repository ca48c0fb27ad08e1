package sqlite

import (
	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

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

// pastLane returns the last numbers of a lane as the log has them: of a room that is gone, or beside the control lanes. One that the log does not know goes on above all that the
// App's log has forgotten, and without a callback before: one is not known any more, and a room that never was must not
// announce a gap.
func pastLane(c *conn, app live.AppID, lane eventlog.Lane) (eventlog.LaneState, error) {
	var state eventlog.LaneState
	err := c.query(func(s *sqlite3.Stmt) error {
		state = eventlog.After(&eventlog.Event{
			RoomSeq: s.ColumnInt64(0), RoomPrev: s.ColumnInt64(1), Callback: s.ColumnBool(2), Time: s.ColumnInt64(3),
		})
		return nil
	}, `SELECT room_seq, room_prev, callback, time FROM log INDEXED BY log_lane WHERE app = ? AND lane = ? ORDER BY seq DESC LIMIT 1`, int64(app), string(lane))
	if err != nil || state.Seq > 0 {
		return state, err
	}
	err = c.query(func(s *sqlite3.Stmt) error {
		state.Seq = s.ColumnInt64(0)
		return nil
	}, `SELECT floor_room_seq FROM apps WHERE app = ?`, int64(app))
	return state, err
}
