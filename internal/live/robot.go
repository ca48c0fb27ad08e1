package live

import (
	"slices"
	"time"
)

// MaxRobots is the most robots that a room may have. Spec: REST 5.3.
const MaxRobots = 3

// AddRobots gives a room robots. Who is one already stays one. Spec: add_robot.
type AddRobots struct {
	Room     RoomID
	Accounts []Account
}

// Name implements [Command].
func (AddRobots) Name() string { return "add_robot" }

// Names implements [RoomCommand].
func (c AddRobots) Names() Names { return Names{Room: c.Room} }

// Check implements [RoomCommand].
func (c AddRobots) Check() error {
	if err := c.Room.Check(); err != nil {
		return err
	}
	return checkMembers("RobotList_Account", c.Accounts, MaxRobots)
}

// Apply implements [RoomCommand]. No callback is documented for it, so nothing is reported.
func (c AddRobots) Apply(s State, _ Actor, _ time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	added := keep(distinct(c.Accounts), func(a Account) bool { return !room.hasRobot(a) })
	if n := len(room.Robots) + len(added); n > MaxRobots {
		return Outcome{}, invalid("RobotList_Account: the room would have %d robots; at most %d are allowed, it has %d", n, MaxRobots, len(room.Robots))
	}
	return Outcome{Room: withRobots(room, slices.Concat(room.Robots, added))}, nil
}

// withRobots is the room with other robots, or the very room when they are the same.
func withRobots(room *Room, robots []Account) *Room {
	if len(robots) == len(room.Robots) {
		return room
	}
	next := room.copy()
	next.Robots = robots
	return next
}

// DeleteRobots takes robots away from a room, and off their seats unless they are in it otherwise. Who is none is passed over.
// Spec: del_robot.
type DeleteRobots struct {
	Room     RoomID
	Accounts []Account
}

// Name implements [Command].
func (DeleteRobots) Name() string { return "del_robot" }

// Names implements [RoomCommand].
func (c DeleteRobots) Names() Names {
	n := Names{Room: c.Room, Parts: []PartID{VacancyOf(c.Room)}}
	for _, a := range c.Accounts {
		n.Parts = append(n.Parts, MemberOf(c.Room, a))
	}
	return n
}

// Check implements [RoomCommand].
func (c DeleteRobots) Check() error { return AddRobots(c).Check() }

// Apply implements [RoomCommand]. What the robots have held up begins anew: a room that is empty is so from now on.
func (c DeleteRobots) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	next := withRobots(room, keep(room.Robots, func(a Account) bool { return !slices.Contains(c.Accounts, a) }))
	gone := keep(c.Accounts, func(a Account) bool {
		return room.hasRobot(a) && a != room.Owner && s.Part(MemberOf(c.Room, a)) == nil
	})
	next, seats := next.withoutSeatOf(gone...)
	return Outcome{Room: next, Parts: released(s, room, next, now), Events: seats}, nil
}
