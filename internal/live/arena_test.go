package live_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

// arena is a state of several rooms with parts. It applies commands one after the other, as the engine does.
type arena struct {
	*testing.T
	now   time.Time
	rooms map[live.RoomID]*live.Room
	parts map[live.PartID]live.Part
	due   map[live.PartID]int64
	names *live.Names // of the command that is applied: nothing else may be looked at
	log   []live.Change
}

func newArena(t *testing.T, rooms ...*live.Room) *arena {
	a := &arena{
		T: t, now: noon, rooms: map[live.RoomID]*live.Room{}, parts: map[live.PartID]live.Part{}, due: map[live.PartID]int64{},
	}
	for _, r := range rooms {
		a.rooms[r.ID] = r
	}
	return a
}

// plainRoom is one with an owner of its own.
func plainRoom(id live.RoomID) *live.Room {
	return &live.Room{ID: id, Owner: live.Account("owner of " + id)}
}

func (a *arena) App() *live.App { return &live.App{} }
func (*arena) Rooms() int64     { return 0 }

func (a *arena) Room(id live.RoomID) *live.Room {
	if id != a.names.Room && !slices.Contains(a.names.Others, id) {
		a.Errorf("the room %q is looked at and was not named", id)
	}
	return a.rooms[id]
}

func (a *arena) Part(id live.PartID) live.Part {
	if !slices.Contains(a.names.Parts, id) {
		a.Errorf("the part %+v is looked at and was not named", id)
	}
	return a.parts[id]
}

// try applies a command.
func (a *arena) try(c live.RoomCommand) (live.Outcome, error) {
	a.Helper()
	if err := c.Check(); err != nil {
		return live.Outcome{}, err
	}
	names := c.Names()
	a.names = &names
	before := deepCopy(a.parts[live.RunningBattle(names.Room)])
	out, err := c.Apply(a, byREST, a.now)
	if diff := cmp.Diff(before, a.parts[live.RunningBattle(names.Room)]); diff != "" {
		a.Fatalf("%s modified the battle that it was given (-before +after):\n%s", c.Name(), diff)
	}
	if err != nil {
		kindOf(a, err)
		return out, err
	}
	a.keep(names, out)
	return out, nil
}

func (a *arena) keep(names live.Names, out live.Outcome) {
	a.Helper()
	if a.rooms[names.Room] = out.Room; out.Room == nil {
		delete(a.rooms, names.Room)
		maps.DeleteFunc(a.parts, func(id live.PartID, _ live.Part) bool { return id.Room == names.Room })
		maps.DeleteFunc(a.due, func(id live.PartID, _ int64) bool { return id.Room == names.Room })
	}
	for _, p := range out.Parts {
		if !slices.Contains(names.Parts, p.ID) {
			a.Errorf("the part %+v is changed and was not named", p.ID)
		}
		delete(a.due, p.ID)
		if p.Due != 0 {
			a.due[p.ID] = p.Due
		}
		if a.parts[p.ID] = p.Part; p.Part == nil {
			delete(a.parts, p.ID)
		}
	}
	for _, e := range out.Events {
		if e.Room != names.Room {
			a.Errorf("an event of the room %q, want %q", e.Room, names.Room)
		}
		if _, gone := e.Change.(live.RoomDestroyed); !gone && live.LaneOf(e.Change) == live.ControlLane && e.Roles == nil {
			a.Errorf("%T in a control lane has no roles", e.Change)
		}
		a.log = append(a.log, e.Change)
	}
}

// do applies a command that is not refused.
func (a *arena) do(c live.RoomCommand) live.Outcome {
	a.Helper()
	out, err := a.try(c)
	if err != nil {
		a.Fatalf("%s %+v was refused: %v", c.Name(), c, err)
	}
	return out
}

// refuses applies a command that is refused.
func (a *arena) refuses(c live.RoomCommand, kind live.Kind, says ...string) {
	a.Helper()
	_, err := a.try(c)
	refused(a.T, err, kind, says...)
}

// pass lets time go on, and does what is due at the end of it.
func (a *arena) pass(d time.Duration) {
	a.Helper()
	a.now = a.now.Add(d)
	for id, due := range maps.Clone(a.due) {
		if due <= a.now.UnixMilli() {
			a.do(live.OnDue(id))
		}
	}
}

// heard returns what was reported since it was asked last.
func (a *arena) heard() []live.Change {
	list := a.log
	a.log = nil
	return list
}
