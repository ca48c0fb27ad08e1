package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/config"
	"github.com/callboard/callboard/usersig"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testApp      = 1400000001
	testAdmin    = "administrator"
	testPatience = 10 * time.Second
)

// testKey is long enough and has more than one letter.
var testKey = strings.Repeat("0123456789abcdef", 4)

func testConfig(t *testing.T, callbackURL string) config.Config {
	t.Helper()
	return config.Config{
		Listen:   "127.0.0.1:0",
		Database: "sqlite:" + filepath.Join(t.TempDir(), "callboard.db"),
		Apps: []config.App{{
			SDKAppID: testApp, Key: config.Secret(testKey), Administrators: []string{testAdmin},
			Callback: &config.Callback{URL: callbackURL, Commands: []string{
				string(callback.CommandAfterModifyAdmin), string(callback.CommandAfterChangeOwner),
				string(callback.CommandAfterCreateRoom), string(callback.CommandAfterDestroyRoom),
				string(callback.CommandAfterUpdateRoomInfo),
				string(callback.CommandAfterSetMetadata), string(callback.CommandAfterDelMetadata),
				string(callback.CommandAfterSeatInfoChanged), string(callback.CommandAfterCreateBattle),
				string(callback.CommandAfterStartBattle), string(callback.CommandAfterEndBattle),
				string(callback.CommandAfterSendMessage), string(callback.CommandBeforeSendMessage),
				string(callback.CommandAfterMemberStateChanged), string(callback.CommandAfterReachingThreshold),
			}},
			Delivery: config.Delivery{
				Profile: config.ProfileDurable, Answers: config.AnswersLenient,
				Timeout: time.Second, Concurrency: 64, GiveUpAfter: time.Hour,
			},
		}},
	}
}

// testServer is a running server with a client.
type testServer struct {
	*Server
	url string
}

func startServer(t *testing.T, cfg config.Config) *testServer {
	t.Helper()
	s, err := New(t.Context(), Options{Config: cfg, Log: slog.New(slog.DiscardHandler), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return &testServer{Server: s, url: "http://" + s.Addr().String()}
}

// answered is the envelope of an answer, with its text.
type answered struct {
	ErrorCode int
	ErrorInfo string
	RequestID string `json:"RequestId"`
	text      string
}

func (s *testServer) post(t *testing.T, path, body string) answered {
	t.Helper()
	return s.postWith(t, nil, path, body)
}

func (s *testServer) postWith(t *testing.T, header http.Header, path, body string) answered {
	t.Helper()
	sig, err := usersig.New(testKey, usersig.Claims{SDKAppID: testApp, Identifier: testAdmin})
	if err != nil {
		t.Fatal(err)
	}
	url := fmt.Sprintf("%s%s?sdkappid=%d&identifier=%s&usersig=%s&random=1&contenttype=json", s.url, path, testApp, testAdmin, sig)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answered{text: string(text)}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%s answered %q: %v", path, text, err)
	}
	return a
}

func (s *testServer) mustPost(t *testing.T, path, body string) answered {
	t.Helper()
	a := s.post(t, path, body)
	if a.ErrorCode != 0 {
		t.Fatalf("%s %s answered %s", path, body, a.text)
	}
	return a
}

// testBackend is an App backend that accepts everything and hands on what it got.
type testBackend struct {
	url string
	got chan received
}

type received struct {
	url    string
	header http.Header
	body   string
}

func startBackend(t *testing.T) *testBackend {
	t.Helper()
	b := &testBackend{got: make(chan received, 1024)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		b.got <- received{url: r.Method + " http://" + r.Host + r.URL.String(), header: r.Header.Clone(), body: string(body)}
		_, _ = io.WriteString(w, `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`)
	}))
	t.Cleanup(s.Close)
	b.url = s.URL + "/callback"
	return b
}

func (b *testBackend) next(t *testing.T) received {
	t.Helper()
	select {
	case c := <-b.got:
		return c
	case <-time.After(testPatience):
		t.Fatal("no callback arrived")
	}
	return received{}
}
