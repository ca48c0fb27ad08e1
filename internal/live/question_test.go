package live_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
)

func TestWhatAnAnswerMeansForAMessage(t *testing.T) {
	other := "other"
	stars := []live.MessageElement{{Type: "t", Content: json.RawMessage(`{}`)}}
	for _, tt := range []struct {
		name   string
		ruling live.Ruling
		kind   live.Kind // 0: not refused
		code   int
		info   string
		want   *live.MessageRuling
	}{
		{name: "none: it is sent", ruling: live.Ruling{}},
		{name: "0", ruling: live.Ruling{Answered: true}, want: &live.MessageRuling{}},
		{name: "0 and another message", ruling: live.Ruling{Answered: true, Body: stars, CloudCustomData: &other},
			want: &live.MessageRuling{Body: stars, CloudCustomData: &other}},
		{name: "1", ruling: live.Ruling{Answered: true, Code: 1, Info: "no"}, kind: live.MessageRefused, info: "no"},
		{name: "1 without a text", ruling: live.Ruling{Answered: true, Code: 1}, kind: live.MessageRefused, info: "the App backend refused the message"},
		{name: "2", ruling: live.Ruling{Answered: true, Code: 2}, want: &live.MessageRuling{Drop: true}},
		{name: "3: it is sent", ruling: live.Ruling{Answered: true, Code: 3}},
		{name: "10099: it is sent", ruling: live.Ruling{Answered: true, Code: 10099}},
		{name: "10100", ruling: live.Ruling{Answered: true, Code: 10100, Info: "x"}, kind: live.MessageRefused, code: 10100, info: "x"},
		{name: "10200", ruling: live.Ruling{Answered: true, Code: 10200, Info: "x"}, kind: live.MessageRefused, code: 10200, info: "x"},
		{name: "10201: it is sent", ruling: live.Ruling{Answered: true, Code: 10201}},
		{name: "-1: it is sent", ruling: live.Ruling{Answered: true, Code: -1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.ruling.Message()
			wantRefusal(t, err, tt.kind, tt.code, tt.info)
			same(t, "ruling", got, tt.want)
		})
	}
}

func TestWhatAnAnswerMeansForAGift(t *testing.T) {
	for _, tt := range []struct {
		name   string
		ruling live.Ruling
		kind   live.Kind
		code   int
		info   string
	}{
		{name: "none", ruling: live.Ruling{}, kind: live.GiftRefused, info: "the App backend was asked about the gift and gave no valid answer in time; nothing was sent, try again"},
		{name: "none, and the App lets gifts pass", ruling: live.Ruling{Open: true}},
		{name: "0", ruling: live.Ruling{Answered: true}},
		{name: "1", ruling: live.Ruling{Answered: true, Code: 1, Info: "no"}, kind: live.GiftRefused, info: "no"},
		{name: "1, and the App lets gifts pass", ruling: live.Ruling{Answered: true, Code: 1, Open: true}, kind: live.GiftRefused, info: "the App backend refused the gift"},
		{name: "102099", ruling: live.Ruling{Answered: true, Code: 102099}, kind: live.GiftRefused, info: "the App backend refused the gift"},
		{name: "102100", ruling: live.Ruling{Answered: true, Code: 102100, Info: "x"}, kind: live.GiftRefused, code: 102100, info: "x"},
		{name: "102200", ruling: live.Ruling{Answered: true, Code: 102200, Info: "x"}, kind: live.GiftRefused, code: 102200, info: "x"},
		{name: "102201", ruling: live.Ruling{Answered: true, Code: 102201}, kind: live.GiftRefused, info: "the App backend refused the gift"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			wantRefusal(t, tt.ruling.Gift(), tt.kind, tt.code, tt.info)
		})
	}
}

