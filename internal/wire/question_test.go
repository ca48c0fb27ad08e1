package wire

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// Spec: callbacks 6.13 and 6.17, keys in the printed order.
func TestQuestionsAreTheDocumentedSamplesByteForByte(t *testing.T) {
	for _, tt := range []struct {
		name     string
		question live.Question
		operator live.Account
		want     string
	}{
		{"gift", live.GiftQuestion{Room: "room_id", GiftWater: live.GiftWater{
			From: "from", To: []live.Account{"to1"}, Time: 1703589922, Gift: "gift1", Count: 1, Coins: 1000,
		}}, "u", `{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"u","RoomId":"room_id",` +
			`"GiftWater":{"From_Account":"from","To_Account":["to1"],"Time":1703589922,"GiftId":"gift1","Count":1,"Coins":1000}}`},
		{"message", live.MessageQuestion{Room: "room_id", Time: eventTime, Message: live.Message{
			From: "jared", Random: 123456, ID: "144115233406643804", CloudCustomData: "your cloud custom data",
			Body: []live.MessageElement{{Type: "TIMTextElem", Content: json.RawMessage(`{ "Text": "<red> packet" }`)}},
		}}, "admin", `{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"room_id","Type":"Live","From_Account":"jared",` +
			`"Operator_Account":"admin","Random":123456,"MsgId":"144115233406643804",` +
			`"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"<red> packet"}}],` +
			`"CloudCustomData":"your cloud custom data","EventTime":1703589922780}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := QuestionBody(tt.question, tt.operator)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAQuestionHasAllFiveParameters(t *testing.T) {
	by := live.Actor{ClientIP: "192.0.2.7", Platform: "RESTAPI", Cause: "Id-1"}
	got := QuestionURL(live.Destination{URL: "https://www.example.com/cb?a=b", Token: "xxxxyyyy"}, 88888888, live.TopicMessage, by, time.Unix(1669872112, 0))
	want := "https://www.example.com/cb?a=b&SdkAppid=88888888&CallbackCommand=Group.CallbackBeforeSendMsg&contenttype=json" +
		"&ClientIP=192.0.2.7&OptPlatform=RESTAPI" +
		"&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112"
	if got != want {
		t.Errorf("URL = %s, want %s", got, want)
	}
	h := QuestionHeader(by, nil, nil, time.Time{})
	if len(h) != 3 || h.Get(callback.HeaderCause) != "Id-1" || h.Get("Content-Type") != "application/json" || h.Get("User-Agent") != "Callboard" {
		t.Errorf("headers %v", h)
	}
}

func TestEveryTopicHasAKnownCommand(t *testing.T) {
	for _, word := range append(QuestionCommands(), NotBlock) {
		if !callback.KnownCommand(word) {
			t.Errorf("%q is not documented", word)
		}
	}
}
