package live

import "time"

// DestroyRoom ends a room, and the battle that it has started; its administrators are not reported one by one. Spec:
// destroy_room.
type DestroyRoom struct{ Room RoomID }

// Name implements [Command].
func (DestroyRoom) Name() string { return "destroy_room" }

// Names implements [RoomCommand].
func (c DestroyRoom) Names() Names {
	return Names{Room: c.Room, Parts: []PartID{TallyOf(c.Room), RunningBattle(c.Room)}}
}

// Check implements [RoomCommand].
func (c DestroyRoom) Check() error { return c.Room.Check() }

// Apply implements [RoomCommand].
func (c DestroyRoom) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	statistic := tally(s, c.Room).Statistic()
	destroyed := Event{Room: c.Room, Change: RoomDestroyed{Room: *room, Cause: DestroyByUser, Statistic: statistic}}
	return Outcome{
		Events: append(endOfBattle(s, room, now), destroyed),
		Reply:  Reply{Statistic: &statistic},
	}, nil
}
