package wire

import (
	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// afterSendMessage is Group.CallbackAfterSendMsg. Spec: callbacks 6.18. EventTime is an integer, as the table has it and
// every other callback; the sample quotes it.
func afterSendMessage(room live.RoomID, c live.MessageSent, by callback.Account, at callback.Millis) callback.AfterSendMessage {
	return callback.AfterSendMessage{
		CallbackCommand: callback.CommandAfterSendMessage,
		GroupID:         string(room),
		Type:            live.RoomType,
		FromAccount:     callback.Account(c.From),
		OperatorAccount: by,
		Random:          c.Random,
		MsgID:           c.ID,
		MsgSeq:          c.Seq,
		MsgTime:         callback.Seconds(c.Time),
		MsgBody:         elements(c.Body),
		CloudCustomData: c.CloudCustomData,
		EventTime:       at,
	}
}

func elements(body []live.MessageElement) []callback.MessageElement {
	list := make([]callback.MessageElement, len(body))
	for i, e := range body {
		list[i] = callback.MessageElement{MsgType: e.Type, MsgContent: e.Content}
	}
	return list
}
