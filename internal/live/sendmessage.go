package live

import (
	"encoding/json"
	"time"
)

// SendText sends a text message. Spec: send_text_msg.
type SendText struct {
	Room RoomID
	// From is who is shown as its author.
	From Account
	Text string
	// Extension is JSON text that goes with the message, or empty.
	Extension string
	// Ruling is what the App backend made of the message, nil when it was not asked. It is no part of what the caller says, so an
	// idempotency key does not see it.
	Ruling *MessageRuling `json:"-"`
}

// Name implements [Command].
func (SendText) Name() string { return "send_text_msg" }

// Names implements [RoomCommand].
func (c SendText) Names() Names { return messageNames(c.Room, c.From) }

// Check implements [RoomCommand].
func (c SendText) Check() error {
	if err := checkSpeaker(c.Room, "RoomId", c.From, "Sender_Account"); err != nil {
		return err
	}
	if c.From == "" {
		return c.From.Check("Sender_Account")
	}
	if c.Text == "" {
		return invalid("TextContent is empty; it takes 1 to %d bytes", MaxText)
	}
	if err := checkLength("TextContent", c.Text, MaxText); err != nil {
		return err
	}
	if err := checkLength("ExtensionInfo", c.Extension, MaxCloudCustomData); err != nil {
		return err
	}
	if c.Extension != "" && !json.Valid([]byte(c.Extension)) {
		return invalid("ExtensionInfo is not JSON; it is a string that holds JSON text, for instance {\"data\":1}")
	}
	return nil
}

// Apply implements [RoomCommand]; [MemberMuted] when the sender may not speak.
func (c SendText) Apply(s State, by Actor, now time.Time) (Outcome, error) {
	return speech{c.Room, c.From, c.message(by), c.Ruling}.send(s, now)
}

func (c SendText) message(by Actor) Message {
	content := struct{ Text string }{c.Text}
	return newMessage(c.From, by, -1, []MessageElement{{"TIMTextElem", marshal(content)}}, c.Extension)
}

// SendCustom sends a message of the App's own kind. Spec: send_custom_msg.
type SendCustom struct {
	Room RoomID
	// From is who is shown as its author; empty: the caller, who speaks for the App and cannot be muted.
	From       Account
	BusinessID string
	Data       string
	// Ruling is as in [SendText].
	Ruling *MessageRuling `json:"-"`
}

// Name implements [Command].
func (SendCustom) Name() string { return "send_custom_msg" }

// Names implements [RoomCommand].
func (c SendCustom) Names() Names { return messageNames(c.Room, c.From) }

// Check implements [RoomCommand].
func (c SendCustom) Check() error {
	if err := checkSpeaker(c.Room, "RoomId", c.From, "Sender_Account"); err != nil {
		return err
	}
	for _, f := range []struct {
		field, text string
		limit       int
	}{{"BusinessId", c.BusinessID, MaxBusinessID}, {"Data", c.Data, MaxCustomData}} {
		if f.text == "" {
			return invalid("%s is empty; it takes 1 to %d bytes", f.field, f.limit)
		}
		if err := checkLength(f.field, f.text, f.limit); err != nil {
			return err
		}
	}
	return nil
}

// Apply implements [RoomCommand]; [MemberMuted] when the sender may not speak.
func (c SendCustom) Apply(s State, by Actor, now time.Time) (Outcome, error) {
	return speech{c.Room, c.From, c.message(by), c.Ruling}.send(s, now)
}

func (c SendCustom) message(by Actor) Message {
	data := struct {
		BusinessID string `json:"BusinessId"`
		Data       string
	}{c.BusinessID, c.Data}
	content := struct{ Data string }{string(marshal(data))}
	return newMessage(c.From, by, -1, []MessageElement{{"TIMCustomElem", marshal(content)}}, "")
}

// SendGroupMessage sends a message as it is. Spec: accounts and clients 2, send_group_msg of the neighbour service, where a
// room is a group.
type SendGroupMessage struct {
	Room RoomID
	// From is as in [SendCustom].
	From Account
	// Random is the sender's number.
	Random          int64
	Body            []MessageElement
	CloudCustomData string
	// Ruling is as in [SendText].
	Ruling *MessageRuling `json:"-"`
}

// Name implements [Command].
func (SendGroupMessage) Name() string { return "send_group_msg" }

// Names implements [RoomCommand].
func (c SendGroupMessage) Names() Names { return messageNames(c.Room, c.From) }

// Check implements [RoomCommand].
func (c SendGroupMessage) Check() error {
	if err := checkSpeaker(c.Room, "GroupId", c.From, "From_Account"); err != nil {
		return err
	}
	if c.Random < 0 || c.Random > MaxRandom {
		return invalid("Random is %d; 0 to %d are allowed", c.Random, int64(MaxRandom))
	}
	if err := CheckMessageBody(c.Body); err != nil {
		return err
	}
	return checkLength("CloudCustomData", c.CloudCustomData, MaxCloudCustomData)
}

// Apply implements [RoomCommand]; [MemberMuted] when the sender may not speak.
func (c SendGroupMessage) Apply(s State, by Actor, now time.Time) (Outcome, error) {
	return speech{c.Room, c.From, c.message(by), c.Ruling}.send(s, now)
}

func (c SendGroupMessage) message(by Actor) Message {
	return newMessage(c.From, by, c.Random, c.Body, c.CloudCustomData)
}

func messageNames(room RoomID, from Account) Names {
	n := Names{Room: room, Parts: []PartID{TallyOf(room)}, Lanes: MessagesLane}
	if from != "" {
		n.Parts = append(n.Parts, MuteOf(room, from))
	}
	return n
}

func checkSpeaker(room RoomID, roomField string, from Account, fromField string) error {
	if err := room.checkAs(roomField); err != nil {
		return err
	}
	if from == "" {
		return nil
	}
	return from.Check(fromField)
}

// Topic implements [Asked].
func (SendText) Topic() Topic { return TopicMessage }

// Topic implements [Asked].
func (SendCustom) Topic() Topic { return TopicMessage }

// Topic implements [Asked].
func (SendGroupMessage) Topic() Topic { return TopicMessage }

func messageQuestion(room RoomID, m Message, now time.Time) Question {
	return MessageQuestion{Room: room, Message: m, Time: now.UnixMilli()}
}

// Question implements [Asked].
func (c SendText) Question(_ State, by Actor, now time.Time) Question {
	return messageQuestion(c.Room, c.message(by), now)
}

// Question implements [Asked].
func (c SendCustom) Question(_ State, by Actor, now time.Time) Question {
	return messageQuestion(c.Room, c.message(by), now)
}

// Question implements [Asked].
func (c SendGroupMessage) Question(_ State, by Actor, now time.Time) Question {
	return messageQuestion(c.Room, c.message(by), now)
}

// Ruled implements [Asked].
func (c SendText) Ruled(r Ruling) (_ RoomCommand, err error) {
	c.Ruling, err = r.Message()
	return c, err
}

// Ruled implements [Asked].
func (c SendCustom) Ruled(r Ruling) (_ RoomCommand, err error) {
	c.Ruling, err = r.Message()
	return c, err
}

// Ruled implements [Asked].
func (c SendGroupMessage) Ruled(r Ruling) (_ RoomCommand, err error) {
	c.Ruling, err = r.Message()
	return c, err
}
