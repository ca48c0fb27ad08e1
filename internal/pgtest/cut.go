package pgtest

// Side is where bytes come from.
type Side int

// Sides of a [Proxy].
const (
	FromClient Side = iota
	FromServer
)

// String names the side in messages of tests.
func (s Side) String() string {
	if s == FromClient {
		return "from the client"
	}
	return "from the server"
}

// cutOrder is a cut to be made.
type cutOrder struct {
	left int
	made chan struct{}
}

// CutAfter resets one connection, once: the one that carries the n-th byte from a side, counted from now over all
// connections. The other side gets these n bytes, not one more, and then the end of the connection; what it still says is
// lost. The channel is closed when this has happened. A later call for the same side replaces an earlier one.
func (p *Proxy) CutAfter(from Side, n int) <-chan struct{} {
	c := &cutOrder{left: n, made: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cuts[from] = c
	return c.made
}

// spend counts n bytes. It returns how many of them to pass on, and the cut to make afterwards, if any.
func (p *Proxy) spend(from Side, n int) (int, *cutOrder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.cuts[from]
	if c == nil || n == 0 {
		return n, nil
	}
	if n < c.left {
		c.left -= n
		return n, nil
	}
	p.cuts[from] = nil
	return c.left, c
}
