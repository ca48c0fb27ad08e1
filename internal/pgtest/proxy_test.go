package pgtest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

func TestProxyStandsBeforePostgres(t *testing.T) {
	p := NewProxy(t, Database(t))
	conn := connect(t, p.URL())
	run(t, conn, "SELECT 1")
	p.Cut()
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("the connection works after a cut")
	}
	run(t, connect(t, p.URL()), "SELECT 1")
}

func TestCutResetsOpenConnectionsAndNoLaterOne(t *testing.T) {
	p, _ := echo(t)
	one, two := dial(t, p), dial(t, p)
	say(t, one, "a")
	say(t, two, "b")
	p.Cut()
	wantReset(t, one)
	wantReset(t, two)
	say(t, dial(t, p), "c")
}

func TestCutAfterLetsThatManyBytesPass(t *testing.T) {
	const sent, passed = 100_000, 70_001
	for _, from := range []Side{FromClient, FromServer} {
		t.Run(from.String(), func(t *testing.T) {
			p, heard := echo(t)
			made := p.CutAfter(from, passed)
			conn := dial(t, p)
			var writing sync.WaitGroup
			writing.Go(func() { _, _ = conn.Write(make([]byte, sent)) }) // it may be cut off
			got, _ := io.Copy(io.Discard, conn)                          // it is cut off
			writing.Wait()
			<-made
			if from == FromClient {
				got = <-heard
			}
			if got != passed {
				t.Errorf("%d bytes have passed, want %d", got, passed)
			}
			say(t, dial(t, p), "once is enough")
		})
	}
}

func TestCutAfterCountsOverAllConnections(t *testing.T) {
	p, _ := echo(t)
	made := p.CutAfter(FromServer, 6)
	one, two := dial(t, p), dial(t, p)
	say(t, one, "abc")
	say(t, two, "de")
	say(t, one, "f")
	<-made
	if n, err := one.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read %d bytes, %v, want the end", n, err)
	}
	say(t, two, "ghi")
}

func TestRefusedUntilAcceptedAgain(t *testing.T) {
	p, _ := echo(t)
	open := dial(t, p)
	p.Refuse(true)
	p.Refuse(true)
	if conn, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		if err == nil {
			conn.Close()
		}
		t.Errorf("dial: %v, want connection refused", err)
	}
	say(t, open, "an open connection goes on")
	p.Refuse(false)
	p.Refuse(false)
	say(t, dial(t, p), "b")
}

func TestStalledBytesPassLater(t *testing.T) {
	p, _ := echo(t)
	open := dial(t, p)
	say(t, open, "before")
	p.Stall(true)
	p.Stall(true)
	conns := []net.Conn{open, dial(t, p)}
	for _, conn := range conns {
		_, err := conn.Write([]byte("held"))
		must(t, err)
		must(t, conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
		if n, err := conn.Read(make([]byte, 1)); n != 0 || !isTimeout(err) {
			t.Errorf("read %d bytes, %v, while nothing passes", n, err)
		}
		must(t, conn.SetReadDeadline(time.Time{}))
	}
	p.Stall(false)
	p.Stall(false)
	for _, conn := range conns {
		hear(t, conn, "held")
	}
}

func TestStalledConnectionsCanBeCut(t *testing.T) {
	p, _ := echo(t)
	p.Stall(true)
	conn := dial(t, p)
	_, err := conn.Write([]byte("held"))
	must(t, err)
	p.Refuse(true) // which also waits until the connection is known
	p.Cut()
	wantReset(t, conn)
}

func TestClientOfAServerThatIsAwayIsReset(t *testing.T) {
	l, err := listen()
	must(t, err)
	must(t, l.Close())
	p := NewProxy(t, "postgres://"+l.Addr().String()+"/x")
	conn, err := net.Dial("tcp", p.Addr())
	if errors.Is(err, syscall.ECONNRESET) {
		return // so soon that dialling has seen it
	}
	must(t, err)
	defer conn.Close()
	wantReset(t, conn)
}

// echo starts a server that sends back what it gets, behind a proxy. The channel has the length of what it got on each
// connection that has ended.
func echo(t *testing.T) (*Proxy, <-chan int64) {
	t.Helper()
	l, err := listen()
	must(t, err)
	heard := make(chan int64, 10)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				var got bytes.Buffer
				_, _ = io.Copy(conn, io.TeeReader(conn, &got)) // it may be cut off
				_, _ = io.Copy(&got, conn)                     // what is left, if it cannot answer
				conn.Close()
				heard <- int64(got.Len())
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	return NewProxy(t, "postgres://"+l.Addr().String()+"/x"), heard
}

func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// say sends words and wants them back.
func say(t *testing.T, conn net.Conn, words string) {
	t.Helper()
	_, err := conn.Write([]byte(words))
	must(t, err)
	hear(t, conn, words)
}

func hear(t *testing.T, conn net.Conn, words string) {
	t.Helper()
	got := make([]byte, len(words))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != words {
		t.Errorf("heard %q, %v, want %q", got, err, words)
	}
}

func wantReset(t *testing.T, conn net.Conn) {
	t.Helper()
	must(t, conn.SetReadDeadline(time.Now().Add(30*time.Second)))
	if n, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read %d bytes, %v, want connection reset", n, err)
	}
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return ok && timeout.Timeout()
}
