package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"sync"

	"github.com/callboard/callboard/internal/config"
)

// listen takes the address. At most that many connections are open at a time, idle ones included: each costs some 10 KB
// and a file.
func listen(ctx context.Context, cfg *config.Config, connections int, log *slog.Logger) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; is another process there? choose another address with --listen", cfg.Listen, err)
	}
	l = newLimited(l, connections)
	if cfg.TLS.Certificate == "" {
		return l, nil
	}
	c := &certificate{files: cfg.TLS, log: log}
	if err := c.load(); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("tls: %w", err)
	}
	return tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: c.get, NextProtos: []string{"http/1.1"},
	}), nil
}

// limited is a listener with a limit of open connections. What is above it waits in the queue of the system, and is taken
// when another one ends.
type limited struct {
	net.Listener
	open chan struct{} // one for each open connection

	closing sync.Once
	closed  chan struct{}
}

func newLimited(l net.Listener, most int) *limited {
	return &limited{Listener: l, open: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept implements [net.Listener].
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &counted{Conn: conn, end: sync.OnceFunc(func() { <-l.open })}, nil
}

// Close implements [net.Listener]; it also ends an Accept that waits for a connection to end.
func (l *limited) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// counted is a connection that gives its place back when it is closed.
type counted struct {
	net.Conn
	end func()
}

// Close implements [net.Conn].
func (c *counted) Close() error {
	defer c.end()
	return c.Conn.Close()
}
