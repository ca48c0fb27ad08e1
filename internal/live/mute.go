package live

import "time"

// KindMute is the kind of [Mute].
const KindMute PartKind = "mute"

// Mute bars one account from sending messages in a room.
type Mute struct {
	// Until is when it ends, in Unix seconds: in this second it is over.
	Until int64
}

// Kind implements [Part].
func (*Mute) Kind() PartKind { return KindMute }

func (m *Mute) until() int64 { return m.Until }

// MuteOf names the mute of an account in a room.
func MuteOf(room RoomID, a Account) PartID { return PartID{room, KindMute, string(a)} }

// muted refuses a message of an account that may not send one: alone, or with all of the room, but for its owner and its
// administrators. The command has to name [MuteOf] the account.
func muted(s State, room *Room, a Account, now time.Time) error {
	if m := part[*Mute](s, MuteOf(room.ID, a)); m != nil && now.Unix() < m.Until {
		return Refuse(MemberMuted, "%q may not send messages in the room %q until %s", a, room.ID, inUTC(m.Until))
	}
	if room.IsMessageDisabled && a != room.Owner && !room.hasAdministrator(a) {
		return Refuse(MemberMuted, "in the room %q only its owner and its administrators may send messages: IsMessageDisabled is set", room.ID)
	}
	return nil
}

// MuteMembers bars accounts from sending messages in a room, or lets them again. Spec: mute_member.
type MuteMembers struct {
	Room     RoomID
	Accounts []Account
	// Seconds from now; 0: they may send messages again.
	Seconds int64
}

// Name implements [Command].
func (MuteMembers) Name() string { return "mute_member" }

// Names implements [RoomCommand].
func (c MuteMembers) Names() Names {
	n := Names{Room: c.Room, Parts: make([]PartID, len(c.Accounts))}
	for i, a := range c.Accounts {
		n.Parts[i] = MuteOf(c.Room, a)
	}
	return n
}

// Check implements [RoomCommand].
func (c MuteMembers) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	if err := checkMembers("MemberList_Account", c.Accounts, MaxMembersOfCall); err != nil {
		return err
	}
	return checkSeconds("MuteTime", 0, c.Seconds)
}

// Apply implements [RoomCommand]. They need not be in the room; the owner cannot be muted. A further mute replaces the one before.
func (c MuteMembers) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	if c.Seconds > 0 {
		if err := notOwner(room, c.Accounts, "muted"); err != nil {
			return Outcome{}, err
		}
	}
	out := Outcome{Room: room}
	for _, a := range distinct(c.Accounts) {
		id := MuteOf(c.Room, a)
		switch {
		case c.Seconds > 0:
			until := now.Unix() + c.Seconds
			out.Parts = append(out.Parts, PartChange{ID: id, Part: &Mute{Until: until}, Due: sweepAfter(id, until)})
		case s.Part(id) != nil:
			out.Parts = append(out.Parts, PartChange{ID: id})
		}
	}
	return out, nil
}
