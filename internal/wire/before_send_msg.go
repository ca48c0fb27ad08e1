package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// beforeSendMessage is Group.CallbackBeforeSendMsg. Spec: callbacks 6.17.
func beforeSendMessage(q live.MessageQuestion, by callback.Account) callback.BeforeSendMessage {
	return callback.BeforeSendMessage{
		CallbackCommand: callback.CommandBeforeSendMessage,
		GroupID:         string(q.Room),
		Type:            live.RoomType,
		FromAccount:     callback.Account(q.From),
		OperatorAccount: by,
		Random:          q.Random,
		MsgID:           q.ID,
		MsgBody:         elements(q.Body),
		CloudCustomData: q.CloudCustomData,
		EventTime:       callback.Millis(q.Time),
	}
}
