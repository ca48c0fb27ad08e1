package live

import (
	"encoding/base64"
	"slices"
	"time"
)

// BattleID names a battle. It is opaque to callers: random bytes and the room that started the battle, so that no index is
// needed to find it.
type BattleID string

const (
	// battleRandom is how many random bytes a BattleID begins with.
	battleRandom = 16
	// MaxBattleID is the most bytes that are taken for a BattleID. None here is that long, but those of others may be.
	MaxBattleID = 128
)

var battleText = base64.RawURLEncoding.Strict()

// NewBattleID makes the id of a battle that a room starts.
func NewBattleID(random [battleRandom]byte, from RoomID) BattleID {
	return BattleID(battleText.EncodeToString(append(random[:], from...)))
}

// Room is the room that started the battle. An id that nobody could have been given is refused as one of no battle.
func (id BattleID) Room() (RoomID, error) {
	if id == "" {
		return "", invalid("BattleId is empty; it is one that create_battle answered")
	}
	if err := checkLength("BattleId", string(id), MaxBattleID); err != nil {
		return "", err
	}
	raw, err := battleText.DecodeString(string(id))
	if err != nil || len(raw) <= battleRandom {
		return "", noBattle()
	}
	// The decoder passes over line ends, which would let many texts name one battle.
	room := RoomID(raw[battleRandom:])
	if room.Check() != nil || NewBattleID([battleRandom]byte(raw), room) != id {
		return "", noBattle()
	}
	return room, nil
}

func noBattle() error {
	return Refuse(BattleNotFound, "BattleId is none of a battle; it was never started, or was over an hour ago, or its room is destroyed")
}

const (
	// MaxBattle is the longest battle. Spec: REST 7.1; the FAQ has it as the default maximum.
	MaxBattle = 5 * time.Minute
	// MaxOpponents is the most rooms that one can battle with at once. It is not documented.
	MaxOpponents = 20
	// MaxExtensionInfo is the longest text that goes with a battle, in bytes. It is not documented.
	MaxExtensionInfo = 2048
	// MaxScore is the largest score that one call can add or set.
	MaxScore = 1_000_000_000_000
	// MaxTotalScore is the largest score that a room can come to: as with [MaxCoins], every reader of JSON takes it unchanged.
	MaxTotalScore = 1<<53 - 1
	// KeepBattles is how long a battle can be read after its end; the text of noBattle says so.
	KeepBattles = time.Hour
)

// The kinds of [Battle] and [InBattle].
const (
	KindBattle   PartKind = "battle"
	KindInBattle PartKind = "inbattle"
)

// Battle is a battle between rooms. It is a part of the room that started it, under an empty key while it runs: a room has
// one at most, and what ends the room has to find it. When it ends it moves under its id, where it can be read for a while;
// until then an empty one stands there, so that it is looked at when its time is up.
type Battle struct {
	ID BattleID `json:",omitempty"`
	// From is the room that started it, To are the others.
	From BattleRoom   `json:",omitzero"`
	To   []BattleRoom `json:",omitempty"`
	// Duration is in milliseconds.
	Duration int64 `json:",omitempty"`
	// Started is when, in Unix milliseconds; Ended is 0 while it runs.
	Started int64 `json:",omitempty"`
	Ended   int64 `json:",omitempty"`
}

// BattleRoom is a room in a battle.
type BattleRoom struct {
	Room RoomID `json:",omitempty"`
	// Owner is that of the start.
	Owner Account `json:",omitempty"`
	Score int64   `json:",omitempty"`
}

// InBattle is in each room of a battle, the one that started it included. It is left behind when the battle ends: it says
// which was the last one.
type InBattle struct {
	Battle BattleID
	From   RoomID
	// End is when its time is up, in Unix milliseconds.
	End int64
}

// Kind implements [Part].
func (*Battle) Kind() PartKind { return KindBattle }

// Kind implements [Part].
func (*InBattle) Kind() PartKind { return KindInBattle }

// RunningBattle names the battle that a room has started and that is not over.
func RunningBattle(room RoomID) PartID { return PartID{Room: room, Kind: KindBattle} }

// EndedBattle names a battle that is over.
func EndedBattle(room RoomID, id BattleID) PartID { return PartID{room, KindBattle, string(id)} }

// InBattleOf names what a room has of the battle that it is in, or was in last.
func InBattleOf(room RoomID) PartID { return PartID{Room: room, Kind: KindInBattle} }

// End is when the time of the battle is up, or when it ended before, in Unix milliseconds.
func (b *Battle) End() int64 {
	if b.Ended != 0 {
		return b.Ended
	}
	return b.end()
}

func (b *Battle) end() int64 { return b.Started + b.Duration }

// room finds a room of the battle, nil when it is not in it.
func (b *Battle) room(id RoomID) *BattleRoom {
	if b.From.Room == id {
		return &b.From
	}
	if i := slices.IndexFunc(b.To, func(r BattleRoom) bool { return r.Room == id }); i >= 0 {
		return &b.To[i]
	}
	return nil
}

// copy returns a battle whose scores may be changed.
func (b *Battle) copy() *Battle {
	c := *b
	c.To = slices.Clone(b.To)
	return &c
}

// BattleResult says what became of one room that a call names. Spec: REST 7.1 and 7.2.
type BattleResult struct {
	Room RoomID
	Code int64
}

// The codes of [BattleResult]: the first three of create_battle, the others of set_battle_score.
const (
	BattleStarted   int64 = 0
	BattleElsewhere int64 = 3 // the room is in another battle
	BattleNoRoom    int64 = 5 // there is no such room
	ScoreSet        int64 = 0
	ScoreNoRoom     int64 = 1 // there is no such room in the battle
)

// BattleReply is what calls of battles answer.
type BattleReply struct {
	ID      BattleID `json:",omitempty"`
	Results []BattleResult
}

// BattleCreated reports a battle that was asked for. It starts without an answer of the other rooms.
type BattleCreated struct {
	Battle        Battle
	ExtensionInfo string
}

// BattleStart reports a battle that begins.
type BattleStart struct{ Battle Battle }

// BattleEnd reports a battle that is over, with its scores.
type BattleEnd struct {
	Battle Battle
	Cause  BattleCause
}

// BattleCause says why a battle ended. Spec: callbacks 6.12, OpType.
type BattleCause int64

// The documented causes that can happen here: a battle starts with its creation.
const (
	BattleTimeUp BattleCause = 0
	// BattleLeft: all owners left. Here, the room that started it was destroyed.
	BattleLeft BattleCause = 1
)

func (BattleCreated) change() {}
func (BattleStart) change()   {}
func (BattleEnd) change()     {}
