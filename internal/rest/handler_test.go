package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

const roomInfoPath = "/v4/live_engine_http_srv/get_room_info"

// Each case is bad in one thing more than the next, so that the order of the checks shows, too.
func TestRequestIsJudgedInTheDocumentedOrder(t *testing.T) {
	steps := []struct {
		name string
		bad  func(*http.Request)
		want liveapi.Code
		text string
	}{
		{"path", func(r *http.Request) { r.URL.Path += "s" }, liveapi.CodeNoSuchCommand, "path"},
		{"method", func(r *http.Request) { r.Method = http.MethodGet }, liveapi.CodeBadRequest, "POST"},
		{"encoding", func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, liveapi.CodeBadRequest, "Content-Encoding"},
		{"no sdkappid", without("sdkappid"), liveapi.CodeSDKAppIDMissing, "sdkappid"},
		{"no identifier", without("identifier"), liveapi.CodeBadRequest, "identifier"},
		{"random", param("random", "4294967296"), liveapi.CodeBadRequest, "random"},
		{"no usersig", without("usersig"), liveapi.CodeUserSigInvalid, "usersig"},
		{"body too long", func(r *http.Request) { r.ContentLength = maxBody + 1 }, liveapi.CodeBadRequest, "1048576"},
		{"body in no UTF-8", body("{\"RoomId\":\"\xff\"}"), liveapi.CodeInvalidParameter, "UTF-8"},
		{"body in no JSON", body(`{"RoomId":"r1",}`), liveapi.CodeBadJSON, "byte 16"},
		{"field", body(`{"RoomId":""}`), liveapi.CodeInvalidParameter, "RoomId"},
	}
	h := newEdge().handler()
	for i, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			req := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)
			for j := len(steps) - 1; j >= i; j-- { // the body of an earlier step replaces that of a later one
				steps[j].bad(req)
			}
			got := send(t, h, req)
			if got.ErrorCode != step.want || !strings.Contains(got.ErrorInfo, step.text) {
				t.Errorf("got %d %q, want %d with %q", got.ErrorCode, got.ErrorInfo, step.want, step.text)
			}
		})
	}
}

func TestQueryIsJudged(t *testing.T) {
	cases := []struct {
		name string
		bad  func(*http.Request)
		want liveapi.Code
		text string
	}{
		{"broken escape", rawQuery("sdkappid=%zz"), liveapi.CodeBadRequest, "parsed"},
		{"semicolon", rawQuery("sdkappid=1;identifier=a"), liveapi.CodeBadRequest, "parsed"},
		{"too long", rawQuery("a=" + strings.Repeat("a", access.MaxQuery)), liveapi.CodeBadRequest, "16384"},
		{"sdkappid empty", param("sdkappid", ""), liveapi.CodeSDKAppIDMissing, "empty"},
		{"sdkappid in other letters", renamed("sdkappid", "SdkAppid"), liveapi.CodeSDKAppIDMissing, `"SdkAppid"`},
		{"sdkappid a word", param("sdkappid", "x"), liveapi.CodeSDKAppIDInvalid, "sdkappid"},
		{"sdkappid negative", param("sdkappid", "-1"), liveapi.CodeSDKAppIDInvalid, "sdkappid"},
		{"sdkappid 0", param("sdkappid", "0"), liveapi.CodeSDKAppIDInvalid, "sdkappid"},
		{"sdkappid of 33 bits", param("sdkappid", "4294967296"), liveapi.CodeSDKAppIDInvalid, "sdkappid"},
		{"sdkappid unknown", param("sdkappid", "7"), liveapi.CodeSDKAppIDUnknown, "7"},
		{"identifier in other letters", renamed("identifier", "Identifier"), liveapi.CodeBadRequest, `"Identifier"`},
		{"identifier empty", param("identifier", ""), liveapi.CodeBadRequest, "identifier"},
		{"random a word", param("random", "x"), liveapi.CodeBadRequest, "random"},
		{"random negative", param("random", "-1"), liveapi.CodeBadRequest, "random"},
		{"random empty", param("random", ""), liveapi.CodeBadRequest, "random"},
		{"usersig in other letters", renamed("usersig", "userSig"), liveapi.CodeUserSigInvalid, `"userSig"`},
	}
	h := newEdge().handler()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)
			c.bad(req)
			got := send(t, h, req)
			if got.ErrorCode != c.want || !strings.Contains(got.ErrorInfo, c.text) {
				t.Errorf("got %d %q, want %d with %q", got.ErrorCode, got.ErrorInfo, c.want, c.text)
			}
		})
	}
}

