package egress

import (
	"context"
	"crypto/tls"
	"net"
)

// dialPlain connects to the target of the exchange in ctx; the address that net/http passes is the name of a pool.
func (s *Sender) dialPlain(ctx context.Context, _, _ string) (net.Conn, error) {
	return s.dial(ctx, func(ctx context.Context, x *exchange) (net.Conn, error) {
		return s.connect(ctx, x)
	})
}

// dialTLS does the same and makes the handshake.
func (s *Sender) dialTLS(ctx context.Context, _, _ string) (net.Conn, error) {
	return s.dial(ctx, func(ctx context.Context, x *exchange) (net.Conn, error) {
		conn, err := s.connect(ctx, x)
		if err != nil {
			return nil, err
		}
		x.phase.CompareAndSwap(int32(connecting), int32(shaking))
		config := x.tls.Clone()
		config.ServerName = x.name
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, &dialError{step: TLS, err: err}
		}
		return secured, nil
	})
}

// dial bounds one dial. net/http detaches it from the request, because another request may use the connection, so the
// time limit of the Send that began it and the end of the Sender are put back here.
func (s *Sender) dial(ctx context.Context, do func(context.Context, *exchange) (net.Conn, error)) (net.Conn, error) {
	if !s.under.enter() {
		return nil, errClosed
	}
	defer s.under.leave()
	x := ctx.Value(exchangeKey{}).(*exchange)
	ctx, cancel := context.WithDeadline(ctx, x.deadline)
	defer cancel()
	defer context.AfterFunc(s.running, cancel)()
	conn, err := do(ctx, x)
	if err != nil {
		return nil, err
	}
	return &listening{Conn: conn}, nil
}

// connect resolves and connects; the guard is asked by the dialler, for each address that it tries.
func (s *Sender) connect(ctx context.Context, x *exchange) (net.Conn, error) {
	conn, err := s.dialer.DialContext(ctx, "tcp", x.addr)
	if err != nil {
		return nil, &dialError{step: Connect, err: err}
	}
	return conn, nil
}
