package engine

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// wants names what the group needs: one Want per App, in the order of the ids, each with its rooms sorted by bytes.
func wants(group []*request) []Want {
	byApp := map[live.AppID]map[live.RoomID]bool{}
	settings := map[live.AppID]bool{}
	for _, r := range group {
		if byApp[r.app] == nil {
			byApp[r.app] = map[live.RoomID]bool{}
		}
		switch c := r.cmd.(type) {
		case live.RoomCommand:
			_, creates := c.(live.CreateRoom)
			byApp[r.app][c.Target()] = byApp[r.app][c.Target()] || creates
		case live.AppCommand:
			settings[r.app] = true
		}
	}
	list := make([]Want, 0, len(byApp))
	for app, rooms := range byApp {
		w := Want{App: app, Settings: settings[app]}
		for id := range rooms {
			w.Rooms = append(w.Rooms, id)
		}
		slices.Sort(w.Rooms)
		for _, id := range w.Rooms {
			w.Create = append(w.Create, rooms[id])
		}
		list = append(list, w)
	}
	slices.SortFunc(list, func(a, b Want) int { return cmp.Compare(a.App, b.App) })
	return list
}

// work is the state of a group while its commands are applied, one after the other.
type work struct {
	now  time.Time
	apps map[live.AppID]*appWork
	list []*appWork // as loaded
}

type appWork struct {
	change Change
	app    *live.App
	rooms  map[live.RoomID]Room
	dirty  map[live.RoomID]bool
}

func newWork(wants []Want, loaded []Loaded, now time.Time) *work {
	w := &work{now: now, apps: make(map[live.AppID]*appWork, len(wants))}
	for i, want := range wants {
		a := &appWork{
			change: Change{App: want.App},
			app:    loaded[i].App,
			rooms:  make(map[live.RoomID]Room, len(want.Rooms)),
			dirty:  map[live.RoomID]bool{},
		}
		for j, id := range want.Rooms {
			a.rooms[id] = loaded[i].Rooms[j]
		}
		w.apps[want.App] = a
		w.list = append(w.list, a)
	}
	return w
}

// apply runs one command on the state that its neighbours left. An error that is no refusal is a fault of the server.
func (w *work) apply(r *request) (live.Outcome, error) {
	a := w.apps[r.app]
	if c, ok := r.cmd.(live.AppCommand); ok {
		return live.Outcome{}, a.applySettings(c, r.by, w.now)
	}
	if a.app == nil {
		return live.Outcome{}, live.Refuse(live.SDKAppIDUnknown, "there is no SDKAppID %d here", r.app)
	}
	return a.applyRoom(r.cmd.(live.RoomCommand), r.by, w.now)
}

func (a *appWork) applySettings(c live.AppCommand, by live.Actor, now time.Time) error {
	next, err := c.Apply(a.app)
	if err != nil {
		return err
	}
	if next == a.app {
		return nil // nothing changed
	}
	if a.app == nil {
		a.change.NewLog = eventlog.NewLogID()
	}
	a.change.DiscardToHead, a.change.CallbackBegins = endsCallback(a.app, next), beginsCallback(a.app, next)
	changed := live.ChangedSettings(a.app, next)
	if len(changed) > 0 {
		a.change.Audit = append(a.change.Audit, Audit{At: now, By: by, Command: c.Name(), Changed: changed, Discarded: discarded(a.app, next)})
	}
	a.app, a.change.Settings = next, next
	return nil
}

// endsCallback tells whether nobody is to be called at the callback URL any more.
func endsCallback(before, after *live.App) bool {
	if before == nil || before.Callback == nil {
		return false
	}
	return after.Callback == nil || before.HasCallbackURL() && !after.HasCallbackURL()
}

// beginsCallback tells whether somebody is to be called at the callback URL from now on.
func beginsCallback(before, after *live.App) bool {
	return before != nil && !before.HasCallbackURL() && after.HasCallbackURL()
}

// discarded is what a change of settings discards, of one reader at most; nil: nothing.
func discarded(before, after *live.App) *Discarded {
	switch {
	case before == nil:
		return nil
	case endsCallback(before, after):
		return &Discarded{}
	case after.DiscardTo > before.DiscardTo:
		return &Discarded{To: after.DiscardTo}
	}
	for i := range after.Endpoints {
		if e := &after.Endpoints[i]; e.DiscardTo > before.DiscardedTo(e.Name) {
			return &Discarded{Endpoint: e.Name, To: e.DiscardTo}
		}
	}
	return nil
}

func (a *appWork) applyRoom(c live.RoomCommand, by live.Actor, now time.Time) (live.Outcome, error) {
	id := c.Target()
	room := a.rooms[id]
	out, err := c.Apply(room.Doc, by, now)
	if err != nil || len(out.Events) == 0 {
		return out, err
	}
	lane := room.Lane
	for i := range out.Events {
		e, next, err := a.event(&out.Events[i], by, lane, now)
		if err != nil {
			return live.Outcome{}, err
		}
		a.change.Events = append(a.change.Events, e)
		lane = next
	}
	a.rooms[id] = Room{Doc: out.Room, Lane: lane}
	a.dirty[id] = true
	return out, nil
}

// event makes the row of the log: the body is encoded here, once for every attempt to come.
func (a *appWork) event(ev *live.Event, by live.Actor, lane eventlog.LaneState, now time.Time) (eventlog.Event, eventlog.LaneState, error) {
	e := eventlog.Event{
		Lane:      eventlog.ControlLane(string(ev.Room)),
		RoomState: wire.RoomState(ev.Roles),
		Command:   wire.Command(ev.Change),
		Operator:  string(by.Account),
		ClientIP:  by.ClientIP,
		Platform:  by.Platform,
		Cause:     by.Cause,
	}
	e.Callback = a.app.Subscribed(e.Command)
	next := lane.Next(&e, now.UnixMilli())
	body, err := wire.Body(ev, by.Account, e.Time)
	if err != nil {
		return eventlog.Event{}, lane, fmt.Errorf("encode %s: %w", e.Command, err)
	}
	e.Body = body
	return e, next, nil
}

// changes returns what is to be written, in the order of the Apps' ids; none when every command was refused or
// changed nothing.
func (w *work) changes() []Change {
	var list []Change
	for _, a := range w.list {
		for id := range a.dirty {
			a.change.Rooms = append(a.change.Rooms, RoomChange{ID: id, Room: a.rooms[id]})
		}
		slices.SortFunc(a.change.Rooms, func(x, y RoomChange) int {
			if x.ID < y.ID {
				return -1
			}
			return 1
		})
		if a.change.Settings != nil || len(a.change.Rooms) > 0 {
			list = append(list, a.change)
		}
	}
	return list
}
