package operate

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/usersig"
)

const (
	testApp = live.AppID(1400000001)
	Prefix  = call.Prefix

	readToken = "reads0123456789a"
)

var testKey = strings.Repeat("0f", 32)

// fake is delivery, the Apps and the store: it notes what it was asked.
type fake struct {
	err    error
	asked  any
	reader delivery.ReaderID
	by     live.Actor

	extent    Extent
	last      int64 // before a time
	attempts  Page[Delivery]
	letters   Page[Letter]
	trace     Trace
	glimpse   delivery.Glimpse
	discardTo int64
	profile   live.Profile
	noURL     bool
}

type pauseAsk struct{ Why eventlog.Reason }

type resumeAsk struct{}

type cancelAsk struct{}

func (f *fake) App(id live.AppID) *live.App {
	if id != testApp {
		return nil
	}
	app := &live.App{
		ID: id, Key: testKey, Administrators: []live.Account{"administrator"}, ReadTokens: []string{readToken}, DiscardTo: f.discardTo,
		Callback:  &live.Callback{URL: "http://127.0.0.1:9000/"},
		Endpoints: []live.Endpoint{{Name: "audit", Destination: live.Destination{URL: "http://127.0.0.1:9001/"}}},
		Delivery:  live.Delivery{Profile: live.Durable, Timeout: 5 * time.Second, GiveUpAfter: 24 * time.Hour},
	}
	if f.profile != "" {
		app.Delivery.Profile = f.profile
	}
	if f.noURL {
		app.Callback = nil
	}
	return app
}

func (f *fake) Do(_ context.Context, _ live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error) {
	f.asked, f.by = cmd, by
	return live.Outcome{}, f.err
}

func (f *fake) Cancel(_ context.Context, id delivery.ReaderID) error {
	f.asked, f.reader = cancelAsk{}, id
	return f.err
}

func (f *fake) Look(context.Context, delivery.ReaderID, eventlog.Lane, int64) (delivery.Glimpse, error) {
	return f.glimpse, f.err
}

func (f *fake) Extent(context.Context, live.AppID) (Extent, error) { return f.extent, nil }

func (f *fake) LastBefore(context.Context, live.AppID, time.Time) (int64, error) { return f.last, nil }

func (f *fake) Attempts(_ context.Context, _ live.AppID, s Search) (Page[Delivery], error) {
	f.asked = s
	return f.attempts, f.err
}

func (f *fake) Letters(_ context.Context, _ live.AppID, s Search) (Page[Letter], error) {
	f.asked = s
	return f.letters, f.err
}

