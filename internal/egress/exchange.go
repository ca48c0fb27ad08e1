package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// target is where a Send goes: what a dial needs, and the URL.
type target struct {
	url      *url.URL
	addr     string // host:port
	name     string // that the certificate must carry
	tls      *tls.Config
	deadline time.Time
	single   bool // the connection is for one request
}

func newTarget(u *url.URL, config *tls.Config, deadline time.Time) target {
	host, port := u.Hostname(), u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(host, "."), "%") // without root dot and zone
	return target{url: u, addr: net.JoinHostPort(host, port), name: name, tls: config, deadline: deadline}
}

// phase is how far an exchange came, for the text of its error.
type phase int32

const (
	connecting phase = iota
	shaking
	waiting
	reading
)

func (p phase) String() string {
	return [...]string{"while connecting", "in the TLS handshake", "while waiting for the answer", "while reading the answer"}[p]
}

// exchange is one request on one connection. The hooks of net/http mark it from other goroutines.
type exchange struct {
	target
	phase  atomic.Int32
	asked  atomic.Bool // a connection was asked for
	reused atomic.Bool // and had been used before
	begun  atomic.Bool // the first byte of an answer came
	stray  atomic.Bool // of an earlier exchange, see [listening]
	conn   atomic.Pointer[listening]
}

type exchangeKey struct{}

// exchange sends one request and reads its answer. stale: the connection was of no use, as described at Send.
func (s *Sender) exchange(ctx context.Context, to target, pooled string, header http.Header, body []byte) (_ Answer, stale bool) {
	x := &exchange{target: to}
	response, err := s.transport.RoundTrip(x.request(ctx, pooled, header, body))
	if err != nil {
		answer := x.fail(ctx, Answer{}, err)
		return answer, x.stray.Load() || answer.Failure == CutOff && x.reused.Load() && !x.begun.Load()
	}
	defer response.Body.Close()
	if x.stray.Load() {
		return Answer{}, true
	}
	x.phase.Store(int32(reading))
	answer := Answer{Status: response.StatusCode, RetryAfter: retryAfter(response.Header.Get("Retry-After"), time.Now())}
	if response.StatusCode == http.StatusSwitchingProtocols {
		return answer, false // nobody asked for it; its body would be the raw connection
	}
	answer.Body, answer.TooLarge, err = readAnswer(response.Body, response.ContentLength)
	if err != nil {
		return x.fail(ctx, answer, err), false
	}
	return answer, false
}

func (x *exchange) fail(ctx context.Context, answer Answer, err error) Answer {
	if ctx.Err() != nil {
		err = ctx.Err() // what else is reported is a consequence, or the cause that the caller gave
	}
	answer.Failure = classify(err, x.asked.Load(), x.begun.Load())
	answer.Err = explain(answer.Failure, err, phase(x.phase.Load()))
	return answer
}

// request builds what net/http sends: the URL's host is only the name of a pool, see [pool].
func (x *exchange) request(ctx context.Context, pooled string, header http.Header, body []byte) *http.Request {
	u := *x.url
	u.Host, u.User = pooled, nil
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	request := &http.Request{
		Method:        http.MethodPost,
		URL:           &u,
		Host:          x.url.Host,
		Header:        header,
		ContentLength: int64(len(body)),
		Body:          http.NoBody,
		Close:         x.single,
	}
	if len(body) > 0 {
		// net/http uses GetBody where nothing at all was written to a stale connection.
		request.GetBody = open
		request.Body, _ = open()
	}
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	return request.WithContext(httptrace.WithClientTrace(ctx, x.trace()))
}

func (x *exchange) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { x.asked.Store(true) },
		GotConn: func(info httptrace.GotConnInfo) {
			x.reused.Store(info.Reused)
			x.phase.Store(int32(waiting))
			conn := info.Conn.(*listening)
			conn.next()
			x.conn.Store(conn)
		},
		GotFirstResponseByte: x.begin,
	}
}

// begin notes the first byte of an answer. What a reused connection said before the request belongs to an earlier one, and
// what it says next cannot be told apart: it ends. On a fresh one it is an answer: "too many connections", for example.
func (x *exchange) begin() {
	x.begun.Store(true)
	if conn := x.conn.Load(); x.reused.Load() && !conn.answered.Load() {
		x.stray.Store(true)
		_ = conn.Close()
	}
}

func basicAuth(user *url.Userinfo) string {
	password, _ := user.Password()
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password))
}
