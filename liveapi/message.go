package liveapi

import (
	"context"
	"encoding/json"
)

// SendTextMsgRequest is the body of send_text_msg. Spec: REST 5.1.
type SendTextMsgRequest struct {
	RoomID string `json:"RoomId"`
	// SenderAccount is who is shown as the author, who need not be in the room.
	SenderAccount string `json:"Sender_Account"`
	// TextContent has 1 to 8,192 bytes.
	TextContent string `json:"TextContent"`
	// ExtensionInfo is JSON text that goes with the message, at most 4,096 bytes; empty: none.
	ExtensionInfo string `json:"ExtensionInfo,omitempty"`
}

// SendCustomMsgRequest is the body of send_custom_msg. Spec: REST 5.2.
type SendCustomMsgRequest struct {
	RoomID string `json:"RoomId"`
	// SenderAccount is who is shown as the author; empty: the App administrator who calls.
	SenderAccount string `json:"Sender_Account,omitempty"`
	// BusinessID tells kinds of messages apart, in 1 to 128 bytes.
	BusinessID string `json:"BusinessId"`
	// Data has 1 to 8,192 bytes.
	Data string `json:"Data"`
}

// SendMsgResponse is the payload of send_text_msg and send_custom_msg. Spec: REST 5.1.
type SendMsgResponse struct {
	// MsgTime is in Unix seconds.
	MsgTime int64 `json:"MsgTime"`
	// MsgSeq counts the messages of the room from 1; 0 for a message that was dropped.
	MsgSeq int64 `json:"MsgSeq"`
	// MsgDropReason is BeforeSendMsg when the App backend had the message dropped, else empty.
	MsgDropReason string `json:"MsgDropReason,omitempty"`
}

// SendTextMsg sends a text message. [CodeMemberMuted] when the author may not speak; [CodeMessageRefused], or a code for which
// [Code.Chosen] is true, when the App backend was asked and refused it. Sent twice it is two messages: a caller who repeats it
// needs an idempotency key.
func (c *Client) SendTextMsg(ctx context.Context, request SendTextMsgRequest) (SendMsgResponse, error) {
	var answer SendMsgResponse
	err := c.call(ctx, ServiceLive, "send_text_msg", request, &answer)
	return answer, err
}

// SendCustomMsg sends a message of the App's own kind; its errors are those of [Client.SendTextMsg].
func (c *Client) SendCustomMsg(ctx context.Context, request SendCustomMsgRequest) (SendMsgResponse, error) {
	var answer SendMsgResponse
	err := c.call(ctx, ServiceLive, "send_custom_msg", request, &answer)
	return answer, err
}

// MessageElement is an entry of a MsgBody.
type MessageElement struct {
	// MsgType is for instance TIMTextElem, at most 100 bytes.
	MsgType string `json:"MsgType"`
	// MsgContent is a JSON object whose keys depend on MsgType, for instance {"Text":"hello"}.
	MsgContent json.RawMessage `json:"MsgContent"`
}

// SendGroupMsgRequest is the body of send_group_msg, of the neighbour service [ServiceGroup], for which a room is a group.
type SendGroupMsgRequest struct {
	// GroupID is the RoomId.
	GroupID string `json:"GroupId"`
	// FromAccount is who is shown as the author; empty: the App administrator who calls.
	FromAccount string `json:"From_Account,omitempty"`
	// Random is a number of 32 bits that the callback repeats.
	Random uint32 `json:"Random"`
	// MsgBody has 1 to 10 elements, of 64 KiB together.
	MsgBody []MessageElement `json:"MsgBody"`
	// CloudCustomData goes with the message, at most 4,096 bytes.
	CloudCustomData string `json:"CloudCustomData,omitempty"`
}

// SendGroupMsgResponse is what send_group_msg answers, beside the envelope and not in its Response.
type SendGroupMsgResponse SendMsgResponse

func (*SendGroupMsgResponse) besideEnvelope() {}

// SendGroupMsg sends a message of any elements; its errors are those of [Client.SendTextMsg].
func (c *Client) SendGroupMsg(ctx context.Context, request SendGroupMsgRequest) (SendMsgResponse, error) {
	var answer SendGroupMsgResponse
	err := c.call(ctx, ServiceGroup, "send_group_msg", request, &answer)
	return SendMsgResponse(answer), err
}
