package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// work is the state of a group while its commands are applied, one after the other.
type work struct {
	now  time.Time
	apps map[live.AppID]*appWork
	list []*appWork // as loaded
}

// appWork is what a group works on of one App. It is the [live.State] of its commands.
type appWork struct {
	change Change
	app    *live.App
	rooms  map[live.RoomID]Room
	dirty  map[live.RoomID]bool
	parts  partWork
	events eventWork
	count  int64 // of rooms, where it was asked for
}

func newWork(wants []Want, loaded []Loaded, now time.Time) (*work, error) {
	w := &work{now: now, apps: make(map[live.AppID]*appWork, len(wants))}
	for i := range wants {
		want := &wants[i]
		a := &appWork{
			change: Change{App: want.App},
			app:    loaded[i].App,
			rooms:  make(map[live.RoomID]Room, len(want.Rooms)),
			dirty:  map[live.RoomID]bool{},
			count:  loaded[i].Count,
		}
		for j, id := range want.Rooms {
			a.rooms[id] = loaded[i].Rooms[j]
		}
		if err := a.parts.load(want.Parts, loaded[i].Parts); err != nil {
			return nil, fmt.Errorf("App %d: %w", want.App, err)
		}
		a.events.load(want.Lanes, loaded[i].Lanes)
		w.apps[want.App] = a
		w.list = append(w.list, a)
	}
	return w, nil
}

// App implements [live.State].
func (a *appWork) App() *live.App { return a.app }

// Room implements [live.State].
func (a *appWork) Room(id live.RoomID) *live.Room { return a.rooms[id].Doc }

// Part implements [live.State].
func (a *appWork) Part(id live.PartID) live.Part { return a.parts.get(id) }

// Rooms implements [live.State].
func (a *appWork) Rooms() int64 { return a.count }

// apply runs one command on the state that its neighbours left. An error that is no refusal is a fault of the server.
func (w *work) apply(r *request) (live.Outcome, error) {
	a := w.apps[r.app]
	if r.by.Key != "" && a.app != nil {
		return a.applyOnce(r, w.now)
	}
	return a.apply(r, w.now)
}

func (a *appWork) apply(r *request, now time.Time) (live.Outcome, error) {
	if c, ok := r.cmd.(live.AppCommand); ok {
		return live.Outcome{}, a.applySettings(c, r.by, now)
	}
	if a.app == nil {
		return live.Outcome{}, live.Refuse(live.SDKAppIDUnknown, "there is no SDKAppID %d here", r.app)
	}
	return a.applyRoom(r.cmd.(live.RoomCommand), r.by, now)
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
	out, err := c.Apply(a, by, now)
	if err != nil {
		return out, err
	}
	id := c.Names().Room
	before := a.rooms[id]
	room := Room{Doc: out.Room, Lane: before.Lane}
	for i := range out.Events {
		if room.Lane, err = a.events.add(a.app, &out.Events[i], by, room.Lane, now); err != nil {
			return live.Outcome{}, fmt.Errorf("%s: %w", c.Name(), err)
		}
	}
	a.setRoom(id, before, room)
	for i := range out.Parts {
		if err := a.parts.set(&out.Parts[i], a.rooms[out.Parts[i].ID.Room].life()); err != nil {
			return live.Outcome{}, fmt.Errorf("%s: %w", c.Name(), err)
		}
	}
	return out, nil
}

// setRoom puts the state of a room after a command in the place of the one before. Parts go with the life of their room.
func (a *appWork) setRoom(id live.RoomID, before, after Room) {
	switch {
	case before.Doc == nil && after.Doc != nil:
		after.Doc.Life = after.Lane.Seq // nobody else has it yet
		a.count++
	case before.Doc != nil && after.Doc == nil:
		a.count--
		a.parts.drop(id)
		a.events.close(id)
		a.change.Gone = append(a.change.Gone, Life{id, before.Doc.Life})
	}
	if after != before {
		a.rooms[id] = after
		a.dirty[id] = true
	}
}

// life is that of the room, 0 when there is none.
func (r Room) life() int64 {
	if r.Doc == nil {
		return 0
	}
	return r.Doc.Life
}

// changes returns what is to be written, in the order of the Apps' ids; none when every command was refused or
// changed nothing.
func (w *work) changes() ([]Change, error) {
	var list []Change
	for _, a := range w.list {
		for id := range a.dirty {
			a.change.Rooms = append(a.change.Rooms, RoomChange{ID: id, Room: a.rooms[id]})
		}
		slices.SortFunc(a.change.Rooms, func(x, y RoomChange) int { return strings.Compare(string(x.ID), string(y.ID)) })
		var err error
		if a.change.Events, err = a.events.encode(); err != nil {
			return nil, err
		}
		a.change.Parts = a.parts.changes()
		if a.change.Settings != nil || len(a.change.Rooms) > 0 || len(a.change.Parts) > 0 || len(a.change.Events) > 0 {
			list = append(list, a.change)
		}
	}
	return list, nil
}

// partWork are the parts that a group works on.
type partWork struct {
	parts   map[live.PartID]live.Part // nil where there is none; those that are not among them were not named
	changed map[live.PartID]PartChange
}

func (p *partWork) load(ids []live.PartID, docs [][]byte) error {
	if len(ids) == 0 {
		return nil
	}
	p.parts, p.changed = make(map[live.PartID]live.Part, len(ids)), map[live.PartID]PartChange{}
	for i, id := range ids {
		if p.parts[id] = nil; docs[i] == nil {
			continue
		}
		part, err := live.DecodePart(id.Kind, docs[i])
		if err != nil {
			return fmt.Errorf("decode the %s %q of the room %q: %w", id.Kind, id.Key, id.Room, err)
		}
		p.parts[id] = part
	}
	return nil
}

func (p *partWork) get(id live.PartID) live.Part { return p.parts[id] }

func (p *partWork) set(c *live.PartChange, life int64) error {
	if _, named := p.parts[c.ID]; !named {
		return fmt.Errorf("the %s %q of the room %q is changed and was not named", c.ID.Kind, c.ID.Key, c.ID.Room)
	}
	change := PartChange{ID: c.ID, Life: life, Due: c.Due}
	if c.Part != nil {
		var err error
		if change.Doc, err = json.Marshal(c.Part); err != nil {
			return fmt.Errorf("encode the %s %q of the room %q: %w", c.ID.Kind, c.ID.Key, c.ID.Room, err)
		}
	}
	p.parts[c.ID] = c.Part
	p.changed[c.ID] = change
	return nil
}

// drop forgets the parts of a room that is gone.
func (p *partWork) drop(room live.RoomID) {
	for id := range p.parts {
		if id.Room == room {
			p.parts[id] = nil
		}
	}
	for id := range p.changed {
		if id.Room == room {
			delete(p.changed, id)
		}
	}
}

// changes are in the order of their ids, so that two writers take rows in the same order.
func (p *partWork) changes() []PartChange {
	list := make([]PartChange, 0, len(p.changed))
	for _, c := range p.changed {
		list = append(list, c)
	}
	slices.SortFunc(list, func(x, y PartChange) int { return comparePartIDs(x.ID, y.ID) })
	return list
}
