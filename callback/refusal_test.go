package callback

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func TestRefusedRequestsReachNoFunction(t *testing.T) {
	const (
		otherID   = "the SDKAppID of the URL is not that of this App backend"
		notObject = "the body is not a JSON object"
		broken    = "the body is not a JSON object with a command"
		twoWords  = "URL and body do not name the same CallbackCommand"
		number    = "a number in the Callboard headers does not parse"
		packet    = "the body is not a valid packet of its command"
	)
	replace := func(old, by string) string { return strings.Replace(sampleModifyAdmin, old, by, 1) }
	for _, tt := range []struct {
		name        string
		query, body string
		header      []string
		status      int
		info        string
	}{
		{"long query", seedQuery + "&x=" + strings.Repeat("x", maxQuery), sampleModifyAdmin, nil, 414, "the query is longer than 16 KiB"},
		{"no SDKAppID", "CallbackCommand=Live.CallbackAfterModifyAdmin", sampleModifyAdmin, nil, 403, otherID},
		{"other SDKAppID", "SdkAppid=1400000002", sampleModifyAdmin, nil, 403, otherID},
		{"SDKAppID is no number", "SdkAppid=1400000001x", sampleModifyAdmin, nil, 403, otherID},
		{"SDKAppID plus 2^32", "SdkAppid=5694967297", sampleModifyAdmin, nil, 403, otherID},
		{"large body", seedQuery, sampleModifyAdmin + strings.Repeat(" ", 1<<20), nil, 413, "the body is larger than 1048576 bytes"},
		{"empty body", seedQuery, "", nil, 400, notObject},
		{"array", seedQuery, "[]", nil, 400, notObject},
		{"null", seedQuery, "null", nil, 400, notObject},
		{"broken JSON", seedQuery, sampleModifyAdmin[:40], nil, 400, broken},
		{"more after the object", seedQuery, sampleModifyAdmin + "{}", nil, 400, broken},
		{"command is a number", seedQuery, replace(`"Live.CallbackAfterModifyAdmin"`, "7"), nil, 400, broken},
		{"no command in the URL", "SdkAppid=1400000001", sampleModifyAdmin, nil, 400, twoWords},
		{"no command in the body", seedQuery, "{}", nil, 400, twoWords},
		{"no command anywhere", "SdkAppid=1400000001", "{}", nil, 400, twoWords},
		{"two commands", seedQuery, sampleChangeOwner, nil, 400, twoWords},
		{"Seq is no number", seedQuery, sampleModifyAdmin, []string{HeaderSeq, "x"}, 400, number},
		{"negative Room-Seq", seedQuery, sampleModifyAdmin, []string{HeaderRoomSeq, "-1"}, 400, number},
		{"Room-Prev beyond int64", seedQuery, sampleModifyAdmin, []string{HeaderRoomPrev, "9223372036854775808"}, 400, number},
		{"wrong account", seedQuery, replace(`"admin"`, "{}"), nil, 400, packet},
		{"accounts are no array", seedQuery, replace(`["user1", "user2"]`, `"user1"`), nil, 400, packet},
		{"wrong EventTime", seedQuery, replace("1703589922780", `"soon"`), nil, 400, packet},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := &Handler{SDKAppID: ownID, ErrorLog: quiet, OnModifyAdmin: func(context.Context, Delivery, ModifyAdmin) error {
				t.Error("the function was called, want no call")
				return nil
			}}
			h.OnOther = func(ctx context.Context, d Delivery) error { return h.OnModifyAdmin(ctx, d, ModifyAdmin{}) }
			status, answer := post(t, h, tt.query, tt.body, tt.header...)
			if want := fail(tt.info, tt.status); status != tt.status || answer != want {
				t.Errorf("answer = %d %s, want %d %s", status, answer, tt.status, want)
			}
		})
	}
}

