package live

import "time"

// EndBattle looks at a battle when it is due: it ends it when its time is up, and forgets it a while after that. Done again, or by
// several servers, it changes nothing.
type EndBattle struct {
	Room RoomID
	ID   BattleID
}

// Name implements [Command].
func (EndBattle) Name() string { return "end_battle" }

// Names implements [RoomCommand].
func (c EndBattle) Names() Names {
	return Names{Room: c.Room, Parts: []PartID{RunningBattle(c.Room), EndedBattle(c.Room, c.ID)}}
}

// Check implements [RoomCommand].
func (c EndBattle) Check() error { return c.Room.Check() }

// Apply implements [RoomCommand].
func (c EndBattle) Apply(s State, _ Actor, now time.Time) (Outcome, error) {
	room, place := s.Room(c.Room), EndedBattle(c.Room, c.ID)
	kept := part[*Battle](s, place)
	if room == nil || kept == nil {
		return Outcome{Room: room}, nil
	}
	if kept.Ended != 0 {
		return Outcome{Room: room, Parts: []PartChange{lookAgain(place, kept, kept.Ended+KeepBattles.Milliseconds(), now)}}, nil
	}
	running := part[*Battle](s, RunningBattle(c.Room))
	if running == nil || running.ID != c.ID {
		return Outcome{Room: room, Parts: []PartChange{{ID: place}}}, nil
	}
	if running.end() > now.UnixMilli() {
		return Outcome{Room: room, Parts: []PartChange{lookAgain(place, kept, running.end(), now)}}, nil
	}
	ended := running.copy()
	ended.Ended = running.end() // also when it was looked at late
	return Outcome{
		Room: room,
		Parts: []PartChange{
			{ID: RunningBattle(c.Room)},
			{ID: place, Part: ended, Due: ended.Ended + KeepBattles.Milliseconds()},
		},
		Events: []Event{{Room: c.Room, Roles: room.roles(), Change: BattleEnd{Battle: *ended, Cause: BattleTimeUp}}},
	}, nil
}

// lookAgain leaves a part as it is until a time, and takes it away when that has come.
func lookAgain(id PartID, p Part, due int64, now time.Time) PartChange {
	if due <= now.UnixMilli() {
		return PartChange{ID: id}
	}
	return PartChange{ID: id, Part: p, Due: due}
}

// endOfBattle reports the end of the battle that a room has started, as its last but one event: the room is destroyed. Its
// parts go with it, so what the other rooms have of the battle is dangling from then on.
func endOfBattle(s State, room *Room, now time.Time) []Event {
	running := part[*Battle](s, RunningBattle(room.ID))
	if running == nil {
		return nil
	}
	ended, cause := running.copy(), BattleLeft
	ended.Ended = now.UnixMilli()
	if ended.Ended >= running.end() {
		ended.Ended, cause = running.end(), BattleTimeUp
	}
	return []Event{{Room: room.ID, Roles: room.roles(), Change: BattleEnd{Battle: *ended, Cause: cause}}}
}
