package server

import (
	"bufio"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/internal/pgtest"
)

// On PostgreSQL a new log is not refused while a server runs: what the server still sends by the old one it cannot settle.
func TestAServerOnPostgreSQLLearnsOfANewLog(t *testing.T) {
	backend := startBackend(t)
	cfg := testConfig(t, backend.url)
	cfg.Database = pgtest.Database(t)
	cfg.Apps[0].Tokens = []config.Secret{feedToken}
	s := startServer(t, cfg)
	s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","Owner_Account":"anchor"}}`)
	first := backend.next(t).header.Get("Callboard-Log")
	stream := bufio.NewScanner(s.feed(t, "events?sdkappid=1400000001", "text/event-stream").Body)

	done, err := NewLog(t.Context(), cfg.Database, testApp, "@test")
	if err != nil || len(done) != 1 || done[0].Old != first {
		t.Fatalf("new log: %+v, %v, the log was %s", done, err, first)
	}
	s.mustPost(t, "/v4/live_engine_http_srv/modify_admin", `{"RoomId":"r1","Admin_Account":["alice"],"OpType":"add"}`)
	over := time.After(testPatience)
	for got := ""; got != done[0].New+" 2"; { // others may come before, by either log: what could not be settled is sent again
		select {
		case <-over:
			t.Fatalf("the last callback is %s, want 2 of %s", got, done[0].New)
		default:
			header := backend.next(t).header
			got = header.Get("Callboard-Log") + " " + header.Get("Callboard-Seq")
		}
	}
	var last string
	for stream.Scan() { // it ends with the reset
		if line := stream.Text(); line != "" {
			last = line
		}
		if strings.HasPrefix(last, "id: ") && last != "id: "+first+".1" {
			t.Errorf("the stream goes on with %s", last)
		}
	}
	if !strings.Contains(last, `"Log":"`+done[0].New+`"`) {
		t.Errorf("the stream ends with %q, want a reset", last)
	}
}
