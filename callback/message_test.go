package callback

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The keys of the pages in their order, with EventTime as the tables have it.
const (
	sampleBeforeSendMessage = `{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"room_id","Type":"Live",
"From_Account":"jared","Operator_Account":"admin","Random":123456,"MsgId":"144115233406643804",
"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],"CloudCustomData":"your cloud custom data",
"EventTime":1670574414123}`
	sampleAfterSendMessage = `{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"room_id","Type":"Live",
"From_Account":"jared","Operator_Account":"admin","Random":123456,"MsgId":"144115233406643804","MsgSeq":123,"MsgTime":1490686222,
"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],"CloudCustomData":"your cloud custom data",
"EventTime":1670574414123}`
	sampleBeforeSendGift = `{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"u","RoomId":"room_id",
"GiftWater":{"From_Account":"from","To_Account":["to1"],"Time":1703589922,"GiftId":"gift1","Count":1,"Coins":1000}}`
)

func TestMessagesReadTheQuotedEventTimeOfTheSample(t *testing.T) {
	quoted := strings.Replace(sampleBeforeSendMessage, `1670574414123`, `"1670574414123"`, 1)
	if diff := cmp.Diff(decode[BeforeSendMessage](t, sampleBeforeSendMessage), decode[BeforeSendMessage](t, quoted)); diff != "" {
		t.Errorf("packet (-integer +quoted):\n%s", diff)
	}
}

const (
	messageQuery = "SdkAppid=1400000001&CallbackCommand=Group.CallbackBeforeSendMsg&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI"
	giftQuery    = "SdkAppid=1400000001&CallbackCommand=Live.CallbackBeforeSendGift&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI"
)

func TestAMessageQuestionIsAnsweredAsTheFunctionSays(t *testing.T) {
	data := "other"
	text := []MessageElement{{"TIMTextElem", json.RawMessage(`{"Text":"***"}`)}}
	for _, tt := range []struct {
		name   string
		answer MessageAnswer
		err    error
		want   string
	}{
		{"as it is", MessageAnswer{}, nil, answeredOK},
		{"another body", MessageAnswer{MsgBody: text}, nil,
			`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]}`},
		{"other data", MessageAnswer{CloudCustomData: &data}, nil, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CloudCustomData":"other"}`},
		{"no data", MessageAnswer{CloudCustomData: new(string)}, nil, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CloudCustomData":""}`},
		{"dropped", MessageAnswer{Drop: true, MsgBody: text}, nil, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":2}`},
		{"refused", MessageAnswer{MsgBody: text}, errors.New("secret"), fail("the App backend failed to process the callback", 1)},
		{"refused with a code", MessageAnswer{Drop: true}, &Error{Code: 10123, Info: "no links"}, fail("no links", 10123)},
		{"a content that is no JSON", MessageAnswer{MsgBody: []MessageElement{{"x", json.RawMessage(`{`)}}}, nil,
			fail("the App backend answered with a MsgContent that is no JSON", 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got BeforeSendMessage
			h := &Handler{
				SDKAppID: ownID, ErrorLog: quiet,
				OnBeforeSendMessage: func(_ context.Context, _ Delivery, p BeforeSendMessage) (MessageAnswer, error) {
					got = p
					return tt.answer, tt.err
				},
			}
			if status, text := post(t, h, messageQuery, sampleBeforeSendMessage); status != 200 || text != tt.want {
				t.Errorf("answer = %d %s, want 200 %s", status, text, tt.want)
			}
			if got.GroupID != "room_id" || string(got.MsgBody[0].MsgContent) != `{"Text":"red packet"}` {
				t.Errorf("the function was asked about %+v", got)
			}
		})
	}
}

func TestAGiftQuestionIsAnsweredAsTheFunctionSays(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"allowed", nil, answeredOK},
		{"refused", errors.New("secret"), fail("the App backend failed to process the callback", 1)},
		{"refused with a code", &Error{Code: 102150, Info: "too few coins"}, fail("too few coins", 102150)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got GiftWater
			h := &Handler{
				SDKAppID: ownID, ErrorLog: quiet,
				OnBeforeSendGift: func(_ context.Context, _ Delivery, p BeforeSendGift) error { got = p.GiftWater; return tt.err },
			}
			if status, text := post(t, h, giftQuery, sampleBeforeSendGift); status != 200 || text != tt.want {
				t.Errorf("answer = %d %s, want 200 %s", status, text, tt.want)
			}
			want := GiftWater{FromAccount: "from", ToAccounts: Accounts{"to1"}, Time: 1703589922, GiftID: "gift1", Count: 1, Coins: 1000}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("gift (-want +got):\n%s", diff)
			}
		})
	}
}

// An Inbox takes what has numbers; a question has none, and would be refused by it.
func TestQuestionsNeverGoToOnAnyAndAreAllowedWithoutAFunction(t *testing.T) {
	none := func(context.Context, Delivery) error { return errors.New("called") }
	h := &Handler{SDKAppID: ownID, ErrorLog: quiet, OnAny: none, OnOther: none}
	for _, q := range [][2]string{{messageQuery, sampleBeforeSendMessage}, {giftQuery, sampleBeforeSendGift}} {
		if status, text := post(t, h, q[0], q[1]); status != 200 || text != answeredOK {
			t.Errorf("answer = %d %s, want 200 %s", status, text, answeredOK)
		}
		if status, _ := post(t, h, q[0], strings.Replace(q[1], `"room_id"`, `7`, 1)); status != 400 {
			t.Errorf("a broken question was answered %d, want 400", status)
		}
	}
}

func TestASignedQuestionIsNamedByTheCallThatLedToIt(t *testing.T) {
	signer, signedAt := mustSigner(t, firstSecret), time.Unix(vectorSent, 0)
	header := http.Header{HeaderCause: {"Id-7"}}
	signer.Sign(header, []byte("body"), signedAt)
	if got := header[HeaderWebhookID]; len(got) != 1 || got[0] != "Id-7" {
		t.Errorf("Webhook-Id = %q, want the cause", got)
	}
	if err := signer.Verify(header, []byte("body"), signedAt); err != nil {
		t.Errorf("verify: %v", err)
	}
	header[HeaderCause] = []string{"Id-8"}
	if err := signer.Verify(header, []byte("body"), signedAt); !errors.Is(err, ErrSignature) {
		t.Errorf("with another cause: %v, want ErrSignature", err)
	}
}
