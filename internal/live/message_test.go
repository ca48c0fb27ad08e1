package live_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/live"
)

// stateOf is a state with a room and parts.
type stateOf struct {
	room  *live.Room
	parts map[live.PartID]live.Part
}

func (stateOf) App() *live.App                { return &live.App{} }
func (stateOf) Rooms() int64                  { return 0 }
func (w stateOf) Room(live.RoomID) *live.Room { return w.room }
func (w stateOf) Part(id live.PartID) live.Part {
	return w.parts[id]
}

func hello(from live.Account) live.SendText {
	return live.SendText{Room: r1, From: from, Text: "hello"}
}

func sentBy(t *testing.T, out live.Outcome) live.MessageSent {
	t.Helper()
	if len(out.Events) != 1 {
		t.Fatalf("%d events, want 1", len(out.Events))
	}
	sent, ok := out.Events[0].Change.(live.MessageSent)
	if !ok {
		t.Fatalf("event %T, want a message", out.Events[0].Change)
	}
	return sent
}

func TestMessagesBecomeWhatTheDocumentsSay(t *testing.T) {
	face := []live.MessageElement{{Type: "TIMFaceElem", Content: json.RawMessage(`{"Index":6}`)}}
	for _, tt := range []struct {
		name string
		cmd  live.RoomCommand
		want live.Message
	}{
		{"text", live.SendText{Room: r1, From: "user1", Text: "<msg>", Extension: `{"data":1}`}, live.Message{
			From: "user1", CloudCustomData: `{"data":1}`,
			Body: []live.MessageElement{{Type: "TIMTextElem", Content: json.RawMessage(`{"Text":"<msg>"}`)}},
		}},
		{"custom", live.SendCustom{Room: r1, BusinessID: "kind", Data: `"a"`}, live.Message{
			From: "caller",
			Body: []live.MessageElement{{Type: "TIMCustomElem", Content: json.RawMessage(`{"Data":"{\"BusinessId\":\"kind\",\"Data\":\"\\\"a\\\"\"}"}`)}},
		}},
		{"group", live.SendGroupMessage{Room: r1, From: "user1", Random: 7, Body: face, CloudCustomData: "d"}, live.Message{
			From: "user1", Random: 7, Body: face, CloudCustomData: "d",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := must(t, roomOf(), tt.cmd)
			got := sentBy(t, out)
			if got.ID == "" || tt.want.Random == 0 && got.Random == 0 {
				t.Errorf("id %q and random %d, want both made of the call", got.ID, got.Random)
			}
			question := tt.cmd.(live.Asked).Question(nil, byREST, noon).(live.MessageQuestion)
			if diff := cmp.Diff(question.Message, got.Message); diff != "" {
				t.Errorf("message (-asked +told):\n%s", diff)
			}
			got.ID = ""
			if tt.want.Random == 0 {
				got.Random = 0
			}
			same(t, "message", got, live.MessageSent{Message: tt.want, Seq: 1, Time: noon.Unix()})
			same(t, "reply", out.Reply, live.Reply{Message: &live.MessageReply{Time: noon.Unix(), Seq: 1}})
			same(t, "lane", live.LaneOf(got), live.MessagesLane)
		})
	}
}

func TestMessagesOfARoomAreCounted(t *testing.T) {
	w := stateOf{roomOf(), map[live.PartID]live.Part{live.TallyOf(r1): &live.Tally{Messages: 24, Members: 3}}}
	out, err := hello("user1").Apply(w, byREST, noon)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "number", sentBy(t, out).Seq, int64(25))
	same(t, "parts", out.Parts, []live.PartChange{{ID: live.TallyOf(r1), Part: &live.Tally{Messages: 25, Members: 3}}})
	if out.Room != w.room {
		t.Error("a message changes the row of its room")
	}
}

func TestWhoMaySpeak(t *testing.T) {
	quiet := roomOf("admin1")
	quiet.IsMessageDisabled = true
	until := func(at time.Time) map[live.PartID]live.Part {
		return map[live.PartID]live.Part{live.MuteOf(r1, "user1"): &live.Mute{Until: at.Unix()}}
	}
	for _, tt := range []struct {
		name  string
		state stateOf
		from  live.Account
		may   bool
	}{
		{"anybody", stateOf{roomOf(), nil}, "user1", true},
		{"not who is muted", stateOf{roomOf(), until(noon.Add(time.Second))}, "user1", false},
		{"who was muted until now", stateOf{roomOf(), until(noon)}, "user1", true},
		{"others than who is muted", stateOf{roomOf(), until(noon.Add(time.Hour))}, "user2", true},
		{"nobody in a muted room", stateOf{quiet, nil}, "user1", false},
		{"the owner in a muted room", stateOf{quiet, nil}, "owner", true},
		{"administrators in a muted room", stateOf{quiet, nil}, "admin1", true},
		{"the App itself in a muted room", stateOf{quiet, nil}, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range []live.RoomCommand{
				live.SendCustom{Room: r1, From: tt.from, BusinessID: "b", Data: "d"},
				live.SendGroupMessage{Room: r1, From: tt.from, Body: []live.MessageElement{{Type: "t", Content: json.RawMessage(`{}`)}}},
				hello(tt.from),
			} {
				_, err := c.Apply(tt.state, byREST, noon)
				switch {
				case !tt.may:
					refused(t, err, live.MemberMuted, "send messages")
				case err != nil:
					t.Errorf("%s: %v", c.Name(), err)
				}
			}
		})
	}
	_, err := run(t, nil, hello("user1"))
	refused(t, err, live.RoomNotFound, "r1")
}

