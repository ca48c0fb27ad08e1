package live

import "time"

// UpdateRoom changes the attributes that are given. Spec: update_room_info.
type UpdateRoom struct {
	Room       RoomID
	Attributes Attributes
}

// Name implements [Command].
func (UpdateRoom) Name() string { return "update_room_info" }

// Names implements [RoomCommand].
func (c UpdateRoom) Names() Names { return Names{Room: c.Room} }

// Check implements [RoomCommand].
func (c UpdateRoom) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	return c.Attributes.Check()
}

// Apply implements [RoomCommand]. An update that changes nothing has no event.
func (c UpdateRoom) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	next := room.copy()
	c.Attributes.apply(next)
	if next.equal(room) {
		return Outcome{Room: room}, nil
	}
	return Outcome{
		Room:   next,
		Events: []Event{{Room: c.Room, Roles: next.roles(), Change: RoomUpdated{Room: *next}}},
	}, nil
}
