package live

import "time"

// ChangeOwner gives a room another owner, who need not be in it. Spec: change_room_owner.
type ChangeOwner struct {
	Room     RoomID
	NewOwner Account
}

// Name implements [Command].
func (ChangeOwner) Name() string { return "change_room_owner" }

// Names implements [RoomCommand].
func (c ChangeOwner) Names() Names {
	return Names{Room: c.Room, Parts: []PartID{BanOf(c.Room, c.NewOwner), MuteOf(c.Room, c.NewOwner), VacancyOf(c.Room)}}
}

// Check implements [RoomCommand].
func (c ChangeOwner) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	return c.NewOwner.Check("NewOwner_Account")
}

// Apply implements [RoomCommand]. A new owner who was an administrator stops being one first, as an event of its
// own; a ban or a mute of the new owner ends; the present owner as new owner changes nothing.
func (c ChangeOwner) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	if room.Owner == c.NewOwner {
		return Outcome{Room: room}, nil
	}
	end := ModifyAdmin{Room: c.Room, Accounts: []Account{c.NewOwner}, Op: DeleteAdministrators}
	out := end.delete(room)
	next := out.Room.copy()
	next.Owner = c.NewOwner
	out.Room = next
	for _, id := range []PartID{BanOf(c.Room, c.NewOwner), MuteOf(c.Room, c.NewOwner)} {
		if s.Part(id) != nil {
			out.Parts = append(out.Parts, PartChange{ID: id})
		}
	}
	out.Parts = append(out.Parts, given(s, next)...)
	out.Events = append(out.Events, Event{
		Room: c.Room, Roles: next.roles(),
		Change: OwnerChanged{Current: c.NewOwner, Original: room.Owner},
	})
	return out, nil
}