func TestQueryNeedsNeitherRandomNorContentType(t *testing.T) {
	req := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`)
	without("random")(req)
	without("contenttype")(req)
	if got := send(t, newEdge().handler(), req); got.ErrorCode != liveapi.CodeRoomNotFound {
		t.Errorf("got %d %q, want 100004", got.ErrorCode, got.ErrorInfo)
	}
}

func TestUnknownPathsAreRefused(t *testing.T) {
	h := newEdge().handler()
	for _, path := range []string{
		"/v4/", "/v4/live_engine_http_srv", "/v4/live_engine_http_srv/", "/v4/live_engine_http_srv/Create_Room",
		"/v4/live_engine_http_srv/create_room/", "/v4/live_config/create_room", "/v4/live_engine_http_srv/give_gift",
		"/v3/live_engine_http_srv/create_room", "/",
	} {
		if got := send(t, h, newRequest(t, path, `{}`)); got.ErrorCode != liveapi.CodeNoSuchCommand {
			t.Errorf("%s: got %d, want 60009", path, got.ErrorCode)
		}
	}
}

func TestBodyIsOneJSONObject(t *testing.T) {
	cases := []struct {
		body string
		want liveapi.Code
	}{
		{"", liveapi.CodeBadJSON},
		{" \r\n\t", liveapi.CodeBadJSON},
		{"null", liveapi.CodeBadJSON},
		{"[]", liveapi.CodeBadJSON},
		{`"RoomId"`, liveapi.CodeBadJSON},
		{`{"RoomId":"r1"`, liveapi.CodeBadJSON},
		{`{"RoomId":"r1"}}`, liveapi.CodeBadJSON},
		{`{"RoomId":"r1"}{}`, liveapi.CodeBadJSON},
		{`{"RoomId":"r1"} // the room`, liveapi.CodeBadJSON},
		{"\ufeff" + `{"RoomId":"r1"}`, liveapi.CodeBadJSON},
		{`{"a":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, liveapi.CodeBadJSON},
		{`{"RoomId":{"RoomId":"r1"}}`, liveapi.CodeInvalidParameter},
		{`{"RoomId":"a","RoomId":null}`, liveapi.CodeInvalidParameter},
		{"\n{ \"RoomId\"\t:\r\n \"r1\" }\n", liveapi.CodeRoomNotFound},
		{`{"RoomId":7,"RoomId":"r1"}`, liveapi.CodeRoomNotFound},
		{`{"Room\u0049d":"r\u0031"}`, liveapi.CodeRoomNotFound},
		{`{"roomid":"a","RoomId":"r1","More":{"RoomId":[1,{}]},"":0}`, liveapi.CodeRoomNotFound},
	}
	h := newEdge().handler()
	for _, c := range cases {
		if got := send(t, h, newRequest(t, roomInfoPath, c.body)); got.ErrorCode != c.want {
			t.Errorf("%.60q: got %d %q, want %d", c.body, got.ErrorCode, got.ErrorInfo, c.want)
		}
	}
}

// unread fails a test when it is read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestBodyOfStrangersIsNotRead(t *testing.T) {
	h := newEdge().handler()
	for _, bad := range []func(*http.Request){
		param("usersig", "x"), param("sdkappid", "7"), func(r *http.Request) { r.Method = http.MethodPut },
	} {
		req := httptest.NewRequest(http.MethodPost, roomInfoPath+"?"+goodQuery(t).Encode(), unread{t})
		bad(req)
		if got := send(t, h, req); got.ErrorCode == liveapi.CodeOK {
			t.Error("got 0, want a refusal")
		}
	}
}

func TestBodyIsReadUpToItsLimit(t *testing.T) {
	h := newEdge().handler()
	for _, c := range []struct {
		size int
		want liveapi.Code
	}{{maxBody, liveapi.CodeRoomNotFound}, {maxBody + 1, liveapi.CodeBadRequest}} {
		text := `{"RoomId":"r1"}`
		source := strings.NewReader(text + strings.Repeat(" ", 2*maxBody))
		req := httptest.NewRequest(http.MethodPost, roomInfoPath+"?"+goodQuery(t).Encode(), io.LimitReader(source, int64(c.size)))
		got := send(t, h, req) // its length is not known beforehand
		if got.ErrorCode != c.want {
			t.Errorf("%d bytes: got %d %q, want %d", c.size, got.ErrorCode, got.ErrorInfo, c.want)
		}
		if read := source.Size() - int64(source.Len()); read > maxBody+1 {
			t.Errorf("%d bytes: %d were read", c.size, read)
		}
	}
}

func TestBodyThatIsCutOffIsRefused(t *testing.T) {
	broken := io.MultiReader(strings.NewReader(`{"RoomId":"r1"}`), errReader{})
	req := httptest.NewRequest(http.MethodPost, roomInfoPath+"?"+goodQuery(t).Encode(), broken)
	if got := send(t, newEdge().handler(), req); got.ErrorCode != liveapi.CodeBadRequest {
		t.Errorf("got %d %q, want 60002", got.ErrorCode, got.ErrorInfo)
	}
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRequestIdIsUniqueAndHasItsForm(t *testing.T) {
	form := regexp.MustCompile(`^Id-[0-9a-f]{32}-O-Seq-[0-9]+$`)
	h := newEdge().handler()
	seen := map[string]bool{}
	for range 100 {
		id := send(t, h, newRequest(t, roomInfoPath, `{}`)).RequestID
		if !form.MatchString(id) || seen[id] {
			t.Fatalf("got RequestId %q, want a new one of the form %s", id, form)
		}
		seen[id] = true
	}
}

func TestChangeNamesWhoMadeItFromWhere(t *testing.T) {
	e := newEdge()
	req := newRequest(t, "/v4/live_engine_http_srv/destroy_room", `{"RoomId":"r1"}`)
	req.RemoteAddr = "[2001:db8::7]:4711"
	got := send(t, e.handler(), req)
	want := live.Actor{Account: testAdmin, ClientIP: "2001:db8::7", Platform: live.PlatformREST, Cause: got.RequestID}
	if diff := cmp.Diff(want, e.by); diff != "" {
		t.Errorf("actor (-want +got):\n%s", diff)
	}
}

func TestAnswerIsCompactAndNotEscaped(t *testing.T) {
	rec := httptest.NewRecorder()
	writeAnswer(rec, answerOf("Id-1", liveapi.CreateRoomResponse{RoomID: "<&>"}, nil))
	want := `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"RequestId":"Id-1","Response":{"RoomId":"<&>"}}`
	if diff := cmp.Diff(want, rec.Body.String()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestFailureOfTheStoreIsNotDescribedToCallers(t *testing.T) {
	e := newEdge()
	e.err = errors.New("disk /var/secret is full")
	for path, body := range map[string]string{
		roomInfoPath:                              `{"RoomId":"r1"}`,
		"/v4/live_engine_http_srv/get_room_list":  `{"Next":""}`,
		"/v4/live_engine_http_srv/get_admin_list": `{"RoomId":"r1"}`,
	} {
		log := &logBuffer{}
		h := New(Options{Engine: e, Rooms: e, Log: log.logger()})
		got := send(t, h, newRequest(t, path, body))
		if got.ErrorCode != liveapi.CodeInternal || strings.Contains(got.ErrorInfo, "disk") {
			t.Errorf("%s: got %d %q, want 100001 without the cause", path, got.ErrorCode, got.ErrorInfo)
		}
		lines := log.lines(t)
		if len(lines) != 1 || lines[0]["level"] != "ERROR" || !strings.Contains(fmt.Sprint(lines[0]["error"]), "disk") {
			t.Errorf("%s: got log %v, want one line at ERROR with the cause", path, lines)
		}
	}
}

func TestCallerWhoLeavesIsNoErrorOfTheServer(t *testing.T) {
	e := newEdge()
	e.err = fmt.Errorf("read: %w", context.Canceled)
	log := &logBuffer{}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	req := newRequest(t, roomInfoPath, `{"RoomId":"r1"}`).WithContext(ctx)
	send(t, New(Options{Engine: e, Rooms: e, Log: log.logger()}), req)
	if got := log.lines(t)[0]["level"]; got != "INFO" {
		t.Errorf("got level %v, want INFO", got)
	}
}

// Ways of making a request bad.

func rawQuery(raw string) func(*http.Request) {
	return func(r *http.Request) { r.URL.RawQuery = raw }
}

func param(name, value string) func(*http.Request) {
	return changed(func(q url.Values) { q.Set(name, value) })
}

func without(name string) func(*http.Request) {
	return changed(func(q url.Values) { q.Del(name) })
}

func renamed(name, other string) func(*http.Request) {
	return changed(func(q url.Values) { q[other] = q[name]; delete(q, name) })
}

func changed(change func(url.Values)) func(*http.Request) {
	return func(r *http.Request) {
		q := r.URL.Query()
		change(q)
		r.URL.RawQuery = q.Encode()
	}
}

func body(text string) func(*http.Request) {
	return func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(text))
		r.ContentLength = int64(len(text))
	}
}

func signed(t *testing.T, c usersig.Claims) func(*http.Request) {
	t.Helper()
	return param("usersig", sign(t, c))
}