func wantRefusal(t *testing.T, err error, kind live.Kind, code int, info string) {
	t.Helper()
	var got live.Error
	if refusal := (*live.Error)(nil); errors.As(err, &refusal) {
		got = *refusal
	} else if err != nil {
		t.Fatal(err)
	}
	same(t, "refusal", got, live.Error{Kind: kind, Code: code, Info: info})
}

func TestMessagesAreSentAsTheAppBackendHadThem(t *testing.T) {
	other := ""
	stars := []live.MessageElement{{Type: "TIMTextElem", Content: json.RawMessage(`{"Text":"***"}`)}}
	for _, c := range []live.Asked{
		live.SendText{Room: r1, From: "a", Text: "damn", Extension: `{}`},
		live.SendCustom{Room: r1, From: "a", BusinessID: "b", Data: "d"},
		live.SendGroupMessage{Room: r1, From: "a", Body: []live.MessageElement{{Type: "t", Content: json.RawMessage(`{}`)}}, CloudCustomData: "d"},
	} {
		asked := c.Question(nil, byREST, noon).(live.MessageQuestion)
		changed, err := c.Ruled(live.Ruling{Answered: true, Body: stars, CloudCustomData: &other})
		if err != nil {
			t.Fatal(err)
		}
		want := asked.Message
		want.Body, want.CloudCustomData = stars, ""
		same(t, "changed", sentBy(t, must(t, roomOf(), changed)).Message, want)

		dropped, err := c.Ruled(live.Ruling{Answered: true, Code: 2})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "dropped", must(t, roomOf(), dropped), live.Outcome{
			Room: roomOf(), Reply: live.Reply{Message: &live.MessageReply{Time: noon.Unix(), DropReason: live.DroppedByBackend}},
		})

		open, err := c.Ruled(live.Ruling{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "without an answer", sentBy(t, must(t, roomOf(), open)).Message, asked.Message)

		if _, err := c.Ruled(live.Ruling{Answered: true, Code: 1}); err == nil {
			t.Errorf("%s: a refusal is none", c.Name())
		}
	}
}

func TestARehearsalRunsTheRulesAndChangesNothing(t *testing.T) {
	c := live.Rehearsal{Of: hello("user1")}
	room := roomOf()
	out := must(t, room, c)
	same(t, "outcome", out, live.Outcome{Room: room, Reply: live.Reply{Question: hello("user1").Question(nil, byREST, noon)}})
	if out.Room != room {
		t.Error("the room is another one")
	}
	_, err := run(t, nil, c)
	refused(t, err, live.RoomNotFound)
	_, err = run(t, room, live.Rehearsal{Of: hello(live.Account(strings.Repeat("a", 33)))})
	refused(t, err, live.InvalidParameter, "Sender_Account")
	if n := c.Names(); n.Lanes != 0 || n.Create || len(n.Parts) != 2 {
		t.Errorf("names %+v, want the parts of the message and no lane", n)
	}
}

func TestARehearsalKnowsWhatWasDoneUnderItsKey(t *testing.T) {
	done := live.Reply{Message: &live.MessageReply{Time: 7, Seq: 3}}
	// What was done is the command as the App backend had it, which is the same call.
	ruled, err := hello("user1").Ruled(live.Ruling{Answered: true, Code: 2})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := live.NewAnswer(ruled, done)
	if err != nil {
		t.Fatal(err)
	}
	w := stateOf{roomOf(), map[live.PartID]live.Part{live.AnswerOf("k"): answer}}
	out, err := live.Rehearsal{Of: hello("user1"), Key: "k"}.Apply(w, byREST, noon)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "outcome", out, live.Outcome{Room: w.room, Reply: done})
	_, err = live.Rehearsal{Of: hello("user2"), Key: "k"}.Apply(w, byREST, noon)
	refused(t, err, live.InvalidParameter, "idempotency key")
	if n := (live.Rehearsal{Of: hello("user2"), Key: "k"}).Names(); n.Parts[len(n.Parts)-1] != live.AnswerOf("k") {
		t.Errorf("names %+v, want the answer in them", n)
	}
}
