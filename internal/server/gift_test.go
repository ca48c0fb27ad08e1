package server

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/pgtest"
)

// What was counted and set is there after a restart, in both stores, and gone with the life of its room.
func TestGiftsAndMetadataOutliveARestartAndNotTheirRoom(t *testing.T) {
	for _, c := range []struct {
		name     string
		database func(*testing.T) string
	}{{"SQLite", nil}, {"PostgreSQL", func(t *testing.T) string { return pgtest.Database(t) }}} {
		t.Run(c.name, func(t *testing.T) {
			cfg := testConfig(t, "http://127.0.0.1:9/callback")
			if c.database != nil {
				cfg.Database = c.database(t)
			}
			t.Run("first life", func(t *testing.T) {
				s := startServer(t, cfg)
				s.srv(t, "create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
				s.srv(t, "add_gift", `{"GiftId":"g","Coins":5,"DefaultName":"rose"}`)
				s.srv(t, "set_gift_language", `{"GiftId":"g","Language":"zh-Hans","Name":"玫瑰"}`)
				for _, from := range []string{"ann", "bob", "ann"} {
					s.srv(t, "send_gift", `{"RoomId":"r1","GiftId":"g","Count":2,"From_Account":"`+from+`","ReceiverList_Account":["host","guest"]}`)
				}
				s.srv(t, "set_room_metadata", `{"RoomId":"r1","Metadata":[{"Key":"ключ","Value":"<v>"}]}`)
			})
			s := startServer(t, cfg)
			has := func(command, body, want string) {
				t.Helper()
				if got := s.srv(t, command, body); !strings.Contains(got, want) {
					t.Errorf("%s answers %s, want %s in it", command, got, want)
				}
			}
			const count, keys = `{"RoomId":"r1","From_Account":"host"}`, `{"RoomId":"r1","Keys":[]}`
			has("get_gift_count", count, `"Response":{"Sequence":3,"TotalCount":6,"TotalCoins":30,"GiftSenderCount":2}`)
			has("get_room_metadata", keys, `"Metadata":[{"Key":"ключ","Value":"<v>"}]`)
			has("get_gift_language", `{"GiftId":"g","Language":"zh-Hans"}`, `"GiftInfo":{"Name":"玫瑰","Desc":""}`)
			has("get_room_stats", `{"RoomId":"r1"}`, `"TotalGiftsSent":12,"TotalGiftCoins":60,"TotalUniqueGiftSenders":2`)
			has("destroy_room", `{"RoomId":"r1"}`, `"TotalGiftsSent":12,"TotalGiftCoins":60,"TotalUniqueGiftSenders":2`)
			s.srv(t, "create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
			has("get_gift_count", count, `"Response":{"Sequence":0,"TotalCount":0,"TotalCoins":0,"GiftSenderCount":0}`)
			has("get_room_metadata", keys, `"Metadata":[]`)
			s.srv(t, "send_gift", `{"RoomId":"r1","GiftId":"g","From_Account":"ann","ReceiverList_Account":["host"]}`)
			has("get_gift_count", count, `"Response":{"Sequence":1,"TotalCount":1,"TotalCoins":5,"GiftSenderCount":1}`)
		})
	}
}

// srv makes a call that must succeed and returns its answer.
func (s *testServer) srv(t *testing.T, command, body string) string {
	t.Helper()
	return s.mustPost(t, "/v4/live_engine_http_srv/"+command, body).text
}

// judge is an App backend that is asked about gifts.
type judge struct {
	mu     sync.Mutex
	answer string
	asked  []string // bodies
}

func (j *judge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked = append(j.asked, string(body))
	fmt.Fprint(w, j.answer)
}

// says sets the answer and returns what was asked so far.
func (j *judge) says(answer string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	asked := j.asked
	j.answer, j.asked = answer, nil
	return asked
}

// Spec: callbacks 6.13, code 102004. What is refused is not counted.
func TestGiftIsGivenWhenTheAppBackendAllowsIt(t *testing.T) {
	j := &judge{}
	backend := httptest.NewServer(j)
	t.Cleanup(backend.Close)
	cfg := testConfig(t, backend.URL)
	cfg.Apps[0].Callback.Commands = []string{string(callback.CommandBeforeSendGift)}
	s := startServer(t, cfg)
	s.srv(t, "create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	s.srv(t, "add_gift", `{"GiftId":"g","Coins":1000,"DefaultName":"rose"}`)
	const given = `{"RoomId":"r1","GiftId":"g","Count":2,"From_Account":"ann","ReceiverList_Account":["host","guest","host"]}`
	for _, c := range []struct {
		answer string
		code   int
		info   string
	}{
		{`{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`, 0, ""},
		{`{"ActionStatus":"FAIL","ErrorInfo":"not now","ErrorCode":1}`, 102004, "not now"},
		{`{"ActionStatus":"FAIL","ErrorInfo":"poor","ErrorCode":102150}`, 102150, "poor"},
		{`<html>`, 102004, "no valid answer"},
	} {
		j.says(c.answer)
		got := s.post(t, "/v4/live_engine_http_srv/send_gift", given)
		if got.ErrorCode != c.code || !strings.Contains(got.ErrorInfo, c.info) {
			t.Errorf("answered %s, send_gift answers %s, want %d %q", c.answer, got.text, c.code, c.info)
		}
		asked := j.says("")
		if len(asked) != 1 || !strings.Contains(asked[0], `"GiftWater":{"From_Account":"ann","To_Account":["host","guest"],"Time":`) ||
			!strings.HasSuffix(asked[0], `,"GiftId":"g","Count":2,"Coins":1000}}`) {
			t.Errorf("the App backend was asked %q", asked)
		}
	}
	s.post(t, "/v4/live_engine_http_srv/send_gift", strings.Replace(given, `"g"`, `"none"`, 1))
	if asked := j.says(""); len(asked) != 0 {
		t.Errorf("the App backend was asked %q about a gift that is not there", asked)
	}
	if got := s.srv(t, "get_room_stats", `{"RoomId":"r1"}`); !strings.Contains(got, `"TotalGiftsSent":4,"TotalGiftCoins":4000`) {
		t.Errorf("statistics %s, want those of one gift that was allowed", got)
	}
}
