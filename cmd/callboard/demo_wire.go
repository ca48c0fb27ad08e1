package main

import (
	"bytes"
	"context"
	"net"
	"sync"
)

// maxWire bounds what is kept of a request as it came, and is far above any callback.
const maxWire = 64 << 10

// recordingListener keeps what its connections bring, because net/http forgets the order of headers.
type recordingListener struct{ net.Listener }

// Accept implements [net.Listener].
func (l recordingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &recordingConn{Conn: conn}, nil
}

// recordingConn keeps the first maxWire bytes that were read. net/http reads from more than one goroutine.
type recordingConn struct {
	net.Conn

	mu   sync.Mutex
	read []byte
}

// Read implements [net.Conn].
func (c *recordingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read = append(c.read, p[:min(n, maxWire-len(c.read))]...)
	return n, err
}

func (c *recordingConn) wire() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.read)
}

type wireKey struct{}

// withWire lets handlers find the connection of their request.
func withWire(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, wireKey{}, c)
}

// wireOf is what came over the connection of a request so far.
func wireOf(ctx context.Context) []byte {
	c, ok := ctx.Value(wireKey{}).(*recordingConn)
	if !ok {
		return nil
	}
	return c.wire()
}
