package callback

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
)

func FuzzHandlerAlwaysAnswersAnEnvelope(f *testing.F) {
	for _, body := range []string{
		sampleModifyAdmin, sampleChangeOwner, sampleCreateRoom, sampleDestroyRoom, sampleUpdateRoomInfo, realDestroyRoom,
		sampleSetMetadata, sampleDelMetadata,
		sampleSeatInfoChanged, sampleCreateBattle, sampleStartBattle, sampleEndBattle,
		sampleAfterSendMessage, sampleBeforeSendMessage, sampleBeforeSendGift,
		sampleMemberStateChanged, sampleRoomThreshold,
	} {
		head := struct{ CallbackCommand string }{}
		if err := json.Unmarshal([]byte(body), &head); err != nil {
			f.Fatal(err)
		}
		f.Add("SdkAppid=1400000001&CallbackCommand="+head.CallbackCommand+"&contenttype=json", "1", []byte(body))
	}
	f.Add("SdkAppId=1400000001&CallbackCommand=x&ClientIP=%", "18-1041", []byte(`{"CallbackCommand":"x"}`))
	f.Add("&;=&sign=&RequestTime=-", "-1", []byte(`null`))

	f.Fuzz(func(t *testing.T, query, header string, body []byte) {
		calls := 0
		h := &Handler{
			SDKAppID: ownID, ErrorLog: quiet,
			OnModifyAdmin:    func(context.Context, Delivery, ModifyAdmin) error { calls++; return nil },
			OnChangeOwner:    func(context.Context, Delivery, ChangeOwner) error { calls++; return nil },
			OnCreateRoom:     func(context.Context, Delivery, CreateRoom) error { calls++; return nil },
			OnDestroyRoom:    func(context.Context, Delivery, DestroyRoom) error { calls++; return nil },
			OnUpdateRoomInfo: func(context.Context, Delivery, UpdateRoomInfo) error { calls++; return nil },

			OnMemberStateChanged: func(context.Context, Delivery, MemberStateChanged) error { calls++; return nil },

			OnAfterSendMessage: func(context.Context, Delivery, AfterSendMessage) error { calls++; return nil },
			OnBeforeSendMessage: func(context.Context, Delivery, BeforeSendMessage) (MessageAnswer, error) {
				calls++
				return MessageAnswer{}, nil
			},
			OnBeforeSendGift:  func(context.Context, Delivery, BeforeSendGift) error { calls++; return nil },
			OnSeatInfoChanged: func(context.Context, Delivery, SeatInfoChanged) error { calls++; return nil },
			OnCreateBattle:    func(context.Context, Delivery, CreateBattle) error { calls++; return nil },
			OnStartBattle:     func(context.Context, Delivery, StartBattle) error { calls++; return nil },
			OnEndBattle:       func(context.Context, Delivery, EndBattle) error { calls++; return nil },
			OnSetMetadata:     func(context.Context, Delivery, SetMetadata) error { calls++; return nil },
			OnDelMetadata:     func(context.Context, Delivery, DelMetadata) error { calls++; return nil },
			OnRoomThreshold:   func(context.Context, Delivery, RoomThreshold) error { calls++; return nil },
			OnOther:           func(context.Context, Delivery) error { calls++; return nil },
		}
		r := &http.Request{
			Method: http.MethodPost, URL: &url.URL{Path: "/", RawQuery: query}, Body: io.NopCloser(bytes.NewReader(body)),
			Header: http.Header{HeaderRoomSeq: {header}, HeaderSkipped: {header}},
		}
		status, text := serve(t, h, r)
		var answer Answer
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			t.Fatalf("answer %q: %v, want an envelope", text, err)
		}
		accepted := status == http.StatusOK && answer == Answer{ActionStatus: StatusOK}
		refused := status >= 400 && answer.ActionStatus == StatusFail && answer.ErrorCode == status
		if !(accepted && calls == 1 || refused && calls == 0) {
			t.Errorf("answer = %d %+v after %d calls, want OK after 1 or FAIL after 0", status, answer, calls)
		}
	})
}
