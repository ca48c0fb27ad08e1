package live

import (
	"cmp"
	"time"
)

// KindVacancy is the kind of [Vacancy].
const KindVacancy PartKind = "vacancy"

// DefaultDissolveEmpty is how long a room may be empty, where its App says nothing else. Spec: REST 2.2.
const DefaultDissolveEmpty = 30 * time.Minute

// Dissolve says when rooms of an App end by themselves. Spec: REST 2.2, automatic dissolution.
type Dissolve struct {
	// Empty is how long a room may be empty that somebody was in; 0: [DefaultDissolveEmpty].
	Empty time.Duration `json:",omitempty"`
	// OwnerLeft is how long the owner may be away who has left by a call; 0: for ever.
	OwnerLeft time.Duration `json:",omitempty"`
}

// EmptyFor is how long a room may be empty.
func (d Dissolve) EmptyFor() time.Duration { return cmp.Or(d.Empty, DefaultDissolveEmpty) }

// Vacancy is who is missing in a room: everybody, or its owner. It is a part of rooms that miss somebody, due when the room is to
// be dissolved for it. Times are in Unix milliseconds.
type Vacancy struct {
	// Empty is since when nobody is there, 0 while somebody is.
	Empty int64 `json:",omitempty"`
	// Owner is the one who was the owner and has left, and Left when: it counts while he is the owner.
	Owner Account `json:",omitempty"`
	Left  int64   `json:",omitempty"`
}

// Kind implements [Part].
func (*Vacancy) Kind() PartKind { return KindVacancy }

// VacancyOf names the vacancy of a room.
func VacancyOf(room RoomID) PartID { return PartID{Room: room, Kind: KindVacancy} }

// vacancy returns a copy, of zero values when nobody is missing.
func vacancy(s State, room RoomID) *Vacancy {
	if v := part[*Vacancy](s, VacancyOf(room)); v != nil {
		c := *v
		return &c
	}
	return &Vacancy{}
}

// due is when the room is to be dissolved, 0 for never. A robot keeps a room that is empty, and an owner who is one may leave.
func (v *Vacancy) due(s State, room *Room) int64 {
	rules := s.App().Dissolve
	due := int64(0)
	if v.Empty > 0 && len(room.Robots) == 0 {
		due = v.Empty + rules.EmptyFor().Milliseconds()
	}
	if v.Left > 0 && v.Owner == room.Owner && !room.hasRobot(room.Owner) && rules.OwnerLeft > 0 {
		if at := v.Left + rules.OwnerLeft.Milliseconds(); due == 0 || at < due {
			due = at
		}
	}
	return due
}

// changed is what has to be written when a vacancy is different from before, with the room as it is now.
func (v *Vacancy) changed(s State, room *Room) []PartChange {
	before := s.Part(VacancyOf(room.ID))
	switch {
	case *v == Vacancy{} && before == nil:
		return nil
	case *v == Vacancy{}:
		return []PartChange{{ID: VacancyOf(room.ID)}}
	}
	return []PartChange{{ID: VacancyOf(room.ID), Part: v, Due: v.due(s, room)}}
}

// occupied is what changes of a room's vacancy when somebody has entered. It is nothing as a rule: a room that many enter has none.
func occupied(s State, room *Room, a Account) []PartChange {
	before := part[*Vacancy](s, VacancyOf(room.ID))
	if before == nil {
		return nil
	}
	v := *before
	v.Empty = 0
	if a == v.Owner {
		v.Owner, v.Left = "", 0
	}
	if v == *before {
		return nil
	}
	return v.changed(s, room)
}

// vacated is what changes of it when accounts are gone and some members are left.
func vacated(s State, room *Room, gone []Account, left int64, now time.Time) []PartChange {
	v := vacancy(s, room.ID)
	before := *v
	if left == 0 {
		v.Empty = now.UnixMilli()
	}
	for _, a := range gone {
		if a == room.Owner {
			v.Owner, v.Left = a, now.UnixMilli()
		}
	}
	if *v == before {
		return nil
	}
	return v.changed(s, room)
}

// released is what changes of it when a room has other robots than before: what they have held up begins anew.
func released(s State, before, after *Room, now time.Time) []PartChange {
	v := vacancy(s, after.ID)
	if after == before || *v == (Vacancy{}) {
		return nil
	}
	if v.Empty > 0 && len(after.Robots) == 0 {
		v.Empty = now.UnixMilli()
	}
	if v.Left > 0 && before.hasRobot(v.Owner) && !after.hasRobot(v.Owner) {
		v.Left = now.UnixMilli()
	}
	return v.changed(s, after)
}

// given is what changes of it when a room is given to another owner: that the one before has left counts no more, also when the room
// is given back.
func given(s State, room *Room) []PartChange {
	v := vacancy(s, room.ID)
	if v.Left == 0 {
		return nil
	}
	v.Owner, v.Left = "", 0
	return v.changed(s, room)
}

// DissolveRoom ends a room that its vacancy is due for. Spec: REST 2.2.
type DissolveRoom struct{ Room RoomID }

// Name implements [Command].
func (DissolveRoom) Name() string { return "dissolve_room" }

// Names implements [RoomCommand].
func (c DissolveRoom) Names() Names {
	n := DestroyRoom(c).Names()
	n.Parts = append(n.Parts, VacancyOf(c.Room))
	return n
}

// Check implements [RoomCommand].
func (c DissolveRoom) Check() error { return c.Room.Check() }

// Apply implements [RoomCommand]. What is not due any more is left as it is, with the time at which it will be.
func (c DissolveRoom) Apply(s State, by Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	v := part[*Vacancy](s, VacancyOf(c.Room))
	if room == nil || v == nil {
		return Outcome{Room: room}, nil
	}
	if due := v.due(s, room); due == 0 || now.UnixMilli() < due {
		return Outcome{Room: room, Parts: []PartChange{{ID: VacancyOf(c.Room), Part: v, Due: due}}}, nil
	}
	out, err := DestroyRoom(c).Apply(s, by, now)
	for i := range out.Events {
		if d, ok := out.Events[i].Change.(RoomDestroyed); ok {
			d.Cause = DestroyBySystem
			out.Events[i].Change = d
		}
	}
	return out, err
}
