package rest

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/sqlite"
	"github.com/callboard/callboard/liveapi"
	"github.com/callboard/callboard/usersig"
)

const (
	testApp   live.AppID = 1400000001
	testAdmin            = "administrator"
	testKey              = "f00df00df00df00df00df00df00df00df00df00df00df00df00df00df00df00d"
)

// world is a handler on a real engine and a real store.
type world struct {
	t       testing.TB
	handler *Handler
	engine  *engine.Engine
	store   *sqlite.DB
	log     *logBuffer
}

func newWorld(t testing.TB) *world {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "rest.db")})
	if err != nil {
		t.Fatal(err)
	}
	eng := engine.New(engine.Options{Store: store})
	var running sync.WaitGroup
	running.Go(func() { eng.Run(context.Background()) })
	t.Cleanup(func() {
		eng.Stop()
		running.Wait()
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	configure := live.ConfigureApp{App: live.App{ID: testApp, Key: testKey, Administrators: []live.Account{testAdmin}}}
	if _, err := eng.Do(t.Context(), testApp, live.Actor{Account: live.SystemAccount}, configure); err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	return &world{
		t: t, engine: eng, store: store, log: log,
		handler: New(Options{Engine: eng, Rooms: store, Log: log.logger(), Random: counting()}),
	}
}

// counting is no randomness at all, so that a test knows what comes of it: the first time 0 bytes, then 1 and so on.
func counting() func([]byte) {
	var count atomic.Uint32
	return func(b []byte) { binary.LittleEndian.PutUint32(b, count.Add(1)-1) }
}

// call makes a call as the App administrator and returns its answer.
func (w *world) call(command, body string) answer {
	w.t.Helper()
	for _, c := range calls() {
		if c.command == command {
			return send(w.t, w.handler, newRequest(w.t, c.path(), body))
		}
	}
	w.t.Fatalf("no command %q", command)
	return answer{}
}

// ok makes a call that must succeed and returns its payload.
func (w *world) ok(command, body string) string {
	w.t.Helper()
	got := w.call(command, body)
	if got.ErrorCode != liveapi.CodeOK {
		w.t.Fatalf("%s %s: got %d %q, want 0", command, body, got.ErrorCode, got.ErrorInfo)
	}
	return string(got.Response)
}

// answer is an envelope whose payload is still JSON.
type answer struct {
	ActionStatus string
	ErrorInfo    string
	ErrorCode    liveapi.Code
	RequestID    string `json:"RequestId"`
	Response     json.RawMessage
	// Some calls have these beside the envelope.
	MsgTime, MsgSeq json.RawMessage

	GiftInfo, GiftCategoryInfo, CategoryInfo, Relation, UserProfileItem json.RawMessage
	InvalidGiftIDs                                                      json.RawMessage `json:"InvalidGiftIdList"`
}

// send serves a request and holds the answer against the form of the envelope.
func send(t testing.TB, h http.Handler, req *http.Request) answer {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != "application/json" {
		t.Errorf("got HTTP %d %s, want 200 application/json", rec.Code, rec.Header().Get("Content-Type"))
	}
	dec := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
	dec.DisallowUnknownFields()
	var got answer
	if err := dec.Decode(&got); err != nil || dec.More() {
		t.Fatalf("the answer is not one envelope: %v: %s", err, rec.Body)
	}
	wantStatus := liveapi.StatusOK
	if got.ErrorCode != liveapi.CodeOK {
		wantStatus = liveapi.StatusFail
		if got.ErrorInfo == "" || got.Response != nil {
			t.Errorf("a refusal has ErrorInfo %q and Response %s, want a text and none", got.ErrorInfo, got.Response)
		}
	} else if got.ErrorInfo != "" {
		t.Errorf("a success has ErrorInfo %q", got.ErrorInfo)
	}
	if got.ActionStatus != wantStatus {
		t.Errorf("got ActionStatus %q with ErrorCode %d, want %q", got.ActionStatus, got.ErrorCode, wantStatus)
	}
	return got
}

func newRequest(t testing.TB, path, body string) *http.Request {
	t.Helper()
	return httptest.NewRequest(http.MethodPost, path+"?"+goodQuery(t).Encode(), strings.NewReader(body))
}

func goodQuery(t testing.TB) url.Values {
	t.Helper()
	return url.Values{
		"sdkappid": {testApp.String()}, "identifier": {testAdmin}, "usersig": {sign(t, usersig.Claims{})},
		"random": {"4294967295"}, "contenttype": {"json"},
	}
}

// sign makes a UserSig of the claims, by default of the App administrator.
func sign(t testing.TB, c usersig.Claims) string {
	t.Helper()
	if c.SDKAppID == 0 {
		c.SDKAppID = uint32(testApp)
	}
	if c.Identifier == "" {
		c.Identifier = testAdmin
	}
	if c.Expire == 0 {
		c.Expire = time.Hour
	}
	sig, err := usersig.New(testKey, c)
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// logBuffer is a log that a test can read.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// lines returns the lines of the log, decoded.
func (l *logBuffer) lines(t testing.TB) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for line := range strings.Lines(l.String()) {
		var decoded map[string]any
		if err := json.Unmarshal([]byte(line), &decoded); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, decoded)
	}
	return lines
}
