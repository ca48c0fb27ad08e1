package rest

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

// limited is an edge whose App is held to the documented frequencies.
func limited() (*edge, *Handler) {
	e := newEdge()
	e.app.DocumentedLimits = true
	return e, e.handler()
}

func TestCallsAboveTheDocumentedFrequencyAreRefused(t *testing.T) {
	cases := []struct {
		command, body string
		perSecond     int
		good          liveapi.Code
	}{
		{"get_room_list", `{"Next":"","Count":1}`, 10, liveapi.CodeOK},
		{"get_room_info", `{"RoomId":"r1"}`, 200, liveapi.CodeRoomNotFound},
		{"destroy_room", `{"RoomId":"r1"}`, 200, liveapi.CodeOK},
	}
	for _, c := range cases {
		t.Run(c.command, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, h := limited()
				path := "/v4/live_engine_http_srv/" + c.command
				burst := func(n int, want liveapi.Code) {
					t.Helper()
					for i := range n {
						if got := send(t, h, newRequest(t, path, c.body)); got.ErrorCode != want {
							t.Fatalf("call %d: got %d %q, want %d", i, got.ErrorCode, got.ErrorInfo, want)
						}
					}
				}
				burst(c.perSecond, c.good)
				burst(3, liveapi.CodeCallTooFrequent)
				time.Sleep(time.Second)
				burst(c.perSecond, c.good)
				burst(1, liveapi.CodeCallTooFrequent)
				time.Sleep(time.Second / time.Duration(c.perSecond))
				burst(1, c.good)
				burst(1, liveapi.CodeCallTooFrequent)
				e.app.DocumentedLimits = false
				burst(2*c.perSecond, c.good)
			})
		})
	}
}

// Apps and calls do not use up what others may do, and a caller who is no App administrator uses up nothing.
func TestFrequencyIsThatOfAnAppAndACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pacer
		now := time.Now()
		a, b := &live.App{ID: 1, DocumentedLimits: true}, &live.App{ID: 2, DocumentedLimits: true}
		if p.admit(a, "add_gift", now) != nil || p.admit(a, "del_gift", now) != nil || p.admit(b, "add_gift", now) != nil {
			t.Error("the first call of an App was refused")
		}
		if got := refusalOf(p.admit(a, "add_gift", now)); got != live.TooFrequent {
			t.Errorf("the second configuration of gifts within a second: got kind %d, want TooFrequent", got)
		}

		_, h := limited()
		bad := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)
		without("usersig")(bad)
		for range 300 {
			if got := send(t, h, bad); got.ErrorCode != liveapi.CodeUserSigInvalid {
				t.Fatalf("got %d %q, want 70003", got.ErrorCode, got.ErrorInfo)
			}
		}
		if got := send(t, h, newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)); got.ErrorCode != liveapi.CodeRoomNotFound {
			t.Errorf("after calls of a stranger: got %d %q, want 100004", got.ErrorCode, got.ErrorInfo)
		}
	})
}

func TestOneRoomIsCreatedOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, h := limited()
		create := func(id string) liveapi.Code {
			body := fmt.Sprintf(`{"RoomInfo":{"RoomId":%q,"RoomType":"Live"}}`, id)
			return send(t, h, newRequest(t, "/v4/live_engine_http_srv/create_room", body)).ErrorCode
		}
		steps := []struct {
			id   string
			wait time.Duration
			want liveapi.Code
		}{
			{"r1", 0, liveapi.CodeOK},
			{"r1", 0, liveapi.CodeTooFrequent},
			{"r2", 0, liveapi.CodeOK},
			{"r1", 999 * time.Millisecond, liveapi.CodeTooFrequent},
			{"r1", time.Millisecond, liveapi.CodeOK}, // what was refused did not count
			{"r2", 0, liveapi.CodeOK},
		}
		for i, s := range steps {
			time.Sleep(s.wait)
			if got := create(s.id); got != s.want {
				t.Errorf("step %d: got %d, want %d", i+1, got, s.want)
			}
		}
		e.app.DocumentedLimits = false
		if got := create("r1"); got != liveapi.CodeOK {
			t.Errorf("without limits: got %d, want 0", got)
		}
	})
}

func TestPausesOfRoomsAreBounded(t *testing.T) {
	var p pacer
	app, now := &live.App{ID: 1, DocumentedLimits: true}, time.Now()
	for i := range maxPaused + 10 {
		if err := p.admitCommand(app, live.CreateRoom{Room: live.RoomID(fmt.Sprint("r", i))}, now); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.created.Len(); got != maxPaused {
		t.Errorf("got %d RoomIds, want %d", got, maxPaused)
	}
	if p.admitCommand(app, live.CreateRoom{Room: "r0"}, now) != nil {
		t.Error("the oldest was not forgotten")
	}
	if p.admitCommand(app, live.CreateRoom{Room: "r100"}, now) == nil {
		t.Error("a RoomId that is among the newest was forgotten")
	}
}

func refusalOf(err error) live.Kind {
	if refusal, ok := err.(*live.Error); ok { //nolint:errorlint // it is made by the function under test
		return refusal.Kind
	}
	return 0
}
