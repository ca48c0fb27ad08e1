package rest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
)

func TestEachCallIsOneLogLine(t *testing.T) {
	cases := []struct {
		name, path, body string
		doErr            error
		want             map[string]any
	}{
		{"done", "/v4/live_config/delete_callback", `{}`, nil, map[string]any{
			"level": "DEBUG", "command": "delete_callback", "code": 0.0}},
		{"refused", roomInfoPath, `{"RoomId":"r1"}`, nil, map[string]any{
			"level": "INFO", "command": "get_room_info", "code": 100004.0}},
		{"unknown outcome", "/v4/live_config/delete_callback", `{}`, live.Refuse(live.Unavailable, "not known"), map[string]any{
			"level": "ERROR", "command": "delete_callback", "code": 100001.0, "error": "not known"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e, log := newEdge(), &logBuffer{}
			e.doErr = c.doErr
			got := send(t, New(Options{Engine: e, Rooms: e, Log: log.logger()}), newRequest(t, c.path, c.body))
			c.want["msg"], c.want["RequestId"], c.want["SDKAppID"], c.want["identifier"] = "REST call", got.RequestID, float64(testApp), testAdmin
			lines := log.lines(t)
			if len(lines) != 1 {
				t.Fatalf("got %d lines, want 1: %v", len(lines), lines)
			}
			ignored := cmpopts.IgnoreMapEntries(func(key string, _ any) bool { return key == "time" || key == "duration" })
			if diff := cmp.Diff(c.want, lines[0], ignored); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
			if _, ok := lines[0]["duration"].(float64); !ok {
				t.Errorf("got duration %v, want a number", lines[0]["duration"])
			}
		})
	}
}

// An App backend has a hundred codes to choose from; they are one label.
func TestChosenCodesAreOneLabel(t *testing.T) {
	for code, want := range map[liveapi.Code]string{
		10100: "chosen by the App backend", 102200: "chosen by the App backend", liveapi.CodeGiftRefused: "102004", liveapi.CodeOK: "0",
	} {
		if got := codeLabel(code); got != want {
			t.Errorf("label of %d = %q, want %q", code, got, want)
		}
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	const token, url = "callback-token-secret", "https://a.example/cb?password=url-secret"
	w := newWorld(t)
	sig := goodQuery(t).Get("usersig")
	swapped := func(r *http.Request) { param("identifier", sig)(r) }
	for _, bad := range []func(*http.Request){
		func(*http.Request) {}, swapped, param("random", sig), param("sdkappid", sig), param("UserSig", sig), rawQuery("usersig=" + sig + "&%"),
		func(r *http.Request) { r.URL.Path = "/v4/x/" + sig },
	} {
		req := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)
		bad(req)
		send(t, w.handler, req)
	}
	w.ok("set_callback", `{"Url":"`+url+`","CallbackCommandList":["Live.Nothing"]}`)
	w.call("set_callback", `{"Url":"`+url+`","CallbackCommandList":[]}`)
	w.ok("set_callback_token", `{"Token":"`+token+`","IsTokenEnable":true}`)
	w.ok("get_callback_token", `{}`)
	log := w.log.String()
	for _, secret := range []string{sig, sig[:40], testKey, "usersig=", token, "url-secret"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log:\n%s", secret, log)
		}
	}
}

func TestUnknownCommandWordsAreWarnedOfOnce(t *testing.T) {
	w := newWorld(t)
	words := `"Live.CallbackAfterModifyAdmin"`
	for i := range 12 {
		words += fmt.Sprintf(`,"Live.Typo%d"`, i)
	}
	w.ok("set_callback", `{"Url":"https://a.example","CallbackCommandList":[`+words+`]}`)
	w.ok("update_callback", `{"Url":"https://a.example","CallbackCommandList":["Live.CallbackAfterModifyAdmin","live.callbackaftermodifyadmin"]}`)
	w.ok("update_callback", `{"Url":"https://a.example","CallbackCommandList":["Live.CallbackAfterModifyAdmin"]}`)
	var got []map[string]any
	for _, line := range w.log.lines(t) {
		if line["level"] == "WARN" {
			words, _ := line["words"].([]any)
			got = append(got, map[string]any{"command": line["command"], "count": line["count"], "named": len(words)})
		}
	}
	want := []map[string]any{
		{"command": "set_callback", "count": 12.0, "named": 10},
		{"command": "update_callback", "count": 1.0, "named": 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestCallsAreCountedByCommandAndCode(t *testing.T) {
	reg := prometheus.NewRegistry()
	e := newEdge()
	h := New(Options{Engine: e, Rooms: e, Registerer: reg})
	send(t, h, newRequest(t, roomInfoPath, `{"RoomId":"r1"}`))
	send(t, h, newRequest(t, roomInfoPath, `{"RoomId":"r1"}`))
	send(t, h, newRequest(t, "/v4/any/thing", `{}`))
	send(t, h, newRequest(t, "/v4/any/other", `{}`))
	send(t, h, newRequest(t, "/v4/live_config/delete_callback", `{}`))

	got := map[string]float64{}
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			if m.GetHistogram() != nil {
				got[name] = float64(m.GetHistogram().GetSampleCount())
			} else {
				got[name] = m.GetCounter().GetValue()
			}
		}
	}
	want := map[string]float64{
		"callboard_rest_requests_total 100004 get_room_info": 2,
		"callboard_rest_requests_total 60009 unknown":        2,
		"callboard_rest_requests_total 0 delete_callback":    1,
		"callboard_rest_seconds get_room_info":               2,
		"callboard_rest_seconds unknown":                     2,
		"callboard_rest_seconds delete_callback":             1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}

// The command alone is the label of a metric and the word in the log, so it may stand for one call only.
func TestCommandsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range calls() {
		if seen[c.command] || c.command == unknownCommand || c.service == "" {
			t.Errorf("%s is in the table twice, or without its service", c.command)
		}
		seen[c.command] = true
	}
	if got := liveapi.ServiceLive + " " + liveapi.ServiceConfig; got != "live_engine_http_srv live_config" {
		t.Errorf("got services %q", got)
	}
}

// While the store is away every call fails, and a busy caller must not fill the disk with the same line.
func TestFailuresAreToldOncePerSecondWithTheirNumber(t *testing.T) {
	e, log := newEdge(), &logBuffer{}
	e.doErr = live.Refuse(live.Unavailable, "the store is away")
	now := time.Now()
	h := New(Options{Engine: e, Rooms: e, Log: log.logger(), Now: func() time.Time { return now }})
	for range 3 {
		for range 4 {
			send(t, h, newRequest(t, "/v4/live_config/delete_callback", `{}`))
			now = now.Add(100 * time.Millisecond)
		}
		now = now.Add(time.Second)
	}
	var got []any
	debug := 0
	for _, line := range log.lines(t) {
		switch line["level"] {
		case "ERROR":
			got = append(got, line["failed_since_last_told"])
		case "DEBUG":
			debug++
		}
	}
	if diff := cmp.Diff([]any{nil, 3.0, 3.0}, got); diff != "" || debug != 9 {
		t.Errorf("%d calls at level DEBUG, want 9; untold failures of the lines at level ERROR (-want +got):\n%s", debug, diff)
	}
}
