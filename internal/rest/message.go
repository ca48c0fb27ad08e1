package rest

import (
	"encoding/json"
	"fmt"

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
		messageBody(&c.Body).must(),
		text("CloudCustomData", live.MaxCloudCustomData, &c.CloudCustomData),
	}
}

// messageBody takes the elements of a message; what their content holds is between its sender and its readers.
func messageBody(to *[]live.MessageElement) field {
	return field{name: "MsgBody", takes: objectsOf, entries: live.MaxMessageElements, read: func(path string, raw json.RawMessage) error {
		if raw[0] != '[' {
			return wrongType(path, raw, objectsOf)
		}
		list := []live.MessageElement{}
		err := eachEntry(raw, func(_, value []byte) error {
			if len(list) == live.MaxMessageElements {
				return live.Refuse(live.InvalidParameter, "%s has more than %d entries; at most %d are allowed", path, live.MaxMessageElements, live.MaxMessageElements)
			}
			e, err := messageElement(fmt.Sprintf("%s[%d]", path, len(list)), value)
			list = append(list, e)
			return err
		})
		*to = list
		return err
	}}
}

func messageElement(path string, raw json.RawMessage) (e live.MessageElement, err error) {
	if raw[0] != '{' {
		return e, wrongType(path, raw, anObject)
	}
	content := field{name: "MsgContent", takes: anObject, read: func(path string, raw json.RawMessage) error {
		if raw[0] != '{' {
			return wrongType(path, raw, anObject)
		}
		e.Content = raw
		return nil
	}}
	err = readFields(path+".", raw, []field{text("MsgType", live.MaxElementType, &e.Type).must(), content.must()})
	return e, err
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
