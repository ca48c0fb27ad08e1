package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// modifyAdmin is Live.CallbackAfterModifyAdmin. Spec: the seed page; callbacks 7.
func modifyAdmin(room live.RoomID, c live.AdministratorsModified, by callback.Account, at callback.Millis) callback.ModifyAdmin {
	accounts := make(callback.Accounts, len(c.Accounts))
	for i, a := range c.Accounts {
		accounts[i] = callback.Account(a)
	}
	return callback.ModifyAdmin{
		CallbackCommand: callback.CommandAfterModifyAdmin,
		RoomID:          string(room),
		EventTime:       at,
		OperatorAccount: by,
		AdminAccounts:   accounts,
		OpType:          string(c.Op),
	}
}
