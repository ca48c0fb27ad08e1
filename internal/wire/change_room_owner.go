package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// changeOwner is Live.CallbackAfterChangeOwner. Spec: callbacks 6.8.
func changeOwner(room live.RoomID, c live.OwnerChanged, by callback.Account, at callback.Millis) callback.ChangeOwner {
	return callback.ChangeOwner{
		CallbackCommand:      callback.CommandAfterChangeOwner,
		RoomID:               string(room),
		EventTime:            at,
		OperatorAccount:      by,
		CurrentOwnerAccount:  callback.Account(c.Current),
		OriginalOwnerAccount: callback.Account(c.Original),
	}
}
