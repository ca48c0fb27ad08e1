package egress

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// A failed Send is told apart by kind, with an error that holds nothing of the query.
func TestFailuresAreToldApart(t *testing.T) {
	raw := func(answer string) string {
		return newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
			if readRequest(requests) {
				_, _ = io.WriteString(conn, answer)
			}
		})
	}
	echo := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		line, _ := requests.ReadString('\n')
		_, _ = io.WriteString(conn, line+line)
	})
	resetter := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		readRequest(requests)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset instead of an end
	})
	public := NewSender(Options{Resolver: resolveTo(t, map[string]string{"inside.example": "127.0.0.1"})})
	defer public.Close()
	loopback := newTestSender(t, Options{Resolver: resolveTo(t, map[string]string{"meta.example": "169.254.169.254"})})
	tests := []struct {
		name   string
		sender *Sender
		url    string
		header http.Header
		want   Failure
		status int
		text   string
	}{
		{"literal address", public, "http://127.0.0.1:1", nil, Refused, 0, "egress: {allow: [127.0.0.1/32]}"},
		{"name of a private address", public, "http://inside.example:1", nil, Refused, 0, "127.0.0.1 is not a public address"},
		{"name of a link-local address", loopback, "http://meta.example:1", nil, Refused, 0, "169.254.169.254 is a link-local address"},
		{"https to a private address", public, "https://inside.example:1", nil, Refused, 0, "egress: {allow: [127.0.0.1/32]}"},
		{"unknown name", loopback, "http://nowhere.example", nil, DNS, 0, "no such host"},
		{"nobody listens", loopback, closedPort(t), nil, Connect, 0, "connection refused"},
		{"malformed URL", loopback, "http://a b/", nil, BadRequest, 0, "blank"},
		{"malformed header name", loopback, raw(okAnswer), http.Header{"a b": {"c"}}, BadRequest, 0, "header"},
		{"malformed header value", loopback, raw(okAnswer), http.Header{"A": {"SECRET\n"}}, BadRequest, 0, "header"},
		{"closed before the answer", loopback, raw(""), nil, CutOff, 0, "while waiting for the answer"},
		{"closed within the header", loopback, raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n"), nil, CutOff, 0, "while waiting for the answer"},
		{"closed within the body", loopback, raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), nil, CutOff, 200, "while reading the answer"},
		{"closed within a chunk", loopback, raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf"), nil, CutOff, 200, "while reading the answer"},
		{"reset within the body", loopback, resetter, nil, CutOff, 200, "while reading the answer"},
		{"not HTTP", loopback, raw("220 mail ready\r\n\r\n"), nil, BadAnswer, 0, "not HTTP/1.x"},
		{"request echoed", loopback, echo, nil, BadAnswer, 0, "not HTTP/1.x"},
		{"broken chunk", loopback, raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n"), nil, BadAnswer, 200, "not HTTP/1.x"},
		{"header above 32 KiB", loopback, raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n"), nil, BadAnswer, 0, "32 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			url := tt.url + "/?Sign=SECRET"
			if !strings.HasPrefix(tt.url, "http://a b") {
				url = strings.Replace(url, "://", "://SECRET:SECRET@", 1)
			}
			answer := tt.sender.Send(t.Context(), Request{URL: url, Header: tt.header, Body: []byte("{}"), Timeout: patience})
			if answer.Failure != tt.want || answer.Status != tt.status {
				t.Fatalf("got %v, status %d, %v; want %v, status %d", answer.Failure, answer.Status, answer.Err, tt.want, tt.status)
			}
			text := answer.Err.Error()
			if !strings.Contains(text, tt.text) || strings.Contains(text, "SECRET") || len(text) > 400 {
				t.Errorf("error: got %q, want it to contain %q and no secret", text, tt.text)
			}
			if answer.Resent {
				t.Error("resent, though the connection was fresh")
			}
		})
	}
}

func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	return "http://" + listener.Addr().String()
}

func TestTimeoutCoversEveryPhase(t *testing.T) {
	silent := newRawServer(t, func(_ int, _ net.Conn, requests *bufio.Reader) { hang(requests) })
	halfHeader := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		readRequest(requests)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		hang(requests)
	})
	dripping := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		readRequest(requests)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			if _, err := io.WriteString(conn, "x"); err != nil {
				return
			}
		}
	})
	informing := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		readRequest(requests)
		_, _ = io.WriteString(conn, "HTTP/1.1 103 Early Hints\r\n\r\n")
		hang(requests)
	})
	mute := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	deaf, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, nobody else does
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	tests := []struct {
		name, url string
		status    int
		phase     string
	}{
		{"resolving", "http://slow.example", 0, "while connecting"},
		{"not accepted", "http://" + deaf.Addr().String(), 0, "while waiting for the answer"},
		{"TLS handshake", strings.Replace(silent, "http:", "https:", 1), 0, "in the TLS handshake"},
		{"no answer", silent, 0, "while waiting for the answer"},
		{"half a header", halfHeader, 0, "while waiting for the answer"},
		{"informational only", informing, 0, "while waiting for the answer"},
		{"dripping body", dripping, 200, "while reading the answer"},
	}
	sender := newTestSender(t, Options{Resolver: mute})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			answer := sender.Send(t.Context(), Request{URL: tt.url, Body: []byte("{}"), Timeout: 100 * time.Millisecond})
			if answer.Failure != Timeout || answer.Status != tt.status || !errors.Is(answer.Err, context.DeadlineExceeded) {
				t.Fatalf("got %v, status %d, %v; want timeout, status %d", answer.Failure, answer.Status, answer.Err, tt.status)
			}
			if !strings.HasSuffix(answer.Err.Error(), tt.phase) {
				t.Errorf("error: got %q, want it to end with %q", answer.Err, tt.phase)
			}
			if answer.Duration < 90*time.Millisecond || answer.Duration > patience {
				t.Errorf("took %v, want about 100 ms", answer.Duration)
			}
		})
	}
}

func TestTimeoutHasADefaultAndALimit(t *testing.T) {
	tests := []struct{ asked, want time.Duration }{
		{0, DefaultTimeout}, {-1, DefaultTimeout}, {time.Second, time.Second}, {time.Hour, MaxTimeout},
	}
	for _, tt := range tests {
		if got := timeout(tt.asked); got != tt.want {
			t.Errorf("timeout(%v): got %v, want %v", tt.asked, got, tt.want)
		}
	}
}

func TestSendEndsWithTheCallersContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	url := newRawServer(t, func(_ int, _ net.Conn, requests *bufio.Reader) {
		readRequest(requests)
		cancel(errors.New("shutting down"))
		hang(requests)
	})
	answer := newTestSender(t, Options{}).Send(ctx, Request{URL: url, Timeout: patience})
	if answer.Failure != Canceled || !errors.Is(answer.Err, context.Canceled) || answer.Resent {
		t.Errorf("got %+v, want canceled", answer)
	}
}

func TestEveryFailureHasAName(t *testing.T) {
	seen := make(map[string]bool)
	for f := None; f <= Canceled; f++ {
		if name := f.String(); name == "" || name == "unknown" || seen[name] {
			t.Errorf("Failure(%d): got the name %q, want one of its own", f, name)
		}
		seen[f.String()] = true
	}
	if got := (Canceled + 1).String(); got != "unknown" {
		t.Errorf("beyond the last: got %q, want unknown", got)
	}
}
