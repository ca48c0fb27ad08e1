package live

import "time"

// SeatPolicy says what becomes of who sits where somebody is moved to. Spec: move_user_to_seat, Policy.
type SeatPolicy int64

// The documented policies.
const (
	SeatGiveUp SeatPolicy = 0 // nobody is moved
	SeatForce  SeatPolicy = 1 // who sits there loses the seat
	SeatSwap   SeatPolicy = 2 // who sits there gets the seat that becomes free
)

// MoveToSeat moves somebody who sits to another seat. Spec: move_user_to_seat.
type MoveToSeat struct {
	Room    RoomID
	Account Account
	Index   int64
	Policy  SeatPolicy
}

func (c MoveToSeat) rule() seatRule {
	return seatRule{room: c.Room, field: "SeatIndex", index: c.Index, account: &c.Account}
}

// Name implements [Command].
func (MoveToSeat) Name() string { return "move_user_to_seat" }

// Names implements [RoomCommand].
func (c MoveToSeat) Names() Names { return c.rule().names() }

// Check implements [RoomCommand].
func (c MoveToSeat) Check() error {
	if c.Policy < SeatGiveUp || c.Policy > SeatSwap {
		return invalid("Policy is %d; use 0 (give up), 1 (force) or 2 (swap)", c.Policy)
	}
	return c.rule().check()
}

// Apply implements [RoomCommand].
func (c MoveToSeat) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	rule := c.rule()
	room, err := rule.find(s)
	if err != nil {
		return Outcome{}, err
	}
	from, err := rule.seated(s, room)
	if err != nil {
		return Outcome{}, err
	}
	if from.Index == c.Index {
		return Outcome{Room: room}, nil
	}
	to, err := rule.open(room)
	if c.Policy == SeatGiveUp {
		to, err = rule.free(room)
	}
	if err != nil {
		return Outcome{}, err
	}
	from.Account = ""
	if c.Policy == SeatSwap {
		from.Account = to.Account
	}
	to.Account = c.Account
	return seatsOutcome(room.withSeats(from, to))
}

// SwitchSeat moves somebody who sits to a free seat: the older call for it. Spec: switch_seat.
type SwitchSeat struct {
	Room    RoomID
	Account Account
	Index   int64
}

func (c SwitchSeat) rule() seatRule {
	return seatRule{room: c.Room, field: "ToIndex", index: c.Index, account: &c.Account}
}

// Name implements [Command].
func (SwitchSeat) Name() string { return "switch_seat" }

// Names implements [RoomCommand].
func (c SwitchSeat) Names() Names { return c.rule().names() }

// Check implements [RoomCommand].
func (c SwitchSeat) Check() error { return c.rule().check() }

// Apply implements [RoomCommand].
func (c SwitchSeat) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	rule := c.rule()
	room, err := rule.find(s)
	if err != nil {
		return Outcome{}, err
	}
	from, err := rule.seated(s, room)
	if err != nil {
		return Outcome{}, err
	}
	if from.Index == c.Index {
		return Outcome{Room: room}, nil
	}
	to, err := rule.free(room)
	if err != nil {
		return Outcome{}, err
	}
	from.Account, to.Account = "", c.Account
	return seatsOutcome(room.withSeats(from, to))
}
