package live

import (
	"encoding/json"
	"fmt"
)

// Part is what belongs to a room, or to the App itself, and is kept in a row of its own, so that the row which every change of
// a room writes stays small. Values are shared between readers; whoever changes one works on a copy. Parts of a room go with it.
type Part interface {
	// Kind names the type, in the store too.
	Kind() PartKind
}

// PartKind is the type of a part.
type PartKind string

// PartID names a part. Room is empty for one of the App itself; Key tells parts of one kind apart, for instance an account.
type PartID struct {
	Room RoomID
	Kind PartKind
	Key  string
}

// PartChange is the new value of a part.
type PartChange struct {
	ID PartID
	// Part is nil when it is to be gone.
	Part Part
	// Due is when the server has to look at it, in Unix milliseconds; 0: never. See package timer.
	Due int64
}

// parts makes an empty value of each kind.
var parts = map[PartKind]func() Part{
	KindAnswer:   func() Part { return &Answer{} },
	KindBan:      func() Part { return &Ban{} },
	KindBattle:   func() Part { return &Battle{} },
	KindCatalog:  func() Part { return &Catalog{} },
	KindGiver:    func() Part { return &Giver{} },
	KindInBattle: func() Part { return &InBattle{} },
	KindMember:   func() Part { return &Member{} },
	KindMetadata: func() Part { return &Metadata{} },
	KindMix:      func() Part { return &Mix{} },
	KindMute:     func() Part { return &Mute{} },
	KindPortrait: func() Part { return &Portrait{} },
	KindReceived: func() Part { return &Received{} },
	KindTally:    func() Part { return &Tally{} },
	KindVacancy:  func() Part { return &Vacancy{} },
}

// DecodePart returns the part that [json.Marshal] made of one.
func DecodePart(kind PartKind, doc []byte) (Part, error) {
	empty := parts[kind]
	if empty == nil {
		return nil, fmt.Errorf("there are no parts of the kind %q", kind)
	}
	p := empty()
	return p, json.Unmarshal(doc, p)
}

// Keyed is a part with its key.
type Keyed struct {
	Key  string
	Part Part
}

// part returns the part of a state as its type, nil when there is none.
func part[T Part](s State, id PartID) T {
	p, _ := s.Part(id).(T)
	return p
}

// onDue makes the commands that look at parts which are due, by kind.
var onDue = map[PartKind]func(PartID) RoomCommand{
	KindBattle:  func(id PartID) RoomCommand { return EndBattle{Room: id.Room, ID: BattleID(id.Key)} },
	KindBan:     expireOnDue,
	KindMute:    expireOnDue,
	KindVacancy: func(id PartID) RoomCommand { return DissolveRoom{id.Room} },
}

// OnDue returns the command that does what a part is due for; nil when parts of its kind are never due. The command looks
// whether the part is due still, and leaves it with another time, or none.
func OnDue(id PartID) RoomCommand {
	if command := onDue[id.Kind]; command != nil {
		return command(id)
	}
	return nil
}
