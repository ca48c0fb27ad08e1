package rest

import (
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// keyed makes a call under an idempotency key.
func (w *world) keyed(key, command, body string) answer {
	w.t.Helper()
	for _, c := range calls() {
		if c.command == command {
			req := newRequest(w.t, c.path(), body)
			req.Header.Set(liveapi.HeaderIdempotencyKey, key)
			return send(w.t, w.handler, req)
		}
	}
	w.t.Fatalf("no command %q", command)
	return answer{}
}

func TestCallUnderAKeyIsAnsweredAsTheFirstTime(t *testing.T) {
	w := newWorld(t)
	const room = `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`
	steps := []struct {
		name, key, command, body string
		want                     liveapi.Code
		response                 string
	}{
		{"the first", "k1", "create_room", room, liveapi.CodeOK, `{"RoomId":"r1"}`},
		{"again", "k1", "create_room", room, liveapi.CodeOK, `{"RoomId":"r1"}`},
		{"under another key", "k2", "create_room", room, liveapi.CodeRoomExists, ""},
		{"another body", "k1", "create_room", `{"RoomInfo":{"RoomId":"r2","RoomType":"Live"}}`, liveapi.CodeInvalidParameter, ""},
		{"another call", "k1", "destroy_room", `{"RoomId":"r1"}`, liveapi.CodeInvalidParameter, ""},
		{"what was refused is no answer to keep", "k2", "destroy_room", `{"RoomId":"r1"}`, liveapi.CodeOK,
			`{"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`},
		{"the payload too", "k2", "destroy_room", `{"RoomId":"r1"}`, liveapi.CodeOK,
			`{"Statistic":{"TotalViewers":0,"TotalGiftsSent":0,"TotalGiftCoins":0,"TotalUniqueGiftSenders":0,"TotalLikesReceived":0}}`},
		{"a profile", "k3", "account_import", `{"UserID":"a","Nick":"n"}`, liveapi.CodeOK, ""},
		{"a profile again", "k3", "account_import", `{"UserID":"a","Nick":"n"}`, liveapi.CodeOK, ""},
	}
	for _, s := range steps {
		got := w.keyed(s.key, s.command, s.body)
		if got.ErrorCode != s.want || string(got.Response) != s.response {
			t.Errorf("%s: got %d %q %s, want %d %s", s.name, got.ErrorCode, got.ErrorInfo, got.Response, s.want, s.response)
		}
	}
}

func TestReadsPassOverTheKey(t *testing.T) {
	w := newWorld(t)
	w.ok("create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	if got := w.keyed("k1", "get_admin_list", `{"RoomId":"r1"}`); string(got.Response) != `{"Admin_Account":[]}` {
		t.Errorf("got %d %s, want no administrator", got.ErrorCode, got.Response)
	}
	if got := w.keyed("k1", "modify_admin", `{"RoomId":"r1","Admin_Account":["a"],"OpType":"add"}`); got.ErrorCode != liveapi.CodeOK {
		t.Errorf("a change under the key that a read had: got %d %q, want 0", got.ErrorCode, got.ErrorInfo)
	}
	if got := w.keyed("k1", "get_admin_list", `{"RoomId":"r1"}`); string(got.Response) != `{"Admin_Account":["a"]}` {
		t.Errorf("got %d %s, want the state as it is now", got.ErrorCode, got.Response)
	}
}

func TestKeyThatIsNoneIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, key := range map[string]string{
		"too long by one": strings.Repeat("k", live.MaxKey+1), "no UTF-8": "\xff", "NUL": "a\x00",
	} {
		got := w.keyed(key, "create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
		if got.ErrorCode != liveapi.CodeInvalidParameter || !strings.Contains(got.ErrorInfo, liveapi.HeaderIdempotencyKey) {
			t.Errorf("%s: got %d %q, want 100002 with the header's name", name, got.ErrorCode, got.ErrorInfo)
		}
	}
	if got := w.keyed(strings.Repeat("k", live.MaxKey), "create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`); got.ErrorCode != liveapi.CodeOK {
		t.Errorf("the longest: got %d %q, want 0", got.ErrorCode, got.ErrorInfo)
	}
}
