package live

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// Limits of messages. None is documented for Live; they are chosen here, in bytes.
const (
	MaxText            = 8 << 10
	MaxCustomData      = 8 << 10
	MaxBusinessID      = 128
	MaxCloudCustomData = 4 << 10
	// MaxMessageElements is the most elements of one message, MaxElementType the longest MsgType.
	MaxMessageElements = 10
	MaxElementType     = 100
	// MaxMessageBody is for all elements together, as JSON: room for a text or custom message at its limits with every
	// character escaped.
	MaxMessageBody = 64 << 10
	// MaxRandom is the largest Random: it has 32 bits.
	MaxRandom = math.MaxUint32
)

// DroppedByBackend is the MsgDropReason of a message that the App backend had dropped. Spec: REST 5.1 names the field and
// one value of another kind.
const DroppedByBackend = "BeforeSendMsg"

// MessageElement is one entry of a MsgBody. Spec: callbacks 6.17.
type MessageElement struct {
	// Type is for instance TIMTextElem.
	Type string `json:"MsgType"`
	// Content is a JSON object, whose keys depend on the type.
	Content json.RawMessage `json:"MsgContent"`
}

// Message is what somebody says in a room.
type Message struct {
	From Account
	// Random is the sender's number, of 32 bits.
	Random int64
	// ID names the message, before it has a number too.
	ID              string
	Body            []MessageElement
	CloudCustomData string
}

// MessageSent reports a message.
type MessageSent struct {
	Message
	// Seq counts the messages of the room from 1; Time is in Unix seconds.
	Seq, Time int64
}

func (MessageSent) change()     {}
func (MessageSent) lane() Lanes { return MessagesLane }

// MessageReply is what the sender of a message is told. Spec: REST 5.1.
type MessageReply struct {
	// Time is in Unix seconds.
	Time int64
	// Seq is 0 for a message that was dropped: it is not counted.
	Seq int64 `json:",omitempty"`
	// DropReason is empty unless the message was dropped.
	DropReason string `json:",omitempty"`
}

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
	return send(s, c.Room, c.message(by), c.From, c.Ruling, now)
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
	return send(s, c.Room, c.message(by), c.From, c.Ruling, now)
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
	return send(s, c.Room, c.message(by), c.From, c.Ruling, now)
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

// CheckMessageBody refuses a MsgBody that cannot be sent.
func CheckMessageBody(body []MessageElement) error {
	if len(body) == 0 || len(body) > MaxMessageElements {
		return invalid("MsgBody has %d elements; 1 to %d are allowed", len(body), MaxMessageElements)
	}
	size := 0
	for i := range body {
		e := &body[i]
		field := fmt.Sprintf("MsgBody[%d]", i)
		if e.Type == "" {
			return invalid("%s.MsgType is empty; use one such as TIMTextElem", field)
		}
		if err := checkLength(field+".MsgType", e.Type, MaxElementType); err != nil {
			return err
		}
		if err := checkText(field+".MsgContent", string(e.Content)); err != nil {
			return err
		}
		if !bytes.HasPrefix(bytes.TrimLeft(e.Content, " \t\r\n"), []byte("{")) || !json.Valid(e.Content) {
			return invalid("%s.MsgContent is no JSON object", field)
		}
		size += len(e.Type) + len(e.Content)
	}
	if size > MaxMessageBody {
		return invalid("MsgBody has %d bytes; at most %d are allowed", size, MaxMessageBody)
	}
	return nil
}

// newMessage names a message by the call that sends it, which is the same when the App backend is asked and when it is told.
// A negative random is made of the name: the callback has one for every message.
func newMessage(from Account, by Actor, random int64, body []MessageElement, custom string) Message {
	if from == "" {
		from = by.Account
	}
	sum := sha256.Sum256([]byte(by.Cause))
	if random < 0 {
		random = int64(binary.BigEndian.Uint32(sum[16:]) | 1<<31) // always of ten digits
	}
	return Message{From: from, Random: random, ID: hex.EncodeToString(sum[:16]), Body: body, CloudCustomData: custom}
}

// send is the rule of all messages. A message that the App backend dropped is neither counted nor reported.
func send(s State, id RoomID, m Message, from Account, r *MessageRuling, now time.Time) (Outcome, error) {
	room := s.Room(id)
	if room == nil {
		return Outcome{}, noRoom(id)
	}
	if from != "" {
		if err := muted(s, room, from, now); err != nil {
			return Outcome{}, err
		}
	}
	if r != nil {
		if r.Drop {
			return Outcome{Room: room, Reply: Reply{Message: &MessageReply{Time: now.Unix(), DropReason: DroppedByBackend}}}, nil
		}
		m = r.over(m)
	}
	t := tally(s, id)
	t.Messages++
	sent := MessageSent{Message: m, Seq: t.Messages, Time: now.Unix()}
	return Outcome{
		Room:   room,
		Parts:  []PartChange{{ID: TallyOf(id), Part: t}},
		Events: []Event{{Room: id, Change: sent}},
		Reply:  Reply{Message: &MessageReply{Time: sent.Time, Seq: sent.Seq}},
	}, nil
}

// marshal encodes what cannot fail: strings, without escaping HTML.
func marshal(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
