package crash

import (
	"context"
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// door is where callbacks come in: an HTTP server on one port that can be shut, so that connections are refused, and opened
// again. Its goroutines end with it.
type door struct {
	address string
	handler http.Handler

	mu     sync.Mutex
	server *http.Server // nil: shut
	ended  chan struct{}
	conns  map[net.Conn]struct{} // of callers whose request may still be under way
	calm   chan struct{}         // holds a token when the last of them has ended
}

// openDoor takes a free port below those that the kernel gives to outgoing connections: nobody gets it while it is shut.
func openDoor(t *testing.T, h http.Handler) *door {
	t.Helper()
	d := &door{handler: h, conns: map[net.Conn]struct{}{}, calm: make(chan struct{}, 1)}
	const first, count, tries = 20000, 10000, 100
	err := errors.New("not tried")
	for i := 0; i < tries && err != nil; i++ {
		d.address = net.JoinHostPort("127.0.0.1", strconv.Itoa(first+rand.IntN(count)))
		err = d.open()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.shut)
	return d
}

func (d *door) url() string { return "http://" + d.address }

// open lets callers in.
func (d *door) open() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server != nil {
		return nil
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", d.address)
	if err != nil {
		return err
	}
	server, ended := &http.Server{
		Handler: d.handler, ConnState: d.note, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0),
	}, make(chan struct{})
	d.server, d.ended = server, ended
	go func() {
		defer close(ended)
		_ = server.Serve(listener) // it ends when it is closed
	}()
	return nil
}

// shut refuses connections and cuts off those that there are.
func (d *door) shut() {
	d.mu.Lock()
	server, ended := d.server, d.ended
	d.server = nil
	d.mu.Unlock()
	if server != nil {
		_ = server.Close() // its listener is closed at most twice
		<-ended
	}
}

func (d *door) isOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.server != nil
}

func (d *door) note(c net.Conn, s http.ConnState) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch s {
	case http.StateNew:
		d.conns[c] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		delete(d.conns, c)
		if len(d.conns) == 0 {
			select {
			case d.calm <- struct{}{}:
			default:
			}
		}
	}
}

// quiet waits until nobody is connected: what a process that has ended had sent was received or is lost. Connections are
// accepted in their order, so after one of its own none is left that nobody has seen.
func (d *door) quiet(ctx context.Context) error {
	if conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", d.address); err == nil {
		_, _ = io.WriteString(conn, "no HTTP\r\n\r\n") // the answer comes after it was accepted
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	}
	for !d.empty() {
		select {
		case <-d.calm:
		case <-ctx.Done():
			return errors.New("connections of a process that has ended are still open")
		}
	}
	return nil
}

func (d *door) empty() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns) == 0
}
