package rest

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// FuzzDecode holds that any body of any call is answered with a valid envelope of a documented code, and that the same
// body is answered the same again.
func FuzzDecode(f *testing.F) {
	list := calls()
	for i, c := range list {
		for _, s := range samples {
			if s.command == c.command {
				f.Add(i, s.body)
			}
		}
	}
	f.Add(0, `{"RoomInfo":{"RoomId":"r1","RoomId":null,"roomid":1,"Category":[[]]}}`)
	f.Add(5, `{"RoomId":"\ud83d\ude00","Admin_Account":["\ud800",""]}`)
	f.Add(4, `{"Next":"1-r1","Count":1e1}`)
	known := map[liveapi.Code]bool{liveapi.CodeOK: true}
	for _, code := range liveapi.Codes() {
		known[code] = true
	}
	e := newEdge()
	e.app.Callback, e.app.Token = &live.Callback{}, &live.Token{}
	h := e.handler()
	query := goodQuery(f).Encode()
	f.Fuzz(func(t *testing.T, command int, body string) {
		c := list[uint(command)%uint(len(list))]
		ask := func() answer {
			return send(t, h, httptest.NewRequest("POST", c.path()+"?"+query, strings.NewReader(body)))
		}
		got, again := ask(), ask()
		if !known[got.ErrorCode] || got.ErrorCode == liveapi.CodeInternal {
			t.Errorf("%s %q: got code %d, want a documented one", c.command, body, got.ErrorCode)
		}
		if got.ErrorCode != again.ErrorCode || got.ErrorInfo != again.ErrorInfo {
			t.Errorf("%s %q: got %d %q, then %d %q", c.command, body, got.ErrorCode, got.ErrorInfo, again.ErrorCode, again.ErrorInfo)
		}
	})
}
