package feed_test

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/feed"
)

// serve puts the feed behind a real server whose limits are far shorter than what is waited for.
func (w *world) serve() string {
	s := httptest.NewUnstartedServer(w.feed)
	s.Config.ReadTimeout, s.Config.WriteTimeout = 200*time.Millisecond, 200*time.Millisecond
	s.Start()
	w.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		w.feed.Close()
		s.Close()
	})
	return s.URL
}

func TestTheLimitsOfTheServerDoNotCutOffWhoWaits(t *testing.T) {
	w := newWorld(t, openSQLite(t))
	url := w.serve()
	lines := connect(t, http.DefaultClient, url)
	req := poll("events?wait=1s")
	req.RequestURI = ""
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+req.URL.String(), http.NoBody)
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+testToken)
	begun := time.Now()
	for range 2 { // the second time on the same connection
		resp, err := http.DefaultClient.Do(req)
		w.must(err)
		line, err := bufio.NewReader(resp.Body).ReadString('\n')
		_ = resp.Body.Close()
		if want := `{"Log":"abcdefgh","Events":[],"Next":"abcdefgh.0","Head":"abcdefgh.0"}` + "\n"; err != nil || line != want {
			t.Fatalf("after %s the long poll is answered %q, %v, want %q", time.Since(begun), line, err, want)
		}
	}
	if took := time.Since(begun); took < 2*time.Second {
		t.Errorf("two long polls of a second took %s", took)
	}
	w.create("r1")
	if id, err := nextID(lines); err != nil || id != testLog+".1" {
		t.Errorf("the stream has %q, %v, want the first event", id, err)
	}
}

func TestACallerThatLeavesFreesItsPlace(t *testing.T) {
	w := newWorld(t, openSQLite(t), func(o *feed.Options) { o.Readers = 1 })
	url := w.serve()
	for range 3 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+call.Prefix+"events?wait=60s&sdkappid="+testApp.String(), http.NoBody)
		w.must(err)
		req.Header.Set("Authorization", "Bearer "+testToken)
		req.Header.Set("Accept", "text/event-stream")
		for { // until the place is free
			resp, err := http.DefaultClient.Do(req)
			w.must(err)
			_ = resp.Body.Close() // which closes the connection: the stream has no end
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
	}
}
