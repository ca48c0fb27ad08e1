package pgtest

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Proxy passes connections on to a server until it is told otherwise. It ends with its test. Its goroutines are one that
// accepts, and three for each connection.
type Proxy struct {
	t       testing.TB
	url     string // through the proxy
	address string // of the proxy
	target  string // of the server

	listening sync.Mutex
	listener  net.Listener // guarded by listening; nil while connections are refused
	accepting sync.WaitGroup

	links   sync.WaitGroup
	mu      sync.Mutex
	open    map[*link]struct{}
	passing chan struct{} // closed while bytes are passed on
	cuts    [2]*cutOrder  // to be made, by Side
}

// NewProxy starts a proxy before the server of a postgres:// URL, which must be reached by TCP.
func NewProxy(t testing.TB, serverURL string) *Proxy {
	t.Helper()
	target, err := addressOf(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := listen()
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		t: t, address: l.Addr().String(), url: withAddress(serverURL, l.Addr().String()), target: target,
		open: map[*link]struct{}{}, passing: make(chan struct{}),
	}
	close(p.passing)
	p.accept(l)
	t.Cleanup(func() {
		p.Refuse(true)
		p.Cut()
		p.links.Wait()
	})
	return p
}

// addressOf returns host:port of a server's URL.
func addressOf(serverURL string) (string, error) {
	config, err := pgx.ParseConfig(serverURL)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(config.Host, "/") {
		return "", errors.New("the server of the URL is reached by a Unix socket, need TCP")
	}
	return net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), nil
}

// withAddress returns the URL with another host:port.
func withAddress(serverURL, address string) string {
	u := parse(serverURL)
	u.Host = address
	query := u.Query()
	query.Del("host")
	query.Del("port")
	u.RawQuery = query.Encode()
	return u.String()
}

// URL is the URL that the proxy was made with, with the proxy's address in it.
func (p *Proxy) URL() string { return p.url }

// Addr is the proxy's address, host:port.
func (p *Proxy) Addr() string { return p.address }

// Cut resets all connections, on both sides, and returns when it is done. New ones are passed on as before.
func (p *Proxy) Cut() {
	p.mu.Lock()
	links := slices.Collect(maps.Keys(p.open))
	p.mu.Unlock()
	for _, l := range links {
		l.cut()
	}
	for _, l := range links {
		<-l.ended
	}
}

// Refuse has new connections refused, or accepted again. Open ones are not touched.
func (p *Proxy) Refuse(refuse bool) {
	p.listening.Lock()
	defer p.listening.Unlock()
	switch {
	case refuse && p.listener != nil:
		if err := p.listener.Close(); err != nil {
			p.t.Errorf("proxy: %v", err)
		}
		p.accepting.Wait()
		p.listener = nil
	case !refuse && p.listener == nil:
		l, err := listenOn(p.address)
		if err != nil {
			p.t.Errorf("proxy: %v", err)
			return
		}
		p.accept(l)
	}
}

// Stall has nothing passed on any more, though connections are accepted and stay open, or has all go on that was held up.
// What the proxy has read before may still pass.
func (p *Proxy) Stall(stall bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.passing:
		if stall {
			p.passing = make(chan struct{})
		}
	default:
		if !stall {
			close(p.passing)
		}
	}
}

// accept takes connections until the listener is closed.
func (p *Proxy) accept(l net.Listener) {
	p.listener = l
	p.accepting.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					p.t.Errorf("proxy: %v", err)
				}
				return
			}
			link := p.add(client)
			p.links.Go(func() { link.run() })
		}
	})
}

func (p *Proxy) add(client net.Conn) *link {
	ctx, cancel := context.WithCancel(context.Background())
	l := &link{proxy: p, client: client, ctx: ctx, cut: cancel, ended: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[l] = struct{}{}
	return l
}

func (p *Proxy) remove(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, l)
}

// pass waits while the proxy is stalled. It is false when the link was cut meanwhile.
func (p *Proxy) pass(ctx context.Context) bool {
	p.mu.Lock()
	passing := p.passing
	p.mu.Unlock()
	select {
	case <-ctx.Done():
		return false
	case <-passing:
		return ctx.Err() == nil
	}
}
