package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callboard/callboard/internal/config"
)

// pipeListener has a connection for every Accept, and the other ends of those that were taken.
type pipeListener struct {
	taken  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.taken <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

func TestConnectionAboveTheLimitIsTakenWhenAnotherEnds(t *testing.T) {
	below := &pipeListener{taken: make(chan net.Conn, 10), closed: make(chan struct{})}
	l := newLimited(below, 2)
	first, second := mustAccept(t, l), mustAccept(t, l)
	accepted := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = conn.Close()
		}
		accepted <- err
	}()
	if len(below.taken) != 2 || len(l.open) != 2 {
		t.Errorf("got %d connections of %d places, want 2 of 2", len(below.taken), len(l.open))
	}
	for range 3 { // it gives one place back, however often it is closed
		_ = first.Close()
	}
	if err := <-accepted; err != nil {
		t.Fatal(err)
	}
	_ = second.Close()
	if got := len(l.open); got != 0 {
		t.Errorf("%d places are taken after all ended", got)
	}
}

func TestListenerAtItsLimitCanBeClosed(t *testing.T) {
	below := &pipeListener{taken: make(chan net.Conn, 10), closed: make(chan struct{})}
	l := newLimited(below, 1)
	conn := mustAccept(t, l)
	accepted := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		accepted <- err
	}()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-accepted; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
	_ = conn.Close()
}

func mustAccept(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// A handshake a second would otherwise tell the same for as long as the files are bad.
func TestBadCertificateIsToldOfOncePerReason(t *testing.T) {
	folder := t.TempDir()
	c := &certificate{
		files: config.TLS{Certificate: filepath.Join(folder, "crt"), Key: filepath.Join(folder, "key")},
	}
	var log logLines
	c.log = slog.New(&log)
	reload := func(times int) {
		for range times {
			c.reload()
		}
	}
	reload(3) // there is no file
	for _, name := range []string{"crt", "key"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("no PEM"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reload(3)
	if err := os.Remove(c.files.Key); err != nil {
		t.Fatal(err)
	}
	reload(3)
	if len(log) != 3 || !strings.Contains(log[0], "no such file") || strings.Contains(log[1], "no such file") {
		t.Errorf("got %d lines, want one for each of the three reasons: %q", len(log), log)
	}
}

// logLines keeps the records of a log from Info on, with their attributes.
type logLines []string

// Enabled implements [slog.Handler].
func (*logLines) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

// Handle implements [slog.Handler].
func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	text := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	*l = append(*l, text)
	return nil
}

// WithAttrs implements [slog.Handler].
func (l *logLines) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements [slog.Handler].
func (l *logLines) WithGroup(string) slog.Handler { return l }
