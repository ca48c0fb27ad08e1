package callback_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/callboard/callboard/callback"
)

// An App backend that moderates messages and has the last word about gifts.
func ExampleHandler_questions() {
	handler := &callback.Handler{
		SDKAppID: 1400000001,
		OnBeforeSendMessage: func(_ context.Context, _ callback.Delivery, m callback.BeforeSendMessage) (callback.MessageAnswer, error) {
			for i, e := range m.MsgBody {
				var content struct{ Text string }
				if err := json.Unmarshal(e.MsgContent, &content); err != nil || !strings.Contains(content.Text, "damn") {
					continue
				}
				mild, err := json.Marshal(map[string]string{"Text": strings.ReplaceAll(content.Text, "damn", "d**n")})
				if err != nil {
					return callback.MessageAnswer{}, err
				}
				m.MsgBody[i].MsgContent = mild
				return callback.MessageAnswer{MsgBody: m.MsgBody}, nil
			}
			return callback.MessageAnswer{}, nil // as it is
		},
		OnBeforeSendGift: func(_ context.Context, _ callback.Delivery, g callback.BeforeSendGift) error {
			if g.GiftWater.Count*g.GiftWater.Coins > 500 {
				return &callback.Error{Code: 102100, Info: "you have 500 coins"} // the giver sees both
			}
			return nil
		},
	}
	ask := func(command, body string) {
		request := httptest.NewRequest(http.MethodPost, "/?SdkAppid=1400000001&CallbackCommand="+command, strings.NewReader(body))
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		fmt.Println(answer.Body)
	}
	ask("Group.CallbackBeforeSendMsg", `{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"room_id","Type":"Live",`+
		`"From_Account":"jared","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"damn good"}}]}`)
	ask("Live.CallbackBeforeSendGift", `{"CallbackCommand":"Live.CallbackBeforeSendGift","Operator_Account":"u","RoomId":"room_id",`+
		`"GiftWater":{"From_Account":"u","To_Account":["host"],"Time":1703589922,"GiftId":"gift1","Count":1,"Coins":1000}}`)
	// Output:
	// {"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"d**n good"}}]}
	// {"ActionStatus":"FAIL","ErrorInfo":"you have 500 coins","ErrorCode":102100}
}
