package rest

import (
	"encoding/json"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// Spec: REST 5.1.
func sendTextFields(c *live.SendText) []field {
	return []field{
		roomID(&c.Room),
		account("Sender_Account", &c.From).must(),
		text("TextContent", live.MaxText, &c.Text).must(),
		text("ExtensionInfo", live.MaxCloudCustomData, &c.Extension),
	}
}

// Spec: REST 5.2; the sender may be absent.
func sendCustomFields(c *live.SendCustom) []field {
	return []field{
		roomID(&c.Room),
		account("Sender_Account", &c.From),
		text("BusinessId", live.MaxBusinessID, &c.BusinessID).must(),
		text("Data", live.MaxCustomData, &c.Data).must(),
	}
}

// Spec: accounts and clients 2. Random may be absent.
func sendGroupMessageFields(c *live.SendGroupMessage) []field {
	return []field{
		text("GroupId", live.MaxRoomID, &c.Room).must(),
		account("From_Account", &c.From),
		integer("Random", 0, live.MaxRandom, &c.Random),
		objects("MsgBody", live.MaxMessageElements, &c.Body, elementFields).must(),
		text("CloudCustomData", live.MaxCloudCustomData, &c.CloudCustomData),
	}
}

// elementFields take one entry of a MsgBody; what its content holds is between the sender and the readers of the message.
func elementFields(e *live.MessageElement) []field {
	return []field{
		text("MsgType", live.MaxElementType, &e.Type).must(),
		rawObject("MsgContent", &e.Content).must(),
	}
}

// rawObject takes an object as it is.
func rawObject(name string, to *json.RawMessage) field {
	return field{name: name, takes: anObject, read: func(path string, raw json.RawMessage) error {
		if raw[0] != '{' {
			return wrongType(path, raw, anObject)
		}
		*to = raw
		return nil
	}}
}

func messageAnswer(out live.Outcome) liveapi.SendMsgResponse {
	if m := out.Reply.Message; m != nil {
		return liveapi.SendMsgResponse{MsgTime: m.Time, MsgSeq: m.Seq, MsgDropReason: m.DropReason}
	}
	return liveapi.SendMsgResponse{}
}

func sendTextAnswer(_ *Handler, _ *request, _ live.SendText, out live.Outcome) any {
	return messageAnswer(out)
}

func sendCustomAnswer(_ *Handler, _ *request, _ live.SendCustom, out live.Outcome) any {
	return messageAnswer(out)
}

func sendGroupMessageAnswer(_ *Handler, _ *request, _ live.SendGroupMessage, out live.Outcome) any {
	return beside{top: messageAnswer(out)}
}
