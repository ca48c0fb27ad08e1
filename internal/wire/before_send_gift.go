package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// beforeSendGift is Live.CallbackBeforeSendGift. Spec: callbacks 6.13; it has no EventTime.
func beforeSendGift(q live.GiftQuestion, by callback.Account) callback.BeforeSendGift {
	to := make(callback.Accounts, len(q.To))
	for i, a := range q.To {
		to[i] = callback.Account(a)
	}
	return callback.BeforeSendGift{
		CallbackCommand: callback.CommandBeforeSendGift,
		OperatorAccount: by,
		RoomID:          string(q.Room),
		GiftWater: callback.GiftWater{
			FromAccount: callback.Account(q.From),
			ToAccounts:  to,
			Time:        callback.Seconds(q.Time),
			GiftID:      q.Gift,
			Count:       q.Count,
			Coins:       q.Coins,
		},
	}
}
