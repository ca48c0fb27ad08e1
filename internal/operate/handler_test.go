package operate

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/usersig"
)

const testApp = live.AppID(1400000001)

var testKey = strings.Repeat("0f", 32)

// fake is delivery and the Apps: it notes what it was asked.
type fake struct {
	err    error
	asked  any
	reader delivery.ReaderID
}

type pauseAsk struct{ Why eventlog.Reason }

type resumeAsk struct{}

func (f *fake) App(id live.AppID) *live.App {
	if id != testApp {
		return nil
	}
	return &live.App{ID: id, Key: testKey, Administrators: []live.Account{"administrator"}}
}

func (f *fake) Redeliver(_ context.Context, app live.AppID, r delivery.Redelivery) (delivery.ReaderID, error) {
	f.asked, f.reader = r, delivery.ReaderID{App: app, Name: "redelivery-1"}
	return f.reader, f.err
}

func (f *fake) Pause(_ context.Context, id delivery.ReaderID, why eventlog.Reason) error {
	f.asked, f.reader = pauseAsk{why}, id
	return f.err
}

func (f *fake) Resume(_ context.Context, id delivery.ReaderID) error {
	f.asked, f.reader = resumeAsk{}, id
	return f.err
}

func query(t testing.TB, identifier string) string {
	t.Helper()
	sig, err := usersig.New(testKey, usersig.Claims{SDKAppID: uint32(testApp), Identifier: identifier})
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"sdkappid": {testApp.String()}, "identifier": {identifier}, "usersig": {sig}}.Encode()
}

func send(f *fake, method, target, body string) *httptest.ResponseRecorder {
	h := New(Options{Apps: f, Gate: access.NewGate(0, nil), Delivery: f})
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), method, target, strings.NewReader(body)))
	return rec
}

