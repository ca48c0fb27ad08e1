package wire

import (
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// createBattle is Live.CallbackAfterCreateBattle. Spec: callbacks 6.10. Nobody is waited for, so there is no Timeout.
func createBattle(c live.BattleCreated, by callback.Account, at callback.Millis) callback.CreateBattle {
	b := &c.Battle
	packet := callback.CreateBattle{
		CallbackCommand: callback.CommandAfterCreateBattle,
		OperatorAccount: by,
		BattleID:        string(b.ID),
		FromRoomID:      string(b.From.Room),
		ToRoomIDList:    make([]string, len(b.To)),
		Duration:        b.Duration,
		ExtensionInfo:   c.ExtensionInfo,
		EventTime:       at,
	}
	for i := range b.To {
		packet.ToRoomIDList[i] = string(b.To[i].Room)
	}
	return packet
}

// startBattle is Live.CallbackAfterStartBattle. Spec: callbacks 6.11; it has no operator.
func startBattle(c live.BattleStart, at callback.Millis) callback.StartBattle {
	b := &c.Battle
	packet := callback.StartBattle{
		CallbackCommand: callback.CommandAfterStartBattle,
		BattleID:        string(b.ID),
		Duration:        b.Duration,
		CreateTime:      seconds(b.Started),
		StartTime:       seconds(b.Started),
		FromRoomInfo:    battleRoom(b.From),
		ToRoomList:      make([]callback.BattleRoom, len(b.To)),
		EventTime:       at,
	}
	for i, r := range b.To {
		packet.ToRoomList[i] = battleRoom(r)
	}
	return packet
}

// endBattle is Live.CallbackAfterEndBattle. Spec: callbacks 6.12; it has no operator.
func endBattle(c live.BattleEnd, at callback.Millis) callback.EndBattle {
	b := &c.Battle
	packet := callback.EndBattle{
		CallbackCommand: callback.CommandAfterEndBattle,
		BattleID:        string(b.ID),
		Duration:        b.Duration,
		CreateTime:      seconds(b.Started),
		StartTime:       seconds(b.Started),
		EndTime:         seconds(b.End()),
		OpType:          int64(c.Cause),
		FromRoomInfo:    scoredRoom(b.From),
		ToRoomList:      make([]callback.ScoredRoom, len(b.To)),
		EventTime:       at,
	}
	for i, r := range b.To {
		packet.ToRoomList[i] = scoredRoom(r)
	}
	return packet
}

func battleRoom(r live.BattleRoom) callback.BattleRoom {
	return callback.BattleRoom{RoomID: string(r.Room), OwnerAccount: callback.Account(r.Owner)}
}

func scoredRoom(r live.BattleRoom) callback.ScoredRoom {
	return callback.ScoredRoom{RoomID: string(r.Room), Score: r.Score, OwnerAccount: callback.Account(r.Owner)}
}

// seconds makes Unix seconds of Unix milliseconds.
func seconds(millis int64) callback.Seconds {
	return callback.Seconds(millis / time.Second.Milliseconds())
}
