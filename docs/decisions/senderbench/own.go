package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// ownClient is a sketch of what a sender of our own would be: HTTP/1.1 on a kept connection, written and read by the
// goroutine of the attempt, with the parser of net/http. It keeps the timeout, the caller's context and the limits of an
// answer. It lacks the guard, ages, an idle timeout, resending, 1xx answers and failures told apart.
type ownClient struct {
	tls *tls.Config

	mu   sync.Mutex
	idle []*ownConn
}

type ownConn struct {
	net.Conn
	limit *io.LimitedReader
	in    *bufio.Reader
	out   []byte
}

func newOwnClient(config *tls.Config) *ownClient { return &ownClient{tls: config} }

func (c *ownClient) post(address string, header http.Header, body []byte) error {
	ctx, cancel := context.WithCancel(context.Background()) // stands for the caller's, which can be cancelled
	defer cancel()
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	conn, err := c.take(u)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	status, answer, keep, err := conn.exchange(u, header, body)
	if stop() && err == nil && keep {
		c.give(conn)
	} else {
		conn.Close()
	}
	if err != nil {
		return err
	}
	return check(status, answer)
}

func (c *ownClient) take(u *url.URL) (*ownConn, error) {
	c.mu.Lock()
	if n := len(c.idle); n > 0 {
		conn := c.idle[n-1]
		c.idle = c.idle[:n-1]
		c.mu.Unlock()
		return conn, nil
	}
	c.mu.Unlock()
	conn, err := net.DialTimeout("tcp", u.Host, timeout)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "https" {
		conn = tls.Client(conn, c.tls)
	}
	limit := &io.LimitedReader{R: conn}
	return &ownConn{Conn: conn, limit: limit, in: bufio.NewReader(limit)}, nil
}

func (c *ownClient) give(conn *ownConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, conn)
}

func (c *ownConn) exchange(u *url.URL, header http.Header, body []byte) (status int, answer []byte, keep bool, err error) {
	if err := c.SetDeadline(time.Now().Add(timeout)); err != nil {
		return 0, nil, false, err
	}
	request := &http.Request{Method: http.MethodPost, URL: u, Header: header}
	if _, err := c.Write(c.encode(u, header, body)); err != nil {
		return 0, nil, false, err
	}
	c.limit.N = 32<<10 + maxAnswer + 1
	response, err := http.ReadResponse(c.in, request)
	if err != nil {
		return 0, nil, false, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, !response.Close, err
}

// encode writes the request into the connection's buffer.
func (c *ownConn) encode(u *url.URL, header http.Header, body []byte) []byte {
	b := append(c.out[:0], "POST "...)
	b = append(b, u.RequestURI()...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, u.Host...)
	b = append(b, "\r\nUser-Agent: Callboard\r\nContent-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	for name, values := range header {
		for _, value := range values {
			b = append(b, "\r\n"...)
			b = append(b, name...)
			b = append(b, ": "...)
			b = append(b, value...)
		}
	}
	b = append(b, "\r\n\r\n"...)
	c.out = append(b, body...)
	return c.out
}
