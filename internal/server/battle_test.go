package server

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/pgtest"
)

// eachStore runs a test on both databases.
func eachStore(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "callboard.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, pgtest.Database(t)) })
}

// What the timer ends is reported like all else, after a restart too: once, in its lane, by nobody's call.
func TestBattleEndsWhenItsTimeIsUpThoughTheServerWasRestarted(t *testing.T) {
	eachStore(t, func(t *testing.T, database string) {
		backend := startBackend(t)
		cfg := testConfig(t, backend.url)
		cfg.Database = database
		var id string
		t.Run("first life", func(t *testing.T) {
			s := startServer(t, cfg)
			for _, room := range []string{"pk-1", "pk-2"} {
				s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"`+room+`","RoomType":"Live","Owner_Account":"anchor"}}`)
			}
			made := s.mustPost(t, "/v4/live_engine_http_pk/create_battle", `{"FromRoomId":"pk-1","ToRoomIdList":["pk-2","none"],"Duration":2000}`)
			id = battleID.FindStringSubmatch(made.text)[1]
			s.mustPost(t, "/v4/live_engine_http_pk/set_battle_score",
				`{"BattleId":"`+id+`","OpType":1,"ScoreList":[{"RoomId":"pk-2","Score":7}]}`)
			for range 4 {
				backend.next(t)
			}
		})
		s := startServer(t, cfg)
		got := backend.next(t)
		want := `{"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"<battle>","Duration":2000,"CreateTime":<s>,"StartTime":<s>,` +
			`"EndTime":<s>,"OpType":0,"FromRoomInfo":{"RoomId":"pk-1","Score":0,"Owner_Account":"anchor"},` +
			`"ToRoomList":[{"RoomId":"pk-2","Score":7,"Owner_Account":"anchor"}],"EventTime":<ms>}`
		if normal(got.body) != want || !strings.Contains(got.body, id) {
			t.Errorf("body %s, want %s of %s", got.body, want, id)
		}
		// Nobody's call: neither its address nor its RequestId.
		if !strings.HasSuffix(got.url, "CallbackCommand=Live.CallbackAfterEndBattle&contenttype=json&ClientIP=&OptPlatform=") {
			t.Errorf("URL %s, want no client in it", got.url)
		}
		numbers := fmt.Sprint(got.header.Get(callback.HeaderLane), " ", got.header.Get(callback.HeaderRoomSeq), " ", got.header.Get(callback.HeaderRoomPrev))
		if numbers != "pk-1 4 3" || got.header.Get(callback.HeaderCause) != "" {
			t.Errorf("lane and numbers %s, cause %q, want pk-1 4 3 and none", numbers, got.header.Get(callback.HeaderCause))
		}
		info := s.mustPost(t, "/v4/live_engine_http_pk/get_battle_info", `{"BattleId":"","RoomId":"pk-2"}`)
		if !regexp.MustCompile(`"Status":3,.*"Score":7`).MatchString(info.text) || !strings.Contains(info.text, id) {
			t.Errorf("afterwards the battle is %s, want it over, with its scores", info.text)
		}
		// The rooms are free, and the next callback is the next of the lane: the end was reported once.
		s.mustPost(t, "/v4/live_engine_http_pk/create_battle", `{"FromRoomId":"pk-1","ToRoomIdList":["pk-2"],"Duration":60000}`)
		if next := backend.next(t); next.header.Get(callback.HeaderRoomSeq) != "5" || !strings.Contains(next.body, "Live.CallbackAfterCreateBattle") {
			t.Errorf("then number %s of the lane, %s, want 5, a new battle", next.header.Get(callback.HeaderRoomSeq), next.body)
		}
	})
}
