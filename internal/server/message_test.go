package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/pgtest"
	"github.com/callboard/callboard/liveapi"
)

// On both stores a message is asked about once, sent once under its key, and numbered on after a restart.
func TestMessagesAreAskedAboutAndCountedOnBothStores(t *testing.T) {
	for name, database := range map[string]func(*testing.T, *config.Config){
		"SQLite":     func(*testing.T, *config.Config) {},
		"PostgreSQL": func(t *testing.T, cfg *config.Config) { cfg.Database = pgtest.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			b := startBackend(t)
			cfg := testConfig(t, b.url)
			database(t, &cfg)
			const path = "/v4/live_engine_http_srv/send_text_msg"
			send := func(s *testServer, key string) (seq int64) {
				got := s.postWith(t, http.Header{liveapi.HeaderIdempotencyKey: {key}}, path, `{"RoomId":"r1","Sender_Account":"user1","TextContent":"hello"}`)
				var answer struct{ Response liveapi.SendMsgResponse }
				if err := json.Unmarshal([]byte(got.text), &answer); err != nil || got.ErrorCode != 0 {
					t.Fatalf("answer %s: %v", got.text, err)
				}
				return answer.Response.MsgSeq
			}
			wantCalls := func(words ...string) {
				t.Helper()
				for _, want := range words {
					if got := b.next(t); !strings.Contains(got.url, "CallbackCommand="+want+"&") {
						t.Errorf("got %s, want %s", got.url, want)
					}
				}
			}
			const before, after = "Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg"
			t.Run("first life", func(t *testing.T) {
				s := startServer(t, cfg)
				s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
				wantCalls("Live.CallbackAfterCreateRoom")
				if first, again := send(s, "k1"), send(s, "k1"); first != 1 || again != 1 {
					t.Errorf("numbers %d and %d, want 1 both times", first, again)
				}
				wantCalls(before, after)
			})
			s := startServer(t, cfg)
			if again, second := send(s, "k1"), send(s, "k2"); again != 1 || second != 2 {
				t.Errorf("after a restart: numbers %d and %d, want 1 again and then 2", again, second)
			}
			wantCalls(before, after)
		})
	}
}