func TestMessagesOverTheirLimitsAreRefused(t *testing.T) {
	element := live.MessageElement{Type: "t", Content: json.RawMessage(`{}`)}
	group := func(change func(*live.SendGroupMessage)) live.SendGroupMessage {
		c := live.SendGroupMessage{Room: r1, Body: []live.MessageElement{element}}
		change(&c)
		return c
	}
	content := func(text string) live.SendGroupMessage {
		return group(func(c *live.SendGroupMessage) {
			c.Body = []live.MessageElement{{Type: "t", Content: json.RawMessage(text)}}
		})
	}
	long := func(n int) string { return strings.Repeat("a", n) }
	for _, tt := range []struct {
		name string
		cmd  live.RoomCommand
		says string
	}{
		{"no text", live.SendText{Room: r1, From: "a"}, "TextContent"},
		{"text", live.SendText{Room: r1, From: "a", Text: long(live.MaxText + 1)}, "TextContent"},
		{"text with NUL", live.SendText{Room: r1, From: "a", Text: "a\x00"}, "TextContent"},
		{"extension", live.SendText{Room: r1, From: "a", Text: "a", Extension: `"` + long(live.MaxCloudCustomData) + `"`}, "ExtensionInfo"},
		{"extension that is no JSON", live.SendText{Room: r1, From: "a", Text: "a", Extension: "a"}, "ExtensionInfo"},
		{"no sender", live.SendText{Room: r1, Text: "a"}, "Sender_Account"},
		{"sender", live.SendText{Room: r1, Text: "a", From: live.Account(long(33))}, "Sender_Account"},
		{"no business id", live.SendCustom{Room: r1, Data: "a"}, "BusinessId"},
		{"business id", live.SendCustom{Room: r1, Data: "a", BusinessID: long(live.MaxBusinessID + 1)}, "BusinessId"},
		{"no data", live.SendCustom{Room: r1, BusinessID: "a"}, "Data"},
		{"data", live.SendCustom{Room: r1, BusinessID: "a", Data: long(live.MaxCustomData + 1)}, "Data"},
		{"no room", group(func(c *live.SendGroupMessage) { c.Room = "" }), "GroupId"},
		{"random", group(func(c *live.SendGroupMessage) { c.Random = live.MaxRandom + 1 }), "Random"},
		{"negative random", group(func(c *live.SendGroupMessage) { c.Random = -1 }), "Random"},
		{"no elements", group(func(c *live.SendGroupMessage) { c.Body = nil }), "MsgBody"},
		{"elements", group(func(c *live.SendGroupMessage) { c.Body = make([]live.MessageElement, live.MaxMessageElements+1) }), "MsgBody"},
		{"no type", group(func(c *live.SendGroupMessage) { c.Body[0].Type = "" }), "MsgBody[0].MsgType"},
		{"type", group(func(c *live.SendGroupMessage) { c.Body[0].Type = long(live.MaxElementType + 1) }), "MsgBody[0].MsgType"},
		{"content that is no object", content(`[]`), "MsgBody[0].MsgContent"},
		{"content that is no JSON", content(`{`), "MsgBody[0].MsgContent"},
		{"no content", content(``), "MsgBody[0].MsgContent"},
		{"content", content(`{"a":"` + long(live.MaxMessageBody) + `"}`), "MsgBody has"},
		{"data of a group message", group(func(c *live.SendGroupMessage) { c.CloudCustomData = long(live.MaxCloudCustomData + 1) }), "CloudCustomData"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			refused(t, tt.cmd.Check(), live.InvalidParameter, tt.says)
		})
	}
	if err := group(func(c *live.SendGroupMessage) { c.Random = live.MaxRandom }).Check(); err != nil {
		t.Errorf("the largest random: %v", err)
	}
}

// A message at the limits of its call fits into the limit of all messages, or an App backend could not give it back.
func TestTheLargestTextAndCustomMessagesAreWithinTheLimitOfABody(t *testing.T) {
	worst := func(n int) string { return strings.Repeat("\x01", n) }
	for _, c := range []live.Asked{
		live.SendText{Room: r1, Text: worst(live.MaxText)},
		live.SendCustom{Room: r1, BusinessID: worst(live.MaxBusinessID), Data: worst(live.MaxCustomData)},
	} {
		body := c.Question(nil, byREST, noon).(live.MessageQuestion).Body
		if err := live.CheckMessageBody(body); err != nil {
			t.Errorf("%s: %v", c.Name(), err)
		}
	}
}