func TestOnlyPostIsACallback(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/?"+seedQuery, nil)
	w := httptest.NewRecorder()
	(&Handler{SDKAppID: ownID, ErrorLog: quiet}).ServeHTTP(w, r)
	if got, want := w.Body.String(), fail("a callback is a POST request", 405); w.Code != 405 || got != want {
		t.Errorf("answer = %d %s, want 405 %s", w.Code, got, want)
	}
	if got, want := w.Header().Get("Allow"), "POST"; got != want {
		t.Errorf("Allow = %q, want %q", got, want)
	}
}

func TestAHandlerWithoutSDKAppIDRefusesEverything(t *testing.T) {
	status, _ := post(t, &Handler{ErrorLog: quiet}, "SdkAppid=0&CallbackCommand=Live.CallbackAfterModifyAdmin", sampleModifyAdmin)
	if status != http.StatusForbidden {
		t.Errorf("status = %d, want 403", status)
	}
}

func TestABodyThatIsCutOffIsRefused(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/?"+seedQuery, iotest.ErrReader(io.ErrUnexpectedEOF))
	status, answer := serve(t, &Handler{SDKAppID: ownID, ErrorLog: quiet}, r)
	if want := fail("the body was cut off", 400); status != 400 || answer != want {
		t.Errorf("answer = %d %s, want 400 %s", status, answer, want)
	}
}

func TestMaxBodyIsTheLargestBodyAccepted(t *testing.T) {
	h := &Handler{SDKAppID: ownID, ErrorLog: quiet, MaxBody: int64(len(sampleModifyAdmin))}
	if status, _ := post(t, h, seedQuery, sampleModifyAdmin); status != http.StatusOK {
		t.Errorf("status at the limit = %d, want 200", status)
	}
	if status, _ := post(t, h, seedQuery, sampleModifyAdmin+" "); status != http.StatusRequestEntityTooLarge {
		t.Errorf("status above the limit = %d, want 413", status)
	}
}

func TestWithATokenOnlySignedCallbacksPass(t *testing.T) {
	h := &Handler{SDKAppID: ownID, Token: vectorToken, ErrorLog: quiet, Now: func() time.Time { return time.Unix(vectorTime, 0) }}
	sign := "&Sign=" + vectorSign
	for _, tt := range []struct {
		name, query string
		status      int
	}{
		{"signed", sign + "&RequestTime=1669872112", 200},
		{"not signed", "", 403},
		{"no RequestTime", sign, 403},
		{"another time", sign + "&RequestTime=1669872113", 403},
		{"old", "&Sign=" + Sign(vectorToken, vectorTime-61) + "&RequestTime=1669872051", 403},
		{"another token", "&Sign=" + Sign("other", vectorTime) + "&RequestTime=1669872112", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, answer := post(t, h, seedQuery+tt.query, sampleModifyAdmin)
			want := answeredOK
			if tt.status != 200 {
				want = fail("Sign or RequestTime is not valid", tt.status)
			}
			if status != tt.status || answer != want {
				t.Errorf("answer = %d %s, want %d %s", status, answer, tt.status, want)
			}
		})
	}
}

func TestTheLogOfARefusalIsShortAndHasNoSecrets(t *testing.T) {
	var log bytes.Buffer
	h := &Handler{SDKAppID: ownID, Token: vectorToken, ErrorLog: slog.New(slog.NewTextHandler(&log, nil))}
	h.Now = func() time.Time { return time.Unix(vectorTime, 0) }
	signed := seedQuery + "&RequestTime=1669872112&Sign="
	post(t, h, signed+strings.Repeat("0", 64), sampleModifyAdmin)
	long := strings.Replace(sampleModifyAdmin, "1703589922780", strings.Repeat("9", 1<<19), 1)
	post(t, h, signed+vectorSign, long)
	if got := strings.Count(log.String(), "level=WARN"); got != 2 || log.Len() > 2048 {
		t.Errorf("log has %d warnings in %d bytes, want 2 in at most 2048", got, log.Len())
	}
	for _, secret := range []string{vectorToken, vectorSign, strings.Repeat("0", 64)} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("log contains %q, want no secrets:\n%s", secret, log.String())
		}
	}
}
