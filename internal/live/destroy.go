package live

import "time"

// DestroyRoom ends a room; its administrators are not reported one by one. Spec: destroy_room.
type DestroyRoom struct{ Room RoomID }

// Name implements [Command].
func (DestroyRoom) Name() string { return "destroy_room" }

// Target implements [RoomCommand].
func (c DestroyRoom) Target() RoomID { return c.Room }

// Check implements [RoomCommand].
func (c DestroyRoom) Check() error { return c.Room.Check() }

// Apply implements [RoomCommand].
func (c DestroyRoom) Apply(room *Room, _ Actor, _ time.Time) (Outcome, error) {
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	// Viewers, gifts and likes have no source yet, so a room's life counts none of them.
	statistic := Statistic{}
	return Outcome{
		Events:    []Event{{Room: c.Room, Change: RoomDestroyed{Room: *room, Cause: DestroyByUser, Statistic: statistic}}},
		Statistic: &statistic,
	}, nil
}
