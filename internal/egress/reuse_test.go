package egress

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestConnectionsAreReused(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, strings.Repeat("x", MaxAnswer))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	sender := newTestSender(t, Options{})
	for range 20 {
		if answer := sender.Send(t.Context(), Request{URL: server.URL, Body: []byte("{}"), Timeout: patience}); answer.Status != 500 {
			t.Fatalf("got %+v", answer)
		}
	}
	if got := connections.Load(); got != 1 {
		t.Errorf("got %d connections for 20 requests, want 1", got)
	}
}

// A server may close connections as soon as they are idle, without a word. Whether a request meets the end of its
// connection is a race, so this runs many times.
func TestServerThatClosesIdleConnectionsCausesNoFailure(t *testing.T) {
	url := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		if readRequest(requests) {
			_, _ = io.WriteString(conn, okAnswer)
		}
	})
	sender := newTestSender(t, Options{})
	for i := range 200 {
		if answer := sender.Send(t.Context(), Request{URL: url, Body: []byte("{}"), Timeout: patience}); answer.Failure != None {
			t.Fatalf("request %d: got %+v", i, answer)
		}
	}
}

func TestStaleConnectionIsReplacedOnce(t *testing.T) {
	tests := []struct {
		name string
		// second is what the first connection gets as the answer to its second request, before it ends
		second string
		fresh  string // and any later connection
		want   Failure
		resent bool
		copies int32 // of the second request
	}{
		{"ended before the answer", "", okAnswer, None, true, 2},
		{"ended again on the fresh one", "", "", CutOff, true, 2},
		{"ended within the answer", "HTTP/1.1 200", okAnswer, CutOff, false, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var received atomic.Int32
			url := newRawServer(t, func(n int, conn net.Conn, requests *bufio.Reader) {
				answers := []string{okAnswer, tt.second}
				if n > 1 {
					answers = []string{tt.fresh}
				}
				for _, answer := range answers {
					if !readRequest(requests) {
						return
					}
					received.Add(1)
					_, _ = io.WriteString(conn, answer)
				}
			})
			sender := newTestSender(t, Options{})
			request := Request{URL: url, Body: []byte("{}"), Timeout: patience}
			if answer := sender.Send(t.Context(), request); answer.Failure != None || answer.Resent {
				t.Fatalf("first: got %+v", answer)
			}
			answer := sender.Send(t.Context(), request)
			if answer.Failure != tt.want || answer.Resent != tt.resent {
				t.Errorf("got %v, resent %v, %v; want %v, %v", answer.Failure, answer.Resent, answer.Err, tt.want, tt.resent)
			}
			if got := received.Load() - 1; got != tt.copies {
				t.Errorf("the receiver got the request %d times, want %d", got, tt.copies)
			}
		})
	}
}

// However many idle connections there are, a request that makes its receiver hang up arrives twice at most.
func TestRequestThatKillsItsReceiverIsSentTwiceAtMost(t *testing.T) {
	const width = 16
	var together sync.WaitGroup
	together.Add(width)
	var deadly atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/deadly" {
			deadly.Add(1)
			panic(http.ErrAbortHandler)
		}
		together.Done()
		together.Wait() // so that each has a connection of its own
	}))
	defer server.Close()
	sender := newTestSender(t, Options{})
	var sends sync.WaitGroup
	for range width {
		sends.Go(func() { sender.Send(t.Context(), Request{URL: server.URL, Timeout: patience}) })
	}
	sends.Wait()
	answer := sender.Send(t.Context(), Request{URL: server.URL + "/deadly", Body: []byte("{}"), Timeout: patience})
	if answer.Failure != CutOff || !answer.Resent || deadly.Load() != 2 {
		t.Errorf("got %v, resent %v, %d copies; want cut_off, true, 2", answer.Failure, answer.Resent, deadly.Load())
	}
}

func TestConnectionsEndAtTheirAgeUnderConstantTraffic(t *testing.T) {
	const age = 500 * time.Millisecond
	var connections atomic.Int32
	oldest := make(chan time.Duration, 100)
	url := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		connections.Add(1)
		first := time.Now()
		last := first
		for readRequest(requests) {
			last = time.Now()
			_, _ = io.WriteString(conn, okAnswer)
		}
		oldest <- last.Sub(first)
	})
	sender := newTestSender(t, Options{MaxConnAge: age})
	for began := time.Now(); connections.Load() < 4; {
		if answer := sender.Send(t.Context(), Request{URL: url, Body: []byte("{}"), Timeout: patience}); answer.Failure != None || answer.Resent {
			t.Fatalf("got %+v", answer)
		}
		if time.Since(began) > patience {
			t.Fatalf("got %d connections within %v, want 4", connections.Load(), patience)
		}
	}
	for range 2 { // the idle timeout ended these
		if got := <-oldest; got > age {
			t.Errorf("a connection was used for %v, want at most %v", got, age)
		}
	}
}

func TestIdleConnectionsAreLimitedAcrossHosts(t *testing.T) {
	const width, limit = 8, 3
	var together sync.WaitGroup
	together.Add(width)
	var open atomic.Int32
	closed := make(chan struct{}, width)
	serve := func(_ int, conn net.Conn, requests *bufio.Reader) {
		open.Add(1)
		defer func() { open.Add(-1); closed <- struct{}{} }()
		if readRequest(requests) {
			together.Done()
			together.Wait() // so that each has a connection of its own
			_, _ = io.WriteString(conn, okAnswer)
			hang(requests)
		}
	}
	urls := []string{newRawServer(t, serve), newRawServer(t, serve)}
	sender := newTestSender(t, Options{MaxIdle: limit})
	var sends sync.WaitGroup
	for i := range width {
		sends.Go(func() { sender.Send(t.Context(), Request{URL: urls[i%2], Body: []byte("{}"), Timeout: patience}) })
	}
	sends.Wait()
	for range width - limit {
		select {
		case <-closed:
		case <-time.After(patience):
			t.Fatalf("got %d open connections, want %d", open.Load(), limit)
		}
	}
	if got := open.Load(); got != limit {
		t.Errorf("got %d open connections, want %d", got, limit)
	}
}

func TestPoolNamesChangeWithTimeAndSetup(t *testing.T) {
	p := newPool(3 * time.Minute)
	for _, host := range []string{"app.example", "app.example:8080", "127.0.0.1:80", "[::1]:8080"} {
		changes, last := 0, p.name(host, 0, 0)
		for at := time.Second; at <= 30*time.Minute; at += time.Second {
			if name := p.name(host, 0, at); name != last {
				changes, last = changes+1, name
			}
		}
		if changes != 10 {
			t.Errorf("%s: got %d names in 30 minutes, want 10", host, changes)
		}
		if p.name(host, 1, 0) == p.name(host, 2, 0) {
			t.Errorf("%s: two TLS setups share the name %s", host, p.name(host, 1, 0))
		}
		if first, second := p.singleName(host), p.singleName(host); first == second {
			t.Errorf("%s: a single name came twice", host)
		}
	}
}

func TestIPv6HostsAreReachedAndNamedInTheHostHeader(t *testing.T) {
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("there is no IPv6 on the loopback interface: run it where ::1 answers")
	}
	hosts := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hosts <- r.Host }))
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	defer server.Close()
	answer := newTestSender(t, Options{}).Send(t.Context(), Request{URL: server.URL, Timeout: patience})
	if answer.Failure != None {
		t.Fatalf("got %+v", answer)
	}
	if got, want := <-hosts, listener.Addr().String(); got != want {
		t.Errorf("Host: got %s, want %s", got, want)
	}
}
