package engine_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// mirror is what an App backend makes of the log: it knows nothing but numbers, bodies and the digest.
type mirror struct {
	rooms    map[string]*live.Roles
	seq      int64
	callback int64 // the last callback event
	lanes    map[eventlog.Lane]laneNumbers
}

type laneNumbers struct{ seq, callback, time int64 }

func newMirror() *mirror {
	return &mirror{rooms: map[string]*live.Roles{}, lanes: map[eventlog.Lane]laneNumbers{}}
}

// apply takes the next event of the log.
func (m *mirror) apply(e *eventlog.Event) error {
	lane := m.lanes[e.Lane]
	got := [4]int64{e.Seq, e.Prev, e.RoomSeq, e.RoomPrev}
	if want := [4]int64{m.seq + 1, m.callback, lane.seq + 1, lane.callback}; got != want {
		return fmt.Errorf("event of lane %s has seq, prev, room_seq, room_prev %v, want %v", e.Lane, got, want)
	}
	if e.Time < lane.time {
		return fmt.Errorf("event %d of lane %s has the EventTime %d, before it was %d", e.Seq, e.Lane, e.Time, lane.time)
	}
	lane.seq, lane.time, m.seq = e.RoomSeq, e.Time, e.Seq
	if e.Callback {
		lane.callback, m.callback = e.RoomSeq, e.Seq
	}
	m.lanes[e.Lane] = lane
	if err := m.read(e); err != nil {
		return fmt.Errorf("event %d: %w", e.Seq, err)
	}
	if want := digest(m.rooms[string(e.Lane)]); e.RoomState != want {
		return fmt.Errorf("event %d has the room state %q, want %q of %v", e.Seq, e.RoomState, want, m.rooms[string(e.Lane)])
	}
	return nil
}

// read changes the picture of a room as the body says.
func (m *mirror) read(e *eventlog.Event) error {
	room := string(e.Lane)
	switch callback.Command(e.Command) {
	case callback.CommandAfterCreateRoom:
		var body callback.CreateRoom
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		m.rooms[body.RoomInfo.RoomID] = &live.Roles{Owner: live.Account(body.RoomInfo.OwnerAccount)}
	case callback.CommandAfterDestroyRoom:
		var body callback.DestroyRoom
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		delete(m.rooms, body.RoomID)
	case callback.CommandAfterChangeOwner:
		var body callback.ChangeOwner
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		if got := string(body.OriginalOwnerAccount); got != string(m.rooms[room].Owner) {
			return fmt.Errorf("the original owner is %q, want %q", got, m.rooms[room].Owner)
		}
		m.rooms[body.RoomID].Owner = live.Account(body.CurrentOwnerAccount)
	case callback.CommandAfterModifyAdmin:
		var body callback.ModifyAdmin
		if err := json.Unmarshal(e.Body, &body); err != nil {
			return err
		}
		return m.modify(m.rooms[body.RoomID], body)
	}
	return nil
}

func (m *mirror) modify(r *live.Roles, body callback.ModifyAdmin) error {
	for _, account := range body.AdminAccounts {
		a := live.Account(account)
		i := slices.Index(r.Administrators, a)
		if come := body.OpType == string(live.AddAdministrators); come != (i < 0) {
			return fmt.Errorf("%s of %q, who is %v", body.OpType, a, r.Administrators)
		} else if come {
			r.Administrators = append(r.Administrators, a)
		} else {
			r.Administrators = slices.Delete(r.Administrators, i, i+1)
		}
	}
	return nil
}

// digest is Callboard-Room-State as a receiver computes it.
func digest(r *live.Roles) string {
	if r == nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", r.Owner)
	for _, a := range slices.Sorted(slices.Values(r.Administrators)) {
		fmt.Fprintf(h, "%s\n", a)
	}
	return hex.EncodeToString(h.Sum(nil))[:16]
}
