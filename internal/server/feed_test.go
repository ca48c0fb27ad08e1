package server

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/config"
)

const feedToken = "0123456789abcdef"

// feedServer is one whose App has a token.
func feedServer(t *testing.T, backend string) *testServer {
	t.Helper()
	cfg := testConfig(t, backend)
	cfg.Apps[0].Tokens = []config.Secret{feedToken}
	return startServer(t, cfg)
}

// feed makes a call with the token.
func (s *testServer) feed(t *testing.T, call, accept string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/callboard/v1/"+call, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+feedToken)
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func TestTheFeedHasTheBytesThatWereDelivered(t *testing.T) {
	b := startBackend(t)
	s := feedServer(t, b.url)
	s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live","RoomName":"<b>&\u003c \u2028","Owner_Account":"<o>&"}}`)
	sent := b.next(t)
	var page struct {
		Events []struct{ Body json.RawMessage }
	}
	if err := json.NewDecoder(s.feed(t, "events?sdkappid=1400000001", "").Body).Decode(&page); err != nil || len(page.Events) != 1 {
		t.Fatalf("%d events, %v, want one", len(page.Events), err)
	}
	if got := string(page.Events[0].Body); got != sent.body || !strings.Contains(got, "<o>&") {
		t.Errorf("the feed has %s, delivered was %s", got, sent.body)
	}
}

func TestTheOperationsTakeATokenToo(t *testing.T) {
	s := feedServer(t, startBackend(t).url)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/callboard/v1/pause?sdkappid=1400000001", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+feedToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("a pause with a token is answered %s", resp.Status)
	}
	var head struct{ Paused string }
	for wait := time.After(testPatience); head.Paused != "paused by token"; {
		if err := json.NewDecoder(s.feed(t, "head?sdkappid=1400000001", "").Body).Decode(&head); err != nil {
			t.Fatal(err)
		}
		select {
		case <-wait:
			t.Fatalf("head says %q of the pause", head.Paused)
		default:
		}
	}
}

func TestAServerThatStopsDoesNotWaitForReadersOfTheFeed(t *testing.T) {
	var ended time.Duration
	t.Run("life", func(t *testing.T) {
		s := feedServer(t, startBackend(t).url)
		lines := bufio.NewReader(s.feed(t, "events?sdkappid=1400000001", "text/event-stream").Body)
		s.mustPost(t, "/v4/live_engine_http_srv/create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
		if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, "id: ") {
			t.Fatalf("the stream begins with %q, %v", line, err)
		}
		begun := time.Now()
		s.closeHTTP()
		ended = time.Since(begun)
	})
	if ended > 2*time.Second {
		t.Errorf("the end took %s with a reader of the feed", ended)
	}
}
