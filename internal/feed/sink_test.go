package feed_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/feed"
)

// sink is a caller's end of a call, on a connection whose clock is that of a bubble.
type sink struct {
	header http.Header
	done   chan struct{} // closed when the call is answered
	leave  func()        // the caller goes away

	mu       sync.Mutex
	status   int
	text     strings.Builder
	stalled  bool      // nothing more is taken
	deadline time.Time // of writing
	moved    chan struct{}
}

// open makes a call in a goroutine of its own and returns when it waits.
func (w *world) open(req *http.Request) *sink { return w.openAt(req, false) }

func (w *world) openAt(req *http.Request, stalled bool) *sink {
	ctx, cancel := context.WithCancel(req.Context())
	s := &sink{header: http.Header{}, done: make(chan struct{}), leave: cancel, stalled: stalled, deadline: time.Now().Add(30 * time.Second), moved: make(chan struct{})}
	go func() {
		defer close(s.done)
		w.feed.ServeHTTP(s, req.WithContext(ctx))
	}()
	synctest.Wait()
	return s
}

// stream is a call that takes a stream.
func stream(call string) *http.Request {
	req := request(context.Background(), http.MethodGet, call, "")
	req.Header.Set("Accept", "text/event-stream")
	return req
}

func poll(call string) *http.Request { return request(context.Background(), http.MethodGet, call, "") }

// Header implements [http.ResponseWriter].
func (s *sink) Header() http.Header { return s.header }

// WriteHeader implements [http.ResponseWriter].
func (s *sink) WriteHeader(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// Write implements [http.ResponseWriter]. It fails after the deadline, at which it ends if the sink is stalled.
func (s *sink) Write(text []byte) (int, error) {
	for {
		s.mu.Lock()
		if !s.stalled && time.Now().Before(s.deadline) {
			s.text.Write(text)
			s.mu.Unlock()
			return len(text), nil
		}
		deadline, moved := s.deadline, s.moved
		s.mu.Unlock()
		wait := time.NewTimer(time.Until(deadline))
		select {
		case <-wait.C:
			return 0, os.ErrDeadlineExceeded
		case <-moved:
			wait.Stop()
		}
	}
}

// Flush is what an [http.ResponseController] asks for.
func (*sink) Flush() {}

// SetReadDeadline is what an [http.ResponseController] asks for.
func (*sink) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is what an [http.ResponseController] asks for.
func (s *sink) SetWriteDeadline(at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = at
	close(s.moved)
	s.moved = make(chan struct{})
	return nil
}

func (s *sink) answered() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// take returns what has come since the last call.
func (s *sink) take() string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.String()
	s.text.Reset()
	return text
}

// ids are those of the events in a part of a stream.
func ids(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			list = append(list, strings.TrimSpace(id))
		}
	}
	return list
}

var _ http.Handler = (*feed.Handler)(nil)
