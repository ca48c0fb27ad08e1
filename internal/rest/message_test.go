package rest

import (
	"encoding/json"
	"testing"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

const textBody = `{"RoomId":"r1","Sender_Account":"user1","TextContent":"hello"}`

func TestTheCodeOfAnAppBackendIsPassedThrough(t *testing.T) {
	for code, want := range map[int]liveapi.Code{0: liveapi.CodeMessageRefused, 10150: 10150, 100004: liveapi.CodeMessageRefused} {
		e := newEdge()
		e.doErr = &live.Error{Kind: live.MessageRefused, Code: code, Info: "no links"}
		got := send(t, e.handler(), newRequest(t, "/v4/live_engine_http_srv/send_text_msg", textBody))
		if got.ErrorCode != want || got.ErrorInfo != "no links" {
			t.Errorf("with %d: got %d %q, want %d with the text of the App backend", code, got.ErrorCode, got.ErrorInfo, want)
		}
	}
}

func TestMessagesAreNumberedInEveryAnswer(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	for i, call := range [][2]string{
		{"send_text_msg", textBody}, {"send_custom_msg", `{"RoomId":"r1","BusinessId":"b","Data":"d"}`},
	} {
		var got liveapi.SendMsgResponse
		if err := json.Unmarshal([]byte(w.ok(call[0], call[1])), &got); err != nil || got.MsgSeq != int64(i+1) || got.MsgTime == 0 {
			t.Errorf("%s: got %+v, %v, want number %d", call[0], got, err, i+1)
		}
	}
	got := w.call("send_group_msg", `{"GroupId":"r1","MsgBody":[{"MsgType":"t","MsgContent":{}}]}`)
	if got.ErrorCode != 0 || string(got.MsgSeq) != "3" || len(got.MsgTime) != 10 || got.Response != nil {
		t.Errorf("got %+v, want number 3 beside the envelope", got)
	}
	refused := w.call("send_group_msg", `{"GroupId":"r2","MsgBody":[{"MsgType":"t","MsgContent":{}}]}`)
	if refused.ErrorCode != liveapi.CodeRoomNotFound || refused.MsgSeq != nil {
		t.Errorf("got %+v, want a refusal alone", refused)
	}
}
