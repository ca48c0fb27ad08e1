package live

import (
	"slices"
	"time"
)

// KindMember is the kind of [Member].
const KindMember PartKind = "member"

// Member is somebody who is in a room.
type Member struct {
	// Entered is when, in Unix milliseconds.
	Entered int64
}

// Kind implements [Part].
func (*Member) Kind() PartKind { return KindMember }

// MemberOf names a member of a room.
func MemberOf(room RoomID, a Account) PartID { return PartID{room, KindMember, string(a)} }

// MemberCause says why the state of members changed. Spec: callbacks 6.7, EventCause.
type MemberCause string

// The documented causes; the first and the fourth bring members, the others take them.
const (
	MembersEntered     MemberCause = "Enter"
	MembersLeft        MemberCause = "Leave"
	MembersInterrupted MemberCause = "HeartbeatInterrupt"
	MembersRecovered   MemberCause = "HeartbeatRecover"
	MembersKicked      MemberCause = "Kicked"
)

// MaxMembersOfEvent is the most members whose change one callback tells of.
const MaxMembersOfEvent = 500

// MembersChanged reports who came or went, all for the same cause.
type MembersChanged struct {
	Cause    MemberCause
	Accounts []Account
}

func (MembersChanged) change()     {}
func (MembersChanged) lane() Lanes { return MembersLane }

// Online tells whether the members are there now.
func (c MembersChanged) Online() bool {
	return c.Cause == MembersEntered || c.Cause == MembersRecovered
}

// Join returns the change that reports both, the second after the first, if there is one.
func Join(first, second Change) (Change, bool) {
	a, ok := first.(MembersChanged)
	if !ok {
		return nil, false
	}
	b, ok := second.(MembersChanged)
	if !ok || a.Cause != b.Cause || len(a.Accounts)+len(b.Accounts) > MaxMembersOfEvent {
		return nil, false
	}
	return MembersChanged{Cause: a.Cause, Accounts: slices.Concat(a.Accounts, b.Accounts)}, true
}

// EnterRoom lets somebody in. Who is there already stays, and nothing is reported.
type EnterRoom struct {
	Room    RoomID
	Account Account
}

// Name implements [Command].
func (EnterRoom) Name() string { return "enter_room" }

// Names implements [RoomCommand].
func (c EnterRoom) Names() Names {
	return Names{
		Room:  c.Room,
		Parts: []PartID{TallyOf(c.Room), VacancyOf(c.Room), MemberOf(c.Room, c.Account), BanOf(c.Room, c.Account)},
		Lanes: MembersLane,
	}
}

// Check implements [RoomCommand].
func (c EnterRoom) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	return c.Account.Check("Member_Account")
}

// Apply implements [RoomCommand]; [MemberBanned] while a ban lasts, [RoomFull] when there are as many as may be.
func (c EnterRoom) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	if err := banned(s, room, c.Account, now); err != nil {
		return Outcome{}, err
	}
	if s.Part(MemberOf(c.Room, c.Account)) != nil {
		return Outcome{Room: room}, nil
	}
	t := tally(s, c.Room)
	if t.Members >= room.MaxMemberCount {
		return Outcome{}, Refuse(RoomFull, "room %q is full: it has %d members", c.Room, t.Members)
	}
	t.Members++
	t.Views++
	out := Outcome{
		Room: room,
		Parts: []PartChange{
			{ID: TallyOf(c.Room), Part: t},
			{ID: MemberOf(c.Room, c.Account), Part: &Member{Entered: now.UnixMilli()}},
		},
		Events: []Event{{Room: c.Room, Change: MembersChanged{MembersEntered, []Account{c.Account}}}},
	}
	if s.Part(BanOf(c.Room, c.Account)) != nil { // it is over
		out.Parts = append(out.Parts, PartChange{ID: BanOf(c.Room, c.Account)})
	}
	out.Parts = append(out.Parts, occupied(s, room, c.Account)...)
	return out, nil
}

// LeaveRoom takes somebody out, from the seat too. Who is not there stays away, and nothing is reported.
type LeaveRoom struct {
	Room    RoomID
	Account Account
}

// Name implements [Command].
func (LeaveRoom) Name() string { return "leave_room" }

// Names implements [RoomCommand].
func (c LeaveRoom) Names() Names {
	return Names{Room: c.Room, Parts: []PartID{TallyOf(c.Room), VacancyOf(c.Room), MemberOf(c.Room, c.Account)}, Lanes: MembersLane}
}

// Check implements [RoomCommand].
func (c LeaveRoom) Check() error { return EnterRoom(c).Check() }

// Apply implements [RoomCommand].
func (c LeaveRoom) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	out := Outcome{Room: room}
	takeOut(s, &out, []Account{c.Account}, MembersLeft, now)
	return out, nil
}

// takeOut takes those of the accounts who are in the room of an outcome out of it, as one event, and whoever of them had a seat out of
// that, as another.
func takeOut(s State, out *Outcome, accounts []Account, cause MemberCause, now time.Time) {
	id := out.Room.ID
	room, seats := out.Room.withoutSeatOf(accounts...)
	out.Room, out.Events = room, append(out.Events, seats...)
	there := keep(accounts, func(a Account) bool { return s.Part(MemberOf(id, a)) != nil })
	if len(there) == 0 {
		return
	}
	t := tally(s, id)
	t.Members -= int64(len(there))
	out.Parts = append(out.Parts, PartChange{ID: TallyOf(id), Part: t})
	for _, a := range there {
		out.Parts = append(out.Parts, PartChange{ID: MemberOf(id, a)})
	}
	out.Parts = append(out.Parts, vacated(s, out.Room, there, t.Members, now)...)
	out.Events = append(out.Events, Event{Room: id, Change: MembersChanged{cause, there}})
}
