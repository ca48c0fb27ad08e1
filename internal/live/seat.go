package live

import (
	"cmp"
	"slices"
)

// Seat is a seat of a room. Spec: REST 8, get_seat_list.
type Seat struct {
	// Index counts from 0, below the MaxSeatCount of the room.
	Index int64 `json:",omitempty"`
	// Account is who sits there, empty when nobody does.
	Account Account `json:",omitempty"`
	// TakenDisabled: nobody may sit there, and nobody does. VideoDisabled, AudioDisabled: who sits there has no picture, no sound.
	TakenDisabled bool `json:",omitempty"`
	VideoDisabled bool `json:",omitempty"`
	AudioDisabled bool `json:",omitempty"`
}

// plain tells that there is nothing to say about a seat; such are not kept.
func (s Seat) plain() bool { return s == Seat{Index: s.Index} }

// SeatsChanged reports all seats of a room after a change: a receiver that takes them for the changed ones alone comes to the same.
type SeatsChanged struct{ Seats []Seat }

func (SeatsChanged) change() {}

// HasSeats tells whether somebody could sit in the room.
func (r *Room) HasSeats() bool { return r.IsSeatEnabled && r.MaxSeatCount > 0 }

// SeatList has every seat of the room, in order; none for a room without seats.
func (r *Room) SeatList() []Seat {
	if !r.HasSeats() {
		return nil
	}
	list := make([]Seat, r.MaxSeatCount)
	for i := range list {
		list[i].Index = int64(i)
	}
	for _, s := range r.Seats {
		if s.Index < r.MaxSeatCount {
			list[s.Index] = s
		}
	}
	return list
}

// seat returns the seat of a number.
func (r *Room) seat(index int64) Seat {
	for _, s := range r.Seats {
		if s.Index == index {
			return s
		}
	}
	return Seat{Index: index}
}

// seatOf returns the seat of somebody.
func (r *Room) seatOf(a Account) (Seat, bool) {
	for _, s := range r.Seats {
		if s.Account == a {
			return s, true
		}
	}
	return Seat{}, false
}

// withSeats returns the room in which some seats are as they are given, with the event that reports it. Nothing is reported
// when they are so already.
func (r *Room) withSeats(changed ...Seat) (*Room, []Event) {
	var seats []Seat
	for _, s := range r.Seats {
		if !slices.ContainsFunc(changed, func(c Seat) bool { return c.Index == s.Index }) {
			seats = append(seats, s)
		}
	}
	for _, c := range changed {
		if !c.plain() {
			seats = append(seats, c)
		}
	}
	slices.SortFunc(seats, func(a, b Seat) int { return cmp.Compare(a.Index, b.Index) })
	if slices.Equal(seats, r.Seats) {
		return r, nil
	}
	next := r.copy()
	next.Seats = seats
	return next, []Event{{Room: r.ID, Roles: next.roles(), Change: SeatsChanged{Seats: next.SeatList()}}}
}

// withoutSeatOf returns the room in which none of the accounts has a seat, with the event that reports it; the very room when
// none had one. It is for everything after which somebody is not in the room any more.
func (r *Room) withoutSeatOf(accounts ...Account) (*Room, []Event) {
	var left []Seat
	for _, a := range distinct(accounts) {
		if s, ok := r.seatOf(a); ok {
			s.Account = ""
			left = append(left, s)
		}
	}
	if len(left) == 0 {
		return r, nil
	}
	return r.withSeats(left...)
}

// full tells that nobody can sit down: every seat is taken or locked.
func (r *Room) full() bool {
	return !slices.ContainsFunc(r.SeatList(), func(s Seat) bool { return s.Account == "" && !s.TakenDisabled })
}
