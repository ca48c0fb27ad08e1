package live

import "time"

const (
	// KindBan is the kind of [Ban].
	KindBan PartKind = "ban"
	// MaxReason is the longest reason for a ban, in bytes. Spec: REST 4.2, of the conference service.
	MaxReason = 1000
)

// Ban keeps one account out of a room.
type Ban struct {
	// Until is when it ends, in Unix seconds: in this second it is over.
	Until  int64
	Reason string `json:",omitempty"`
}

// Kind implements [Part].
func (*Ban) Kind() PartKind { return KindBan }

func (b *Ban) until() int64 { return b.Until }

// BanOf names the ban of an account from a room.
func BanOf(room RoomID, a Account) PartID { return PartID{room, KindBan, string(a)} }

// banned refuses an account that is banned. The command has to name [BanOf] the account.
func banned(s State, room *Room, a Account, now time.Time) error {
	if b := part[*Ban](s, BanOf(room.ID, a)); b != nil && now.Unix() < b.Until {
		return Refuse(MemberBanned, "%q is banned from the room %q until %s", a, room.ID, inUTC(b.Until))
	}
	return nil
}

// BanMembers keeps accounts out of a room for a while. Spec: ban_member.
//
// Those who are there are taken out, and administrators stop being some, in the same change. The owner cannot be banned;
// somebody who is not there can. A further ban replaces the one before.
type BanMembers struct {
	Room     RoomID
	Accounts []Account
	// Seconds from now, at least 1.
	Seconds int64
	Reason  string
}

// Name implements [Command].
func (BanMembers) Name() string { return "ban_member" }

// Names implements [RoomCommand].
func (c BanMembers) Names() Names {
	n := Names{Room: c.Room, Parts: []PartID{TallyOf(c.Room), VacancyOf(c.Room)}, Lanes: MembersLane}
	for _, a := range c.Accounts {
		n.Parts = append(n.Parts, BanOf(c.Room, a), MemberOf(c.Room, a))
	}
	return n
}

// Check implements [RoomCommand].
func (c BanMembers) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	if err := checkMembers("MemberList_Account", c.Accounts, MaxMembersOfCall); err != nil {
		return err
	}
	if err := checkSeconds("Duration", 1, c.Seconds); err != nil {
		return err
	}
	return checkLength("Reason", c.Reason, MaxReason)
}

// Apply implements [RoomCommand].
func (c BanMembers) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	if err := notOwner(room, c.Accounts, "banned"); err != nil {
		return Outcome{}, err
	}
	accounts := distinct(c.Accounts)
	out := ModifyAdmin{Room: c.Room, Accounts: accounts, Op: DeleteAdministrators}.delete(room)
	until := now.Unix() + c.Seconds
	for _, a := range accounts {
		id := BanOf(c.Room, a)
		out.Parts = append(out.Parts, PartChange{ID: id, Part: &Ban{Until: until, Reason: c.Reason}, Due: sweepAfter(id, until)})
	}
	takeOut(s, &out, accounts, MembersKicked, now)
	return out, nil
}

// UnbanMembers ends bans. Who is not banned is passed over. Spec: unban_member.
type UnbanMembers struct {
	Room     RoomID
	Accounts []Account
}

// Name implements [Command].
func (UnbanMembers) Name() string { return "unban_member" }

// Names implements [RoomCommand].
func (c UnbanMembers) Names() Names {
	n := Names{Room: c.Room, Parts: make([]PartID, len(c.Accounts))}
	for i, a := range c.Accounts {
		n.Parts[i] = BanOf(c.Room, a)
	}
	return n
}

// Check implements [RoomCommand].
func (c UnbanMembers) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	return checkMembers("MemberList_Account", c.Accounts, MaxMembersOfCall)
}

// Apply implements [RoomCommand].
func (c UnbanMembers) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	out := Outcome{Room: room}
	for _, a := range distinct(c.Accounts) {
		if s.Part(BanOf(c.Room, a)) != nil {
			out.Parts = append(out.Parts, PartChange{ID: BanOf(c.Room, a)})
		}
	}
	return out, nil
}
