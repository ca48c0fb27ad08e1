package live

import (
	"slices"
	"time"
)

// CreateBattle starts a battle between a room and others, as long as at least one of them can. Spec: create_battle.
type CreateBattle struct {
	Room RoomID
	To   []RoomID
	// Duration is in milliseconds, at most [MaxBattle].
	Duration      int64
	ExtensionInfo string
	// Random makes the id of the battle. The same call has another one when it is made again.
	Random [battleRandom]byte `json:"-"`
	// Holders are the rooms that started the battles in which the rooms of this one are, as far as that is known: a room counts
	// as in a battle while its holder is not among them, or still has it.
	Holders []RoomID `json:"-"`
}

// Name implements [Command].
func (CreateBattle) Name() string { return "create_battle" }

// Names implements [RoomCommand].
func (c CreateBattle) Names() Names {
	n := Names{Room: c.Room, Others: slices.Concat(c.To, c.Holders)}
	n.Parts = []PartID{RunningBattle(c.Room), InBattleOf(c.Room), EndedBattle(c.Room, NewBattleID(c.Random, c.Room))}
	for _, id := range c.To {
		n.Parts = append(n.Parts, InBattleOf(id))
	}
	for _, id := range c.Holders {
		n.Parts = append(n.Parts, RunningBattle(id))
	}
	return n
}

// Check implements [RoomCommand].
func (c CreateBattle) Check() error {
	if err := checkRoom("FromRoomId", c.Room); err != nil {
		return err
	}
	if len(c.To) == 0 || len(c.To) > MaxOpponents {
		return invalid("ToRoomIdList has %d rooms; it takes 1 to %d", len(c.To), MaxOpponents)
	}
	for _, id := range c.To {
		if err := checkRoom("ToRoomIdList", id); err != nil {
			return err
		}
		if id == c.Room {
			return invalid("ToRoomIdList has the room %q, which is FromRoomId", id)
		}
	}
	if c.Duration < 1 || c.Duration > MaxBattle.Milliseconds() {
		return invalid("Duration is %d; 1 to %d milliseconds are allowed", c.Duration, MaxBattle.Milliseconds())
	}
	return checkLength("ExtensionInfo", c.ExtensionInfo, MaxExtensionInfo)
}

// Apply implements [RoomCommand]; [RoomInBattle] when the room itself is in another battle, [NobodyToBattle] when no other room
// can take part.
func (c CreateBattle) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room := s.Room(c.Room)
	if room == nil {
		return Outcome{}, noRoom(c.Room)
	}
	// Until its end is reported the room has its battle, also when its time is up: the next one must not hide it.
	if c.busy(s, c.Room, now) || part[*Battle](s, RunningBattle(c.Room)) != nil {
		return Outcome{}, Refuse(RoomInBattle, "FromRoomId %q is in another battle", c.Room)
	}
	id := NewBattleID(c.Random, c.Room)
	if s.Part(EndedBattle(c.Room, id)) != nil {
		return Outcome{}, Refuse(Unavailable, "the id of the battle is taken; nothing was done, try again")
	}
	b := &Battle{ID: id, From: BattleRoom{Room: c.Room, Owner: room.Owner}, Duration: c.Duration, Started: now.UnixMilli()}
	reply := &BattleReply{ID: id}
	for i, other := range c.To {
		if slices.Index(c.To, other) != i {
			continue
		}
		result := c.result(s, other, now)
		reply.Results = append(reply.Results, BattleResult{other, result})
		if result == BattleStarted {
			b.To = append(b.To, BattleRoom{Room: other, Owner: s.Room(other).Owner})
		}
	}
	if len(b.To) == 0 {
		return Outcome{}, Refuse(NobodyToBattle, "ToRoomIdList has no room that can take part; none is there, or each is in another battle")
	}
	return c.begin(room, b, reply), nil
}

// result says whether another room takes part.
func (c CreateBattle) result(s State, other RoomID, now time.Time) int64 {
	switch {
	case s.Room(other) == nil:
		return BattleNoRoom
	case c.busy(s, other, now):
		return BattleElsewhere
	}
	return BattleStarted
}

// busy tells whether a room is in a battle: its time is not up, and the room that started it still has it. That one may have been
// destroyed, and what is in the others was not looked for then.
func (c CreateBattle) busy(s State, id RoomID, now time.Time) bool {
	in := part[*InBattle](s, InBattleOf(id))
	if in == nil || in.End <= now.UnixMilli() {
		return false
	}
	if in.From != c.Room && !slices.Contains(c.Holders, in.From) {
		return true
	}
	running := part[*Battle](s, RunningBattle(in.From))
	return running != nil && running.ID == in.Battle
}

func (c CreateBattle) begin(room *Room, b *Battle, reply *BattleReply) Outcome {
	out := Outcome{
		Room: room,
		Parts: []PartChange{
			{ID: RunningBattle(c.Room), Part: b},
			{ID: EndedBattle(c.Room, b.ID), Part: &Battle{}, Due: b.end()},
		},
		Events: []Event{
			{Room: c.Room, Roles: room.roles(), Change: BattleCreated{Battle: *b, ExtensionInfo: c.ExtensionInfo}},
			{Room: c.Room, Roles: room.roles(), Change: BattleStart{Battle: *b}},
		},
		Reply: Reply{Battle: reply},
	}
	in := &InBattle{Battle: b.ID, From: c.Room, End: b.end()}
	for _, r := range append([]BattleRoom{b.From}, b.To...) {
		out.Parts = append(out.Parts, PartChange{ID: InBattleOf(r.Room), Part: in})
	}
	return out
}

// checkRoom is Check of a RoomId in a field of another name.
func checkRoom(field string, id RoomID) error {
	if err := id.Check(); err != nil {
		return invalid("%s: %v", field, err)
	}
	return nil
}
