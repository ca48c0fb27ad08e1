package callback

import "encoding/json"

// MessageElement is an entry of a MsgBody.
type MessageElement struct {
	// MsgType is for instance TIMTextElem or TIMCustomElem.
	MsgType string `json:"MsgType"`
	// MsgContent is a JSON object whose keys depend on MsgType, for instance {"Text":"hello"}.
	MsgContent json.RawMessage `json:"MsgContent"`
}

// BeforeSendMessage is the body of Group.CallbackBeforeSendMsg, a question: may this message be sent? The sender waits for the
// answer, 2 s at most, and sends the message when there is none. Spec: callbacks, section 6.17.
type BeforeSendMessage struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// GroupID is the RoomId.
	GroupID string `json:"GroupId"`
	// Type is Live.
	Type string `json:"Type"`
	// FromAccount is who is shown as the author.
	FromAccount Account `json:"From_Account"`
	// OperatorAccount is who sent it: the author, or the App administrator of a REST call.
	OperatorAccount Account `json:"Operator_Account"`
	// Random is the sender's number, of 32 bits.
	Random int64 `json:"Random"`
	// MsgID is that of the AfterSendMessage which follows, if the message is sent.
	MsgID           string           `json:"MsgId"`
	MsgBody         []MessageElement `json:"MsgBody"`
	CloudCustomData string           `json:"CloudCustomData"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// AfterSendMessage is the body of Group.CallbackAfterSendMsg: a message was sent. Spec: callbacks, section 6.18.
type AfterSendMessage struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// GroupID is the RoomId.
	GroupID string `json:"GroupId"`
	// Type is Live.
	Type string `json:"Type"`
	// FromAccount is who is shown as the author.
	FromAccount Account `json:"From_Account"`
	// OperatorAccount is who sent it: the author, or the App administrator of a REST call.
	OperatorAccount Account `json:"Operator_Account"`
	// Random is the sender's number, of 32 bits.
	Random int64 `json:"Random"`
	// MsgID names the message.
	MsgID string `json:"MsgId"`
	// MsgSeq counts the messages of the room from 1.
	MsgSeq int64 `json:"MsgSeq"`
	// MsgTime is in seconds.
	MsgTime Seconds `json:"MsgTime"`
	// MsgBody and CloudCustomData are as they were sent, after what BeforeSendMessage was answered.
	MsgBody         []MessageElement `json:"MsgBody"`
	CloudCustomData string           `json:"CloudCustomData"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
}

// MessageAnswer is what becomes of a message that the App backend was asked about. The zero value sends it as it is.
type MessageAnswer struct {
	// Drop: the author is told that it was sent, and it is not.
	Drop bool
	// MsgBody replaces that of the message, unless it is nil: 1 to 10 elements, of 64 KiB together as JSON.
	MsgBody []MessageElement
	// CloudCustomData replaces that of the message, unless it is nil; at most 4 KiB.
	CloudCustomData *string
}

// codeDrop is the documented ErrorCode of a message that is dropped.
const codeDrop = 2

// replaced is the envelope of a MessageAnswer.
type replaced struct {
	Answer
	MsgBody         []MessageElement `json:"MsgBody,omitempty"`
	CloudCustomData *string          `json:"CloudCustomData,omitempty"`
}

// in returns the answer that is sent: a says how the function ended.
func (m *MessageAnswer) in(a Answer) replaced {
	switch {
	case a.ErrorCode != 0:
		return replaced{Answer: a}
	case m.Drop:
		a.ErrorCode = codeDrop
		return replaced{Answer: a}
	}
	return replaced{a, m.MsgBody, m.CloudCustomData}
}
