package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// setMetadata is Live.CallbackAfterSetMetadata. Spec: callbacks 6.4.
func setMetadata(room live.RoomID, c live.MetadataSet, by callback.Account, at callback.Millis) callback.SetMetadata {
	entries := make(callback.Metadata, len(c.Entries))
	for i, e := range c.Entries {
		entries[i] = callback.MetadataEntry{Key: e.Key, Value: e.Value}
	}
	return callback.SetMetadata{
		CallbackCommand: callback.CommandAfterSetMetadata,
		OperatorAccount: by,
		RoomID:          string(room),
		Metadata:        entries,
		EventTime:       at,
	}
}
