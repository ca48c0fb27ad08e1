package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

// get asks a server with the handlers as a caller at an address.
func get(t *testing.T, s *http.Server, path, from string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	req.RemoteAddr = from
	rec := httptest.NewRecorder()
	s.Handler.ServeHTTP(rec, req)
	return rec
}

const (
	here  = "127.0.0.1:5000"
	away  = "192.0.2.1:5000"
	here6 = "[::ffff:127.0.0.1]:5000"
)

// The text is of SQLite and names files.
func TestReasonForNotBeingReadyIsForThisMachineOnly(t *testing.T) {
	reason := errors.New("disk I/O error of /var/lib/live.db")
	for _, c := range []struct {
		from     string
		loopback bool // the server listens there only
		want     string
	}{
		{away, false, "not ready\n"},
		{"", false, "not ready\n"},
		{here, false, "not ready: disk I/O error of /var/lib/live.db\n"},
		{here6, false, "not ready: disk I/O error of /var/lib/live.db\n"},
		{"@", true, "not ready: disk I/O error of /var/lib/live.db\n"},
	} {
		s := newHTTPServer(slog.New(slog.DiscardHandler), handlers{
			ready: func() error { return reason }, metrics: prometheus.NewRegistry(), loopback: c.loopback,
		})
		got := get(t, s, "/readyz", c.from)
		if diff := cmp.Diff(got.Body.String(), c.want); diff != "" || got.Code != http.StatusServiceUnavailable {
			t.Errorf("from %q: HTTP %d, got (-), want (+):\n%s", c.from, got.Code, diff)
		}
	}
}

func TestReasonForNotBeingReadyIsLoggedOnce(t *testing.T) {
	var log logLines
	var reason error
	s := newHTTPServer(slog.New(&log), handlers{ready: func() error { return reason }, metrics: prometheus.NewRegistry()})
	for _, text := range []string{"first", "second", "", "second"} {
		reason = nil
		if text != "" {
			reason = errors.New(text)
		}
		for range 3 { // a probe asks again and again
			get(t, s, "/readyz", away)
		}
	}
	const line = "WARN the server is not ready error="
	if diff := cmp.Diff([]string(log), []string{line + "first", line + "second", line + "second"}); diff != "" {
		t.Errorf("got (-), want (+):\n%s", diff)
	}
}

// What net/http says of itself is logged at level debug, and a fault of the program must not be.
func TestPanicOfAHandlerIsAnErrorInTheLog(t *testing.T) {
	var log logLines
	s := newHTTPServer(slog.New(&log), handlers{
		metrics: prometheus.NewRegistry(),
		rest:    http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a fault") }),
	})
	var again any
	func() {
		defer func() { again = recover() }()
		get(t, s, "/v4/x?usersig=secret", here)
	}()
	if fmt.Sprint(again) != http.ErrAbortHandler.Error() {
		t.Errorf("the panic became %v, want http.ErrAbortHandler", again)
	}
	if len(log) != 1 || !strings.HasPrefix(log[0], "ERROR a handler panicked path=/v4/x panic=a fault stack=") || strings.Contains(log[0], "secret") {
		t.Errorf("got %q, want one line with path, text and stack, and no query", log)
	}
	s.ErrorLog.Print("http: TLS handshake error from 192.0.2.1")
	if len(log) != 1 {
		t.Errorf("a failed handshake is logged above level debug: %q", log[1:])
	}
}