func TestOperationsAskDeliveryForWhatTheBodySays(t *testing.T) {
	callback := delivery.ReaderID{App: testApp, Name: delivery.CallbackReader}
	again := delivery.ReaderID{App: testApp, Name: "redelivery-1"}
	audit := delivery.ReaderID{App: testApp, Name: "endpoint-audit"}
	cases := []struct {
		name, path, body string
		asked            any
		reader           delivery.ReaderID
		answer           string
	}{
		{"redeliver everything", "redeliver", "", delivery.Redelivery{Reader: "callback", From: 1, To: math.MaxInt64, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"redeliver a range", "redeliver", `{"From":3,"To":9}`, delivery.Redelivery{Reader: "callback", From: 3, To: 9, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"redeliver dead letters of a lane", "redeliver", `{"Lane":"r1","DeadOnly":true}`,
			delivery.Redelivery{Reader: "callback", From: 1, To: math.MaxInt64, Lane: "r1", DeadOnly: true, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"redeliver to an endpoint", "redeliver", `{"Reader":"endpoint-audit","DeadOnly":true}`,
			delivery.Redelivery{Reader: "endpoint-audit", From: 1, To: math.MaxInt64, DeadOnly: true, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"pause an endpoint", "pause", `{"Reader":"endpoint-audit"}`, pauseAsk{"paused by administrator"}, audit, `{"Reader":"endpoint-audit"}`},
		{"pause", "pause", "{}", pauseAsk{"paused by administrator"}, callback, `{"Reader":"callback"}`},
		{"pause with a reason", "pause", `{"Reason":"migration"}`, pauseAsk{"paused by administrator: migration"}, callback, `{"Reader":"callback"}`},
		{"pause a redelivery", "pause", `{"Reader":"redelivery-1"}`, pauseAsk{"paused by administrator"}, again, `{"Reader":"redelivery-1"}`},
		{"resume", "resume", "", resumeAsk{}, callback, `{"Reader":"callback"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := &fake{}
			rec := send(f, http.MethodPost, Prefix+c.path+"?"+query(t, "administrator"), c.body)
			if got := strings.TrimSpace(rec.Body.String()); rec.Code != http.StatusOK || got != c.answer {
				t.Errorf("answer %d %s, want 200 %s", rec.Code, got, c.answer)
			}
			if diff := cmp.Diff(c.asked, f.asked, cmpopts.EquateApproxTime(0), cmpopts.IgnoreTypes(time.Time{})); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if f.reader != c.reader {
				t.Errorf("reader %v, want %v", f.reader, c.reader)
			}
		})
	}
}

func TestWhatIsRefusedSaysWhatToDoAndAsksForNothing(t *testing.T) {
	admin, nobody := query(t, "administrator"), query(t, "user1")
	cases := []struct {
		name, method, target, body string
		status                     int
		says                       string
	}{
		{"another path", http.MethodPost, Prefix + "rewind?" + admin, "", 404, "redeliver, pause and resume"},
		{"another method", http.MethodGet, Prefix + "pause?" + admin, "", 405, "POST"},
		{"no identifier", http.MethodPost, Prefix + "pause?sdkappid=1400000001&usersig=x", "", 400, "identifier"},
		{"another App", http.MethodPost, Prefix + "pause?" + strings.Replace(admin, testApp.String(), "7", 1), "", 404, "no such App"},
		{"a broken UserSig", http.MethodPost, Prefix + "pause?sdkappid=1400000001&identifier=administrator&usersig=x", "", 401, "UserSig"},
		{"no App administrator", http.MethodPost, Prefix + "pause?" + nobody, "", 403, "no App administrator"},
		{"no JSON", http.MethodPost, Prefix + "redeliver?" + admin, "{", 400, "JSON"},
		{"two objects", http.MethodPost, Prefix + "redeliver?" + admin, "{}{}", 400, "something follows"},
		{"an unknown key", http.MethodPost, Prefix + "redeliver?" + admin, `{"form":1}`, 400, "PascalCase"},
		{"a wrong type", http.MethodPost, Prefix + "redeliver?" + admin, `{"From":"1"}`, 400, "From must not be a JSON string"},
		{"a range that is none", http.MethodPost, Prefix + "redeliver?" + admin, `{"From":9,"To":3}`, 400, "From not above To"},
		{"a negative number", http.MethodPost, Prefix + "redeliver?" + admin, `{"From":-1}`, 400, "numbers of the log"},
		{"a lane with NUL", http.MethodPost, Prefix + "redeliver?" + admin, `{"Lane":"a\u0000"}`, 400, "Lane"},
		{"a long lane", http.MethodPost, Prefix + "redeliver?" + admin, `{"Lane":"` + strings.Repeat("a", 257) + `"}`, 400, "Lane"},
		{"invalid UTF-8", http.MethodPost, Prefix + "pause?" + admin, "{\"Reason\":\"\xff\"}", 400, "UTF-8"},
		{"a long reason", http.MethodPost, Prefix + "pause?" + admin, `{"Reason":"` + strings.Repeat("a", 101) + `"}`, 400, "100 bytes"},
		{"a reader that is none", http.MethodPost, Prefix + "resume?" + admin, `{"Reader":"Callback\u0000"}`, 400, "Reader"},
		{"redeliver to a reader that is none", http.MethodPost, Prefix + "redeliver?" + admin, `{"Reader":"Audit"}`, 400, "endpoint-NAME"},
		{"a long body", http.MethodPost, Prefix + "pause?" + admin, strings.Repeat(" ", maxBody+1), 413, "64 KiB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := &fake{}
			rec := send(f, c.method, c.target, c.body)
			var got struct{ Error string }
			if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil || rec.Code != c.status || !strings.Contains(got.Error, c.says) {
				t.Errorf("answer %d %s, want %d with %q", rec.Code, rec.Body, c.status, c.says)
			}
			if f.asked != nil {
				t.Errorf("delivery was asked for %+v", f.asked)
			}
		})
	}
}

func TestFailuresOfDeliveryHaveAStatusAndNoInnerText(t *testing.T) {
	for err, status := range map[error]int{
		delivery.ErrNoReader:            http.StatusNotFound,
		delivery.ErrTooMany:             http.StatusTooManyRequests,
		delivery.ErrStopping:            http.StatusServiceUnavailable,
		errors.New("secret of a store"): http.StatusServiceUnavailable,
	} {
		rec := send(&fake{err: err}, http.MethodPost, Prefix+"resume?"+query(t, "administrator"), "")
		if rec.Code != status || strings.Contains(rec.Body.String(), "secret") {
			t.Errorf("%v: answer %d %s, want %d without the text", err, rec.Code, rec.Body, status)
		}
	}
}

// FuzzBody holds that any body of any operation is answered with JSON, and that what delivery is asked for is within limits.
func FuzzBody(f *testing.F) {
	for _, body := range []string{``, `{}`, `{"From":1,"To":2,"Lane":"r","DeadOnly":true}`, `{"Reader":"redelivery-1","Reason":"x"}`, `[]`, `{"From":1e3}`} {
		f.Add(0, body)
		f.Add(1, body)
	}
	target := query(f, "administrator")
	f.Fuzz(func(t *testing.T, path int, body string) {
		to := &fake{}
		name := []string{"redeliver", "pause", "resume"}[uint(path)%3]
		rec := send(to, http.MethodPost, Prefix+name+"?"+target, body)
		if !json.Valid(rec.Body.Bytes()) {
			t.Fatalf("%s with %q is answered %q", name, body, rec.Body)
		}
		switch asked := to.asked.(type) {
		case delivery.Redelivery:
			if asked.From < 1 || asked.To < asked.From || len(asked.Lane) > 256 {
				t.Fatalf("%q asks for %+v", body, asked)
			}
		case pauseAsk:
			if asked.Why == "" || len(asked.Why) > eventlog.MaxReason {
				t.Fatalf("%q asks for a pause with the reason %q", body, asked.Why)
			}
		}
	})
}
