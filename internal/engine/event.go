package engine

import (
	"fmt"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// eventWork are the events of a group, and the lanes that they are in beside the control lanes of rooms.
type eventWork struct {
	lanes  map[eventlog.Lane]eventlog.LaneState
	events []pending
	last   map[eventlog.Lane]int // the index of the last event of such a lane
}

// pending is an event whose body is not encoded yet: what happens next may still join it.
type pending struct {
	row eventlog.Event
	by  live.Account
	ev  live.Event
}

func (w *eventWork) load(lanes []eventlog.Lane, states []eventlog.LaneState) {
	if len(lanes) == 0 {
		return
	}
	w.lanes, w.last = make(map[eventlog.Lane]eventlog.LaneState, len(lanes)), map[eventlog.Lane]int{}
	for i, lane := range lanes {
		w.lanes[lane] = states[i]
	}
}

// add numbers an event in its lane. control is the state of its room's control lane; what add returns is that after the event.
// What is not logged counts in a control lane only.
func (w *eventWork) add(app *live.App, ev *live.Event, by live.Actor, control eventlog.LaneState, now time.Time) (eventlog.LaneState, error) {
	kind := live.LaneOf(ev.Change)
	e := eventlog.Event{
		Lane:     wire.Lane(kind, ev.Room),
		Command:  wire.Command(ev.Change),
		Operator: string(by.Account),
		ClientIP: by.ClientIP,
		Platform: by.Platform,
		Cause:    by.Cause,
	}
	e.Callback = app.Subscribed(e.Command)
	logged := e.Callback || wire.Rebuilds(ev.Change) || app.Feeds(e.Command)
	if kind == live.ControlLane {
		e.RoomState = wire.RoomState(ev.Roles)
		control = control.Next(&e, now.UnixMilli())
		if logged {
			w.events = append(w.events, pending{row: e, by: by.Account, ev: *ev})
		}
		return control, nil
	}
	lane, named := w.lanes[e.Lane]
	if !named {
		return control, fmt.Errorf("%s is reported in the lane %q, which was not named", e.Command, e.Lane)
	}
	if logged && !w.join(e.Lane, ev) {
		w.lanes[e.Lane] = lane.Next(&e, now.UnixMilli())
		w.last[e.Lane] = len(w.events)
		w.events = append(w.events, pending{row: e, by: by.Account, ev: *ev})
	}
	return control, nil
}

// join lets the last event of the lane report what happened too, when one callback can tell both.
func (w *eventWork) join(lane eventlog.Lane, ev *live.Event) bool {
	i, ok := w.last[lane]
	if !ok {
		return false
	}
	both, ok := live.Join(w.events[i].ev.Change, ev.Change)
	if ok {
		w.events[i].ev.Change = both
	}
	return ok
}

// close lets nothing that happens later join what happened in a room so far: its life has ended.
func (w *eventWork) close(room live.RoomID) {
	delete(w.last, wire.Lane(live.MembersLane, room))
}

// encode makes the rows of the log: each body is encoded here, once for every attempt to come.
func (w *eventWork) encode() ([]eventlog.Event, error) {
	if len(w.events) == 0 {
		return nil, nil
	}
	rows := make([]eventlog.Event, len(w.events))
	for i := range w.events {
		p := &w.events[i]
		body, err := wire.Body(&p.ev, p.by, p.row.Time)
		if err != nil {
			return nil, fmt.Errorf("encode %s: %w", p.row.Command, err)
		}
		rows[i] = p.row
		rows[i].Body = body
	}
	return rows, nil
}
