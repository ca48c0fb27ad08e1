package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// Command returns the documented command word of a change.
func Command(c live.Change) string { return string(command(c)) }

func command(c live.Change) callback.Command {
	switch c.(type) {
	case live.RoomCreated:
		return callback.CommandAfterCreateRoom
	case live.RoomDestroyed:
		return callback.CommandAfterDestroyRoom
	case live.RoomUpdated:
		return callback.CommandAfterUpdateRoomInfo
	case live.OwnerChanged:
		return callback.CommandAfterChangeOwner
	case live.AdministratorsModified:
		return callback.CommandAfterModifyAdmin
	case live.MembersChanged:
		return callback.CommandAfterMemberStateChanged
	case live.MetadataSet:
		return callback.CommandAfterSetMetadata
	case live.MetadataDeleted:
		return callback.CommandAfterDelMetadata
	case live.SeatsChanged:
		return callback.CommandAfterSeatInfoChanged
	case live.BattleCreated:
		return callback.CommandAfterCreateBattle
	case live.BattleStart:
		return callback.CommandAfterStartBattle
	case live.BattleEnd:
		return callback.CommandAfterEndBattle
	case live.MessageSent:
		return callback.CommandAfterSendMessage
	case live.QuotaReached:
		return callback.CommandAfterReachingThreshold
	}
	panic(fmt.Sprintf("wire: %T has no command", c))
}

// Rebuilds tells whether a change is logged though nobody subscribed to it: whoever follows the log can make the rooms of it.
func Rebuilds(c live.Change) bool {
	switch c.(type) {
	case live.RoomCreated, live.RoomDestroyed, live.RoomUpdated, live.OwnerChanged, live.AdministratorsModified:
		return true
	}
	return false
}

// Commands lists the command words that can be sent.
func Commands() []string {
	var words []string
	for _, c := range []live.Change{
		live.AdministratorsModified{}, live.OwnerChanged{}, live.RoomCreated{}, live.RoomDestroyed{}, live.RoomUpdated{},
		live.MembersChanged{},
		live.MetadataSet{}, live.MetadataDeleted{},
		live.SeatsChanged{}, live.BattleCreated{}, live.BattleStart{}, live.BattleEnd{},
		live.MessageSent{},
		live.QuotaReached{},
	} {
		words = append(words, Command(c))
	}
	return words
}

// Body encodes the callback of an event. operator is who did it; eventTime is in milliseconds.
func Body(e *live.Event, operator live.Account, eventTime int64) ([]byte, error) {
	by, at := callback.Account(operator), callback.Millis(eventTime)
	switch c := e.Change.(type) {
	case live.RoomCreated:
		return encode(createRoom(c, by, at))
	case live.RoomDestroyed:
		return encode(destroyRoom(c, by, at))
	case live.RoomUpdated:
		return encode(updateRoom(c, by, at))
	case live.OwnerChanged:
		return encode(changeOwner(e.Room, c, by, at))
	case live.AdministratorsModified:
		return encode(modifyAdmin(e.Room, c, by, at))
	case live.MembersChanged:
		return encode(memberState(e.Room, c, at))
	case live.MetadataSet:
		return encode(setMetadata(e.Room, c, by, at))
	case live.MetadataDeleted:
		return encode(delMetadata(e.Room, c, by, at))
	case live.SeatsChanged:
		return encode(seatInfo(e.Room, c, at))
	case live.BattleCreated:
		return encode(createBattle(c, by, at))
	case live.BattleStart:
		return encode(startBattle(c, at))
	case live.BattleEnd:
		return encode(endBattle(c, at))
	case live.MessageSent:
		return encode(afterSendMessage(e.Room, c, by, at))
	case live.QuotaReached:
		return encode(roomThreshold(c, by, at))
	}
	panic(fmt.Sprintf("wire: %T has no body", e.Change))
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// encode writes compact JSON without HTML escaping and without the line end that an Encoder appends.
func encode(packet any) ([]byte, error) {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(packet); err != nil {
		return nil, err
	}
	return bytes.Clone(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}