func (f *fake) Trace(context.Context, delivery.ReaderID, int64) (Trace, error) { return f.trace, nil }

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
	h := New(Options{Apps: f, Gate: access.NewGate(0, nil), Delivery: f, Query: f})
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
		{"redeliver everything", "redeliver", "", delivery.Redelivery{Reader: "callback", From: 1, To: maxSeq, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"redeliver a range", "redeliver", `{"From":3,"To":9}`, delivery.Redelivery{Reader: "callback", From: 3, To: 9, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"redeliver dead letters of a lane", "redeliver", `{"Lane":"r1","DeadOnly":true}`,
			delivery.Redelivery{Reader: "callback", From: 1, To: maxSeq, Lane: "r1", DeadOnly: true, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"redeliver to an endpoint", "redeliver", `{"Reader":"endpoint-audit","DeadOnly":true}`,
			delivery.Redelivery{Reader: "endpoint-audit", From: 1, To: maxSeq, DeadOnly: true, By: "administrator"}, again, `{"Redelivery":"redelivery-1"}`},
		{"pause an endpoint", "pause", `{"Reader":"endpoint-audit"}`, pauseAsk{"paused by administrator"}, audit, `{"Reader":"endpoint-audit"}`},
		{"redeliver one event", "redeliver", `{"Event":"1400000001-abcdefgh-7"}`, delivery.Redelivery{Reader: "callback", From: 7, To: 7, By: "administrator"}, again,
			`{"Redelivery":"redelivery-1"}`},
		{"discard all", "discard", "", live.DiscardBacklog{To: 9}, delivery.ReaderID{}, `{"Reader":"callback","To":9}`},
		{"discard up to a number", "discard", `{"To":4}`, live.DiscardBacklog{To: 4}, delivery.ReaderID{}, `{"Reader":"callback","To":4}`},
		{"discard what waits for an endpoint", "discard", `{"Reader":"endpoint-audit","To":4}`, live.DiscardBacklog{Endpoint: "audit", To: 4}, delivery.ReaderID{},
			`{"Reader":"endpoint-audit","To":4}`},
		{"discard a redelivery", "discard", `{"Reader":"redelivery-1"}`, cancelAsk{}, again, `{"Reader":"redelivery-1","To":0}`},
		{"pause", "pause", "{}", pauseAsk{"paused by administrator"}, callback, `{"Reader":"callback"}`},
		{"pause with a reason", "pause", `{"Reason":"migration"}`, pauseAsk{"paused by administrator: migration"}, callback, `{"Reader":"callback"}`},
		{"pause a redelivery", "pause", `{"Reader":"redelivery-1"}`, pauseAsk{"paused by administrator"}, again, `{"Reader":"redelivery-1"}`},
		{"resume", "resume", "", resumeAsk{}, callback, `{"Reader":"callback"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := &fake{extent: Extent{Log: "abcdefgh", Head: 9}}
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
		{"another path", http.MethodPost, Prefix + "rewind?" + admin, "", 404, "redeliver, pause, resume"},
		{"another method", http.MethodGet, Prefix + "pause?" + admin, "", 405, "POST"},
		{"no identifier", http.MethodPost, Prefix + "pause?sdkappid=1400000001&usersig=x", "", 400, "identifier"},
		{"another App", http.MethodPost, Prefix + "pause?" + strings.Replace(admin, testApp.String(), "7", 1), "", 401, "made for SDKAppID"},
		{"a broken UserSig", http.MethodPost, Prefix + "pause?sdkappid=1400000001&identifier=administrator&usersig=x", "", 401, "UserSig"},
		{"no App administrator", http.MethodPost, Prefix + "pause?" + nobody, "", 403, "no App administrator"},
		{"no JSON", http.MethodPost, Prefix + "redeliver?" + admin, "{", 400, "JSON"},
		{"two objects", http.MethodPost, Prefix + "redeliver?" + admin, "{}{}", 400, "something follows"},
		{"an unknown key", http.MethodPost, Prefix + "redeliver?" + admin, `{"form":1}`, 400, "PascalCase"},
		{"a wrong type", http.MethodPost, Prefix + "redeliver?" + admin, `{"From":"1"}`, 400, "From must not be a JSON string"},
		{"a range that is none", http.MethodPost, Prefix + "redeliver?" + admin, `{"From":9,"To":3}`, 400, "From not above To"},
		{"a negative number", http.MethodPost, Prefix + "redeliver?" + admin, `{"From":-1}`, 400, "numbers of the log"},
		{"a lane with NUL", http.MethodPost, Prefix + "redeliver?" + admin, `{"Lane":"a\u0000"}`, 400, "Lane"},
		{"a lane that is none", http.MethodPost, Prefix + "redeliver?" + admin, `{"Lane":"a/b"}`, 400, "Lane"},
		{"a parameter that is not taken", http.MethodPost, Prefix + "pause?reader=endpoint-audit&" + admin, "", 400, "is nothing"},
		{"a long lane", http.MethodPost, Prefix + "redeliver?" + admin, `{"Lane":"` + strings.Repeat("a", 257) + `"}`, 400, "Lane"},
		{"invalid UTF-8", http.MethodPost, Prefix + "pause?" + admin, "{\"Reason\":\"\xff\"}", 400, "UTF-8"},
		{"a long reason", http.MethodPost, Prefix + "pause?" + admin, `{"Reason":"` + strings.Repeat("a", 101) + `"}`, 400, "100 bytes"},
		{"a reader that is none", http.MethodPost, Prefix + "resume?" + admin, `{"Reader":"Callback\u0000"}`, 400, "Reader"},
		{"redeliver to a reader that is none", http.MethodPost, Prefix + "redeliver?" + admin, `{"Reader":"Audit"}`, 400, "endpoint-NAME"},
		{"an event and a range", http.MethodPost, Prefix + "redeliver?" + admin, `{"Event":"1400000001-abcdefgh-7","From":1}`, 400, "From, To and Lane"},
		{"an event of another App", http.MethodPost, Prefix + "redeliver?" + admin, `{"Event":"7-abcdefgh-7"}`, 400, "App 7"},
		{"an event of another log", http.MethodPost, Prefix + "redeliver?" + admin, `{"Event":"1400000001-bbbbbbbb-7"}`, 404, "log abcdefgh"},
		{"an event above the head", http.MethodPost, Prefix + "redeliver?" + admin, `{"Event":"1400000001-abcdefgh-10"}`, 404, "no event"},
		{"no event id", http.MethodPost, Prefix + "redeliver?" + admin, `{"Event":"7"}`, 400, "Callboard-Event-Id"},
		{"to discard what is not there yet", http.MethodPost, Prefix + "discard?" + admin, `{"To":10}`, 400, "above 9"},
		{"to discard a negative number", http.MethodPost, Prefix + "discard?" + admin, `{"To":-1}`, 400, "To must"},
		{"to discard a part of a redelivery", http.MethodPost, Prefix + "discard?" + admin, `{"Reader":"redelivery-1","To":4}`, 400, "as a whole"},
		{"to discard what is not there yet at an endpoint", http.MethodPost, Prefix + "discard?" + admin, `{"Reader":"endpoint-audit","To":10}`, 400, "above 9"},
		{"to discard of an endpoint that there is not", http.MethodPost, Prefix + "discard?" + admin, `{"Reader":"endpoint-other"}`, 404, "no such Reader"},
		{"to discard of an endpoint without a name", http.MethodPost, Prefix + "discard?" + admin, `{"Reader":"endpoint-"}`, 404, "no such Reader"},
		{"to discard of nobody", http.MethodPost, Prefix + "discard?" + admin, `{"Reader":"nobody"}`, 404, "no such Reader"},
		{"why of nothing", http.MethodGet, Prefix + "why?" + admin, "", 400, "Callboard-Event-Id"},
		{"why of another App", http.MethodGet, Prefix + "why?event=7-abcdefgh-1&" + admin, "", 400, "App 7"},
		{"an unknown parameter", http.MethodGet, Prefix + "deliveries?form=1&" + admin, "", 400, "form"},
		{"a parameter twice", http.MethodGet, Prefix + "deliveries?from=1&from=2&" + admin, "", 400, "more than once"},
		{"a parameter that is no UTF-8", http.MethodGet, Prefix + "deliveries?lane=%ff&" + admin, "", 400, "UTF-8"},
		{"a lane with NUL in the query", http.MethodGet, Prefix + "deliveries?lane=%00&" + admin, "", 400, "Lane"},
		{"a state that is none", http.MethodGet, Prefix + "deliveries?state=lost&" + admin, "", 400, "cloud-lost"},
		{"the state of dead letters", http.MethodGet, Prefix + "dead?state=failed&" + admin, "", 400, "state"},
		{"a limit of none", http.MethodGet, Prefix + "deliveries?limit=0&" + admin, "", 400, "limit must be a number from 1 to 1000"},
		{"a limit above all", http.MethodGet, Prefix + "deliveries?limit=1001&" + admin, "", 400, "limit must be a number from 1 to 1000"},
		{"a number that is none", http.MethodGet, Prefix + "deliveries?from=x&" + admin, "", 400, "from must be"},
		{"from above to", http.MethodGet, Prefix + "deliveries?from=9&to=3&" + admin, "", 400, "from not above to"},
		{"a time that is none", http.MethodGet, Prefix + "deliveries?since=yesterday&" + admin, "", 400, "since must be a time"},
		{"an order that is none", http.MethodGet, Prefix + "deliveries?order=up&" + admin, "", 400, "order must be"},
		{"a next that was not given out", http.MethodGet, Prefix + "deliveries?next=AAAA&" + admin, "", 400, "next"},
		{"a long next", http.MethodGet, Prefix + "deliveries?next=" + strings.Repeat("A", 200) + "&" + admin, "", 400, "next"},
		{"a long command", http.MethodGet, Prefix + "deliveries?command=" + strings.Repeat("A", 200) + "&" + admin, "", 400, "command"},
		{"a reader that is none in the query", http.MethodGet, Prefix + "deliveries?reader=A&" + admin, "", 400, "reader"},
		{"a long body", http.MethodPost, Prefix + "pause?" + admin, strings.Repeat(" ", maxBody<<10+1), 413, "64 KiB"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := &fake{extent: Extent{Log: "abcdefgh", Head: 9}}
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

func TestATokenThatMayReadAsksAndDoesNotOperate(t *testing.T) {
	for path, method := range map[string]string{
		"deliveries": http.MethodGet, "dead": http.MethodGet, "why": http.MethodGet,
		"redeliver": http.MethodPost, "pause": http.MethodPost, "resume": http.MethodPost, "discard": http.MethodPost,
	} {
		f := &fake{extent: Extent{Log: "abcdefgh", Head: 9}}
		h := New(Options{Apps: f, Gate: access.NewGate(0, nil), Delivery: f, Query: f})
		rec := httptest.NewRecorder()
		req := httptest.NewRequestWithContext(t.Context(), method, Prefix+path+"?sdkappid=1400000001", strings.NewReader("{}"))
		req.Header.Set("Authorization", "Bearer "+readToken)
		h.ServeHTTP(rec, req)
		if refused := rec.Code == http.StatusForbidden; refused != (method == http.MethodPost) || rec.Code == http.StatusUnauthorized || refused && f.asked != nil {
			t.Errorf("%s with a token that may read is answered %d %s; delivery was asked for %+v", path, rec.Code, rec.Body, f.asked)
		}
	}
}

func TestFailuresOfDeliveryHaveAStatusAndNoInnerText(t *testing.T) {
	for err, status := range map[error]int{
		delivery.ErrNoReader:            http.StatusNotFound,
		delivery.ErrTooMany:             http.StatusTooManyRequests,
		delivery.ErrStopping:            http.StatusServiceUnavailable,
		errors.New("secret of a store"): http.StatusServiceUnavailable,

		live.Refuse(live.Unavailable, "the server is busy"): http.StatusServiceUnavailable,
		live.Refuse(live.InvalidParameter, "not so"):        http.StatusBadRequest,
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
		f.Add(3, body)
	}
	target := query(f, "administrator")
	f.Fuzz(func(t *testing.T, path int, body string) {
		to := &fake{}
		name := []string{"redeliver", "pause", "resume", "discard"}[uint(path)%4]
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
