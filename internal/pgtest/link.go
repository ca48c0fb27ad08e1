package pgtest

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// link is one connection through a [Proxy]. Its three goroutines, run and a pump for each direction, end with it.
type link struct {
	proxy  *Proxy
	client net.Conn
	ctx    context.Context // done: to be reset
	cut    context.CancelFunc
	ended  chan struct{}
}

func (l *link) run() {
	defer close(l.ended)
	defer l.proxy.remove(l)
	defer l.cut()
	var dialer net.Dialer
	server, err := dialer.DialContext(l.ctx, "tcp", l.proxy.target)
	if err != nil { // the server is away
		reset(l.client)
		return
	}
	stop := context.AfterFunc(l.ctx, func() { // which ends the pumps
		reset(l.client)
		reset(server)
	})
	defer stop()
	var pumps sync.WaitGroup
	pumps.Go(func() { l.pump(FromClient, l.client, server) })
	pumps.Go(func() { l.pump(FromServer, server, l.client) })
	pumps.Wait()
	if l.ctx.Err() != nil {
		reset(l.client)
		reset(server)
		return
	}
	_ = l.client.Close() // both sides have said their last
	_ = server.Close()
}

// pump passes on what one side sends until that side ends or the link is cut.
func (l *link) pump(from Side, source, sink net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, end := source.Read(buffer)
		if !l.proxy.pass(l.ctx) {
			return
		}
		n, order := l.proxy.spend(from, n)
		if _, err := sink.Write(buffer[:n]); err != nil { // nobody is there to hear it
			_, _ = io.Copy(io.Discard, source)
			return
		}
		switch {
		case order != nil:
			closeWrite(sink) // no reset: what was passed on has to arrive
			reset(source)
			close(order.made)
			return
		case errors.Is(end, io.EOF):
			closeWrite(sink)
			return
		case end != nil:
			l.cut()
			return
		}
	}
}

// reset ends a connection without a farewell. It may have ended already.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func closeWrite(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
}
