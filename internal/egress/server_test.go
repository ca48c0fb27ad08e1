package egress

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// newTestSender returns a sender for servers on loopback, closed with the test.
func newTestSender(t testing.TB, o Options) *Sender {
	t.Helper()
	if o.Guard == nil {
		o.Guard = NewGuard(GuardOptions{Loopback: true})
	}
	s := NewSender(o)
	t.Cleanup(s.Close)
	return s
}

// newRawServer serves each connection with serve and closes it then. n counts connections from 1. It returns the URL.
func newRawServer(t testing.TB, serve func(n int, conn net.Conn, requests *bufio.Reader)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			running.Go(func() {
				defer stop()
				defer conn.Close()
				serve(n, conn, bufio.NewReader(conn))
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		cancel()
		running.Wait()
	})
	return "http://" + listener.Addr().String()
}

// readRequest reads one request and its body; false at the end of the connection.
func readRequest(requests *bufio.Reader) bool {
	request, err := http.ReadRequest(requests)
	if err != nil {
		return false
	}
	_, err = io.Copy(io.Discard, request.Body)
	return err == nil
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

// hang waits until the peer closes.
func hang(requests *bufio.Reader) { _, _ = io.Copy(io.Discard, requests) }

// resolveTo returns a resolver that knows only the given names; any other does not exist.
func resolveTo(t testing.TB, names map[string]string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		query := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = server.WriteTo(answerQuery(query[:n], names), from)
		}
	}()
	t.Cleanup(func() { server.Close(); <-done })
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// answerQuery answers a DNS query of one question of type A or AAAA.
func answerQuery(query []byte, names map[string]string) []byte {
	end, labels := 12, []string{}
	for query[end] != 0 {
		size := int(query[end])
		labels = append(labels, string(query[end+1:end+1+size]))
		end += 1 + size
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	answer := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[12:end+5]...)
	text, known := names[strings.Join(labels, ".")]
	if !known {
		answer[3] |= 3 // no such name
		return answer
	}
	addr := netip.MustParseAddr(text)
	if addr.Is4() != (kind == 1) {
		return answer
	}
	data := addr.AsSlice()
	answer[7] = 1
	answer = append(answer, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 1, 0, byte(len(data)))
	return append(answer, data...)
}

// patience is how long a test waits for what must happen.
const patience = 10 * time.Second
