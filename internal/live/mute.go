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

// MuteOf names the mute of an account in a room.
func MuteOf(room RoomID, a Account) PartID { return PartID{room, KindMute, string(a)} }

// muted refuses a message of an account that may not send one: alone, or with all of the room, but for its owner and its
// administrators. The command has to name [MuteOf] the account.
func muted(s State, room *Room, a Account, now time.Time) error {
	if m := part[*Mute](s, MuteOf(room.ID, a)); m != nil && now.Unix() < m.Until {
		return Refuse(MemberMuted, "%q may not send messages in the room %q until %s", a, room.ID, time.Unix(m.Until, 0).UTC().Format(time.RFC3339))
	}
	if room.IsMessageDisabled && a != room.Owner && !room.hasAdministrator(a) {
		return Refuse(MemberMuted, "in the room %q only its owner and its administrators may send messages: IsMessageDisabled is set", room.ID)
	}
	return nil
}
