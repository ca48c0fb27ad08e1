package gap

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// watch stands before the feed and remembers the position of the first page of the last snapshot, by which a run knows what that
// snapshot has to hold.
type watch struct {
	http.RoundTripper
	mu     sync.Mutex
	log    string
	opened int64
}

func (w *watch) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.RoundTripper.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/snapshot") || r.URL.Query().Get("after") != "" {
		return answer, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	var page struct{ Position string }
	if json.Unmarshal(body, &page) == nil {
		log, seq, _ := strings.Cut(page.Position, ".")
		n, _ := strconv.ParseInt(seq, 10, 64)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.log, w.opened = log, n
	}
	return answer, nil
}

func (w *watch) position() (log string, seq int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log, w.opened
}
