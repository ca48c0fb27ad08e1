package server

import (
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
)

// onBothStores runs a test with a database of each kind.
func onBothStores(t *testing.T, test func(t *testing.T, database string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+t.TempDir()+"/callboard.db") })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.Database(t)) })
}

// What was due while the server was down is done when it is up again, once.
func TestEmptyRoomIsDissolvedAcrossARestart(t *testing.T) {
	onBothStores(t, func(t *testing.T, database string) {
		backend := startBackend(t)
		cfg := testConfig(t, backend.url)
		cfg.Database = database
		cfg.Apps[0].Dissolve.Empty = time.Second
		t.Run("first life", func(t *testing.T) {
			s := startServer(t, cfg)
			for _, room := range []string{"left", "kept", "unentered"} {
				s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"`+room+`","RoomType":"Live","Owner_Account":"anchor"}}`)
			}
			s.mustPost(t, "/v4/live_engine_http_srv/add_robot", `{"RoomId":"kept","RobotList_Account":["bot"]}`)
			for _, room := range []live.RoomID{"left", "kept"} {
				s.enter(t, room, "user1")
				s.mustPost(t, "/v4/live_engine_http_srv/ban_member", `{"RoomId":"`+string(room)+`","MemberList_Account":["user1"],"Duration":60}`)
			}
		})
		s := startServer(t, cfg)
		ended := backend.nextOf(t, "Live.CallbackAfterDestroyRoom")
		for _, want := range []string{`"RoomId":"left"`, `"EventType":"DestroyBySystem"`, `"Operator_Account":"@TIM#SYSTEM"`, `"ViewCount":1`} {
			if !strings.Contains(ended.body, want) {
				t.Errorf("got %s, want %s in it", ended.body, want)
			}
		}
		if !strings.Contains(ended.url, "OptPlatform=") {
			t.Errorf("URL %s, want the documented five parameters", ended.url)
		}
		if got := s.post(t, "/v4/live_engine_http_srv/get_room_info", `{"RoomId":"left"}`); got.ErrorCode != 100004 {
			t.Errorf("the room is answered %s, want that there is none", got.text)
		}
		s.mustPost(t, "/v4/live_engine_http_srv/get_room_info", `{"RoomId":"kept"}`)
		s.mustPost(t, "/v4/live_engine_http_srv/get_room_info", `{"RoomId":"unentered"}`)
		s.mustPost(t, "/v4/live_engine_http_srv/del_robot", `{"RoomId":"kept","RobotList_Account":["bot"]}`)
		next := backend.next(t)
		if next.header.Get("Callboard-Prev") != ended.header.Get("Callboard-Seq") || !strings.Contains(next.body, `"RoomId":"kept"`) {
			t.Errorf("after callback %s came %s, behind %s, want the end of the room that has no robot any more",
				ended.header.Get("Callboard-Seq"), next.body, next.header.Get("Callboard-Prev"))
		}
	})
}

// nextOf returns the next callback of a command and passes over others.
func (b *testBackend) nextOf(t *testing.T, command string) received {
	t.Helper()
	for {
		if c := b.next(t); strings.Contains(c.body, command) {
			return c
		}
	}
}
