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

// speech is a message on its way into a room, with what the rules look at.
type speech struct {
	room    RoomID
	from    Account // empty: the App itself
	message Message
	ruling  *MessageRuling
}

// send is the rule of all messages. A message that the App backend dropped is neither counted nor reported.
func (c speech) send(s State, now time.Time) (Outcome, error) {
	room := s.Room(c.room)
	if room == nil {
		return Outcome{}, noRoom(c.room)
	}
	if c.from != "" {
		if err := muted(s, room, c.from, now); err != nil {
			return Outcome{}, err
		}
	}
	m := c.message
	if c.ruling != nil {
		if c.ruling.Drop {
			return Outcome{Room: room, Reply: Reply{Message: &MessageReply{Time: now.Unix(), DropReason: DroppedByBackend}}}, nil
		}
		m = c.ruling.over(m)
	}
	t := tally(s, c.room)
	t.Messages++
	sent := MessageSent{Message: m, Seq: t.Messages, Time: now.Unix()}
	return Outcome{
		Room:   room,
		Parts:  []PartChange{{ID: TallyOf(c.room), Part: t}},
		Events: []Event{{Room: c.room, Change: sent}},
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
