package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// delMetadata is Live.CallbackAfterDelMetadata. Spec: callbacks 6.5.
func delMetadata(room live.RoomID, c live.MetadataDeleted, by callback.Account, at callback.Millis) callback.DelMetadata {
	return callback.DelMetadata{
		CallbackCommand: callback.CommandAfterDelMetadata,
		OperatorAccount: by,
		RoomID:          string(room),
		Keys:            c.Keys,
		EventTime:       at,
	}
}
