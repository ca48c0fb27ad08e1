package callback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ownID = 1400000001

// seedQuery is the query of the seed page.
const seedQuery = "SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterModifyAdmin&contenttype=json"

var quiet = slog.New(slog.DiscardHandler)

// post hands a callback to h and returns the HTTP status and the body of the answer.
func post(t *testing.T, h *Handler, query, body string, header ...string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return serve(t, h, r)
}

func serve(t *testing.T, h *Handler, r *http.Request) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if got, want := w.Header().Get("Content-Type"), "application/json"; got != want {
		t.Errorf("Content-Type = %q, want %q", got, want)
	}
	return w.Code, w.Body.String()
}

// fail returns the envelope of a refusal or failure.
func fail(info string, code int) string {
	return fmt.Sprintf(`{"ActionStatus":"FAIL","ErrorInfo":%q,"ErrorCode":%d}`, info, code)
}

const answeredOK = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`

func TestACheckedCallbackIsHandedOverOnceWithItsNumbers(t *testing.T) {
	type call struct {
		Delivery Delivery
		Packet   ModifyAdmin
	}
	var got []call
	h := &Handler{SDKAppID: ownID, ErrorLog: quiet, OnModifyAdmin: func(_ context.Context, d Delivery, p ModifyAdmin) error {
		got = append(got, call{d, p})
		return nil
	}}
	status, answer := post(t, h, seedQuery+"&ClientIP=192.0.2.7&OptPlatform=RESTAPI", sampleModifyAdmin,
		HeaderEventID, "1400000001-abcdefgh-7", HeaderLog, "abcdefgh", HeaderSeq, "7", HeaderPrev, "0",
		HeaderLane, "room%2Fid", HeaderRoomSeq, "1042", HeaderRoomPrev, "1041", HeaderRoomState, "0123456789abcdef",
		HeaderAttempt, "2", HeaderSkipped, "18-1041", HeaderReplay, "true", HeaderCause, "Id-1-O-Seq-1")
	if status != http.StatusOK || answer != answeredOK {
		t.Errorf("answer = %d %s, want 200 %s", status, answer, answeredOK)
	}
	want := []call{{
		Delivery: Delivery{
			SDKAppID: ownID, Command: CommandAfterModifyAdmin, EventID: "1400000001-abcdefgh-7", Log: "abcdefgh", Lane: "room%2Fid",
			Seq: 7, RoomSeq: 1042, RoomPrev: 1041, RoomState: "0123456789abcdef", Attempt: 2,
			Skipped: "18-1041", SkippedFrom: 18, SkippedTo: 1041, Replay: true, Cause: "Id-1-O-Seq-1",
			ClientIP: "192.0.2.7", OptPlatform: "RESTAPI", Body: []byte(sampleModifyAdmin),
		},
		Packet: seedModifyAdmin,
	}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("calls (-got +want):\n%s", diff)
	}
}

func TestACallbackOfAnotherSenderHasNoNumbers(t *testing.T) {
	var got Delivery
	h := &Handler{SDKAppID: ownID, OnModifyAdmin: func(_ context.Context, d Delivery, _ ModifyAdmin) error {
		got = d
		return nil
	}}
	post(t, h, seedQuery, sampleModifyAdmin)
	want := Delivery{SDKAppID: ownID, Command: CommandAfterModifyAdmin, Body: []byte(sampleModifyAdmin)}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("delivery (-got +want):\n%s", diff)
	}
}

func TestEachCommandReachesItsOwnFunctionOnly(t *testing.T) {
	var got []string
	h := &Handler{
		SDKAppID: ownID,
		OnModifyAdmin: func(_ context.Context, _ Delivery, p ModifyAdmin) error {
			got = append(got, "ModifyAdmin "+p.RoomID)
			return nil
		},
		OnChangeOwner: func(_ context.Context, _ Delivery, p ChangeOwner) error {
			got = append(got, "ChangeOwner "+p.RoomID)
			return nil
		},
		OnCreateRoom: func(_ context.Context, _ Delivery, p CreateRoom) error {
			got = append(got, "CreateRoom "+p.RoomInfo.RoomID)
			return nil
		},
		OnDestroyRoom: func(_ context.Context, _ Delivery, p DestroyRoom) error {
			got = append(got, "DestroyRoom "+p.RoomID)
			return nil
		},
		OnUpdateRoomInfo: func(_ context.Context, _ Delivery, p UpdateRoomInfo) error {
			got = append(got, "UpdateRoomInfo "+p.RoomInfo.RoomID)
			return nil
		},
		OnRoomThreshold: func(_ context.Context, _ Delivery, p RoomThreshold) error {
			got = append(got, fmt.Sprint("RoomThreshold ", p.CurRoomCount, " of ", p.MaxRoomCount))
			return nil
		},
		OnSetMetadata: func(_ context.Context, _ Delivery, p SetMetadata) error {
			got = append(got, "SetMetadata "+p.Metadata[0].Key)
			return nil
		},
		OnDelMetadata: func(_ context.Context, _ Delivery, p DelMetadata) error {
			got = append(got, "DelMetadata "+p.Keys[0])
			return nil
		},
		OnSeatInfoChanged: func(_ context.Context, _ Delivery, p SeatInfoChanged) error {
			got = append(got, "SeatInfoChanged "+p.RoomID)
			return nil
		},
		OnCreateBattle: func(_ context.Context, _ Delivery, p CreateBattle) error {
			got = append(got, "CreateBattle "+p.FromRoomID)
			return nil
		},
		OnStartBattle: func(_ context.Context, _ Delivery, p StartBattle) error {
			got = append(got, "StartBattle "+p.FromRoomInfo.RoomID)
			return nil
		},
		OnEndBattle: func(_ context.Context, _ Delivery, p EndBattle) error {
			got = append(got, "EndBattle "+p.FromRoomInfo.RoomID)
			return nil
		},
		OnMemberStateChanged: func(_ context.Context, d Delivery, p MemberStateChanged) error {
			got = append(got, string(d.Command)+" "+p.RoomID+" "+string(p.MemberList[0].MemberAccount))
			return nil
		},
		OnOther: func(_ context.Context, d Delivery) error {
			got = append(got, "other "+string(d.Command))
			return nil
		},
	}
	const memberState = "Live.CallbackAfterMemberStateChanged"
	for _, tt := range []struct {
		command, body string
		want          []string
	}{
		{"Live.CallbackAfterModifyAdmin", sampleModifyAdmin, []string{"ModifyAdmin room_id"}},
		{"Live.CallbackAfterChangeOwner", sampleChangeOwner, []string{"ChangeOwner room_id"}},
		{"Live.CallbackAfterCreateRoomReachingThreshold", sampleRoomThreshold, []string{"RoomThreshold 400 of 500"}},
		{"Live.CallbackAfterSetMetadata", sampleSetMetadata, []string{"SetMetadata key1"}},
		{"Live.CallbackAfterDelMetadata", sampleDelMetadata, []string{"DelMetadata key1"}},
		{"Live.CallbackAfterCreateRoom", sampleCreateRoom, []string{"CreateRoom r"}},
		{"Live.CallbackAfterDestroyRoom", realDestroyRoom, []string{"DestroyRoom live_7"}},
		{"Live.CallbackAfterUpdateRoomInfo", sampleUpdateRoomInfo, []string{"UpdateRoomInfo live-room"}},
		{"Mic.CallbackAfterSeatInfoChanged", sampleSeatInfoChanged, []string{"SeatInfoChanged rid-123"}},
		{"Live.CallbackAfterCreateBattle", sampleCreateBattle, []string{"CreateBattle pk-3"}},
		{"Live.CallbackAfterStartBattle", sampleStartBattle, []string{"StartBattle pk-3"}},
		{"Live.CallbackAfterEndBattle", sampleEndBattle, []string{"EndBattle pk-3"}},
		{"Live.Unheard", `{"CallbackCommand":"Live.Unheard"}`, []string{"other Live.Unheard"}},
		{memberState, sampleMemberStateChanged, []string{memberState + " room_id jared"}},
		{"Live.CallbackMemberStateChanged", sampleMemberStateChanged, []string{memberState + " room_id jared"}},
		{memberState, strings.Replace(sampleMemberStateChanged, "After", "", 1), []string{memberState + " room_id jared"}},
	} {
		t.Run(tt.command, func(t *testing.T) {
			got = nil
			query := "SdkAppid=1400000001&CallbackCommand=" + tt.command
			if status, answer := post(t, h, query, tt.body); status != http.StatusOK || answer != answeredOK {
				t.Errorf("answer = %d %s, want 200 %s", status, answer, answeredOK)
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("calls (-got +want):\n%s", diff)
			}
			if status, answer := post(t, &Handler{SDKAppID: ownID}, query, tt.body); status != http.StatusOK || answer != answeredOK {
				t.Errorf("answer without a function = %d %s, want 200 %s", status, answer, answeredOK)
			}
		})
	}
}

func TestTheQueryIsReadByName(t *testing.T) {
	const command = "&CallbackCommand=Live.CallbackAfterModifyAdmin"
	for _, tt := range []struct{ name, query string }{
		{"documented", seedQuery},
		{"SdkAppId", "SdkAppId=1400000001" + command},
		{"another order", "contenttype=json" + command + "&SdkAppid=1400000001"},
		{"all lower case", "sdkappid=1400000001&callbackcommand=Live.CallbackAfterModifyAdmin"},
		{"escaped", "SdkAppid=1400000001&CallbackCommand=Live%2ECallbackAfterModifyAdmin"},
		{"own parameters before", "sdkappid=5&token=a;b&x=%zz&" + seedQuery},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &Handler{SDKAppID: ownID, ErrorLog: quiet}
			if status, answer := post(t, h, tt.query, sampleModifyAdmin); status != http.StatusOK || answer != answeredOK {
				t.Errorf("answer = %d %s, want 200 %s", status, answer, answeredOK)
			}
		})
	}
}

func TestAFailedFunctionIsAnsweredWithFailAndKeepsItsText(t *testing.T) {
	const generic = "the App backend failed to process the callback"
	for _, tt := range []struct {
		name   string
		fn     func() error
		want   string
		logged string
	}{
		{"plain error", func() error { return errors.New("password of db1") }, fail(generic, 1), "password of db1"},
		{"chosen", func() error { return &Error{Code: 102101, Info: "no gifts today"} }, fail("no gifts today", 102101), "no gifts today"},
		{"chosen, wrapped", func() error { return fmt.Errorf("password: %w", &Error{Code: 7, Info: "later"}) }, fail("later", 7), "password"},
		{"chosen without a code", func() error { return &Error{Info: "later"} }, fail("later", 1), "later"},
		{"nil *Error", func() error { return (*Error)(nil) }, fail(generic, 1), "function failed"},
		{"panic", func() error { panic("password of db2") }, fail(generic, 1), "password of db2"},
		{"panic with nil", func() error { panic(nil) }, fail(generic, 1), "panicked"}, //nolint:govet // what a handler may do by mistake
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			h := &Handler{
				SDKAppID: ownID, ErrorLog: slog.New(slog.NewTextHandler(&log, nil)),
				OnModifyAdmin: func(context.Context, Delivery, ModifyAdmin) error { return tt.fn() },
				OnOther:       func(context.Context, Delivery) error { return tt.fn() },
			}
			if status, answer := post(t, h, seedQuery, sampleModifyAdmin); status != http.StatusOK || answer != tt.want {
				t.Errorf("answer = %d %s, want 200 %s", status, answer, tt.want)
			}
			const follow = "Follow.CallbackAfterFollowAdd"
			status, answer := post(t, h, "SdkAppid=1400000001&CallbackCommand="+follow, `{"CallbackCommand":"`+follow+`"}`)
			if status != http.StatusOK || answer != tt.want {
				t.Errorf("answer of OnOther = %d %s, want 200 %s", status, answer, tt.want)
			}
			if got := strings.Count(log.String(), "level=ERROR"); got != 2 || !strings.Contains(log.String(), tt.logged) {
				t.Errorf("log has %d errors, want 2 and %q:\n%s", got, tt.logged, log.String())
			}
		})
	}
}
