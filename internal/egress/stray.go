package egress

import (
	"net"
	"sync/atomic"
)

// listening is a connection that knows whether bytes came since it was last written to.
//
// A backend, or a proxy before it, may send more than one answer to a request, or more bytes than it announced. net/http
// closes a connection with such bytes when it finds it idle; when the next request is quicker, they become the answer of
// that request, and a callback that was refused would count as delivered. An answer that was there before its question
// is not an answer.
type listening struct {
	net.Conn
	asked    atomic.Bool // written to, for the exchange that it serves now
	answered atomic.Bool // and read from afterwards
}

// next begins an exchange.
func (c *listening) next() {
	c.asked.Store(false)
	c.answered.Store(false)
}

// Write implements net.Conn.
func (c *listening) Write(p []byte) (int, error) {
	if !c.asked.Load() {
		c.asked.Store(true)
	}
	return c.Conn.Write(p)
}

// Read implements net.Conn.
func (c *listening) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.asked.Load() && !c.answered.Load() {
		c.answered.Store(true)
	}
	return n, err
}
