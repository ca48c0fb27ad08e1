package live

import "time"

// seatRule is what calls of seats check alike. Index and account are optional.
type seatRule struct {
	room    RoomID
	field   string // of the index
	index   int64
	account *Account
}

func (c seatRule) names() Names {
	n := Names{Room: c.room}
	if c.account != nil {
		n.Parts = []PartID{MemberOf(c.room, *c.account)}
	}
	return n
}

func (c seatRule) check() error {
	if err := c.room.Check(); err != nil {
		return err
	}
	if c.account != nil {
		if err := c.account.Check("Member_Account"); err != nil {
			return err
		}
	}
	if c.index < 0 || c.index >= MaxSeats {
		return invalid("%s is %d; 0 to %d are allowed", c.field, c.index, MaxSeats-1)
	}
	return nil
}

// find returns the room when it has seats, and that of the index among them.
func (c seatRule) find(s State) (*Room, error) {
	room := s.Room(c.room)
	switch {
	case room == nil:
		return nil, noRoom(c.room)
	case !room.HasSeats():
		return nil, Refuse(RoomWithoutSeats, "room %q has no seats; they are made with the room", c.room)
	case c.index >= room.MaxSeatCount:
		return nil, invalid("%s is %d; room %q has the seats 0 to %d", c.field, c.index, c.room, room.MaxSeatCount-1)
	}
	return room, nil
}

// present refuses who is not in the room. Its owner and its robots always are.
func (c seatRule) present(s State, room *Room) error {
	if *c.account == room.Owner || room.hasRobot(*c.account) || s.Part(MemberOf(c.room, *c.account)) != nil {
		return nil
	}
	return Refuse(NotMember, "Member_Account %q is not in the room", *c.account)
}

// seated returns the seat of the account. Who sits is in the room, also one who was its owner and never entered.
func (c seatRule) seated(s State, room *Room) (Seat, error) {
	if seat, ok := room.seatOf(*c.account); ok {
		return seat, nil
	}
	if err := c.present(s, room); err != nil {
		return Seat{}, err
	}
	return Seat{}, notSeated(*c.account)
}

func notSeated(a Account) error { return Refuse(NotSeated, "Member_Account %q has no seat", a) }

// open returns the seat of the index when somebody may sit there: it is not locked.
func (c seatRule) open(room *Room) (Seat, error) {
	seat := room.seat(c.index)
	if seat.TakenDisabled {
		return seat, Refuse(SeatLocked, "%s: seat %d is locked", c.field, c.index)
	}
	return seat, nil
}

// free returns the seat of the index when somebody may sit there and nobody does.
func (c seatRule) free(room *Room) (Seat, error) {
	seat, err := c.open(room)
	if err == nil && seat.Account != "" {
		err = Refuse(SeatTaken, "%s: somebody sits on seat %d", c.field, c.index)
	}
	return seat, err
}

func seatsOutcome(room *Room, events []Event) (Outcome, error) {
	return Outcome{Room: room, Events: events}, nil
}

// PickOnSeat puts somebody who is in the room on a seat. Spec: pick_user_on_seat.
type PickOnSeat struct {
	Room    RoomID
	Account Account
	Index   int64
}

func (c PickOnSeat) rule() seatRule {
	return seatRule{room: c.Room, field: "Index", index: c.Index, account: &c.Account}
}

// Name implements [Command].
func (PickOnSeat) Name() string { return "pick_user_on_seat" }

// Names implements [RoomCommand].
func (c PickOnSeat) Names() Names { return c.rule().names() }

// Check implements [RoomCommand].
func (c PickOnSeat) Check() error { return c.rule().check() }

// Apply implements [RoomCommand]; [AllSeatsTaken] when the seat is taken and another number would not help.
func (c PickOnSeat) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	rule := c.rule()
	room, err := rule.find(s)
	if err != nil {
		return Outcome{}, err
	}
	if err := rule.present(s, room); err != nil {
		return Outcome{}, err
	}
	if seat, ok := room.seatOf(c.Account); ok {
		return Outcome{}, Refuse(AlreadySeated, "Member_Account %q sits on seat %d already", c.Account, seat.Index)
	}
	seat, err := rule.free(room)
	if err != nil {
		if seat.Account != "" && room.full() {
			err = Refuse(AllSeatsTaken, "room %q has no free seat", c.Room)
		}
		return Outcome{}, err
	}
	seat.Account = c.Account
	return seatsOutcome(room.withSeats(seat))
}

// KickOffSeat takes somebody off a seat. Spec: kick_user_off_seat.
type KickOffSeat struct {
	Room    RoomID
	Account Account
	// Data is told to who is taken off.
	Data string
}

// MaxSeatData is the longest Data of [KickOffSeat], in bytes. It is not documented.
const MaxSeatData = 1000

func (c KickOffSeat) rule() seatRule { return seatRule{room: c.Room, account: &c.Account} }

// Name implements [Command].
func (KickOffSeat) Name() string { return "kick_user_off_seat" }

// Names implements [RoomCommand].
func (c KickOffSeat) Names() Names { return Names{Room: c.Room} }

// Check implements [RoomCommand].
func (c KickOffSeat) Check() error {
	if err := c.rule().check(); err != nil {
		return err
	}
	return checkLength("Data", c.Data, MaxSeatData)
}

// Apply implements [RoomCommand].
func (c KickOffSeat) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room, err := c.rule().find(s)
	if err != nil {
		return Outcome{}, err
	}
	if _, ok := room.seatOf(c.Account); !ok {
		return Outcome{}, notSeated(c.Account)
	}
	return seatsOutcome(room.withoutSeatOf(c.Account))
}

// LockSeat changes what is allowed on a seat; nil leaves it as it is. Who sits on a seat that nobody may take loses it.
// Spec: lock_seat.
type LockSeat struct {
	Room  RoomID
	Index int64
	// ForbidTaken: nobody may sit there.
	ForbidTaken, ForbidVideo, ForbidAudio *bool
}

func (c LockSeat) rule() seatRule { return seatRule{room: c.Room, field: "Index", index: c.Index} }

// Name implements [Command].
func (LockSeat) Name() string { return "lock_seat" }

// Names implements [RoomCommand].
func (c LockSeat) Names() Names { return c.rule().names() }

// Check implements [RoomCommand].
func (c LockSeat) Check() error { return c.rule().check() }

// Apply implements [RoomCommand].
func (c LockSeat) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room, err := c.rule().find(s)
	if err != nil {
		return Outcome{}, err
	}
	seat := room.seat(c.Index)
	set(&seat.TakenDisabled, c.ForbidTaken)
	set(&seat.VideoDisabled, c.ForbidVideo)
	set(&seat.AudioDisabled, c.ForbidAudio)
	if seat.TakenDisabled {
		seat.Account = ""
	}
	return seatsOutcome(room.withSeats(seat))
}
