package egress

import (
	"bufio"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// misbehaviour is what an App backend does with a connection that was opened to it, after which the connection ends.
type misbehaviour struct {
	name   string
	serve  func(conn net.Conn, requests *bufio.Reader)
	want   Failure
	status int
	text   string // of the error
	hangs  bool   // only the timeout ends it
}

// flood writes again and again until the other side has had enough.
func flood(conn net.Conn, text string) {
	piece := []byte(strings.Repeat(text, max(4096/len(text), 1)))
	for {
		if _, err := conn.Write(piece); err != nil {
			return
		}
	}
}

// drip writes byte for byte, slower than the timeout of the test allows.
func drip(conn net.Conn, text string) {
	tick := time.NewTicker(hurry / 10)
	defer tick.Stop()
	for i := 0; ; i = (i + 1) % len(text) {
		if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
			return
		}
		<-tick.C
	}
}

// reset makes the end of a connection a reset instead of an end.
func reset(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }

// hurry is the timeout where only the timeout can help.
const hurry = 200 * time.Millisecond

var misbehaviours = []misbehaviour{
	{"resets before the first byte and before it has read", func(conn net.Conn, requests *bufio.Reader) { _, _ = requests.Peek(1); reset(conn) },
		CutOff, 0, "connection ended while waiting for the answer", false},
	{"resets before the first byte", func(conn net.Conn, requests *bufio.Reader) { readRequest(requests); reset(conn) },
		CutOff, 0, "connection ended while waiting for the answer", false},
	{"closes before the first byte", func(_ net.Conn, requests *bufio.Reader) { readRequest(requests) },
		CutOff, 0, "connection ended while waiting for the answer", false},
	{"resets within the status line", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1."); reset(conn) }), BadAnswer, 0, notHTTP, false},
	{"closes within a line of the header", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nContent-Le") }),
		BadAnswer, 0, notHTTP, false},
	{"closes within the header", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n") }),
		CutOff, 0, "connection ended while waiting for the answer", false},
	{"resets within the body", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
		reset(conn)
	}), CutOff, 200, "connection ended while reading the answer", false},
	{"announces more than it sends", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}") }),
		CutOff, 200, "connection ended while reading the answer", false},
	{"closes before the last chunk", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
	}), CutOff, 200, "connection ended while reading the answer", false},

	{"hangs before the answer", afterRequest(func(net.Conn) {}), Timeout, 0, "timed out while waiting for the answer", true},
	{"hangs without reading", func(net.Conn, *bufio.Reader) {}, Timeout, 0, "timed out while waiting for the answer", true},
	{"hangs within the header", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nX: ") }),
		Timeout, 0, "timed out while waiting for the answer", true},
	{"hangs within the body", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf") }),
		Timeout, 200, "timed out while reading the answer", true},
	{"hangs before the last chunk", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
	}), Timeout, 200, "timed out while reading the answer", true},
	{"neither announces nor ends the body", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\n\r\n{}") }),
		Timeout, 200, "timed out while reading the answer", true},
	{"drips the header", afterRequest(func(conn net.Conn) { drip(conn, "HTTP/1.1 200 OK\r\nX-Drip: "+strings.Repeat("x", 1000)) }),
		Timeout, 0, "timed out while waiting for the answer", true},
	{"drips the body", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
		drip(conn, "x")
	}), Timeout, 200, "timed out while reading the answer", true},
	{"drips informational answers", afterRequest(func(conn net.Conn) { drip(conn, "HTTP/1.1 102 Processing\r\n\r\n") }),
		Timeout, 0, "timed out while waiting for the answer", true},

	{"speaks another protocol", afterRequest(func(conn net.Conn) { write(conn, "220 mail ready\r\n\r\n") }),
		BadAnswer, 0, notHTTP, false},
	{"answers with noise", afterRequest(func(conn net.Conn) { write(conn, "\x00\x01\xfe\xff\r\n\x00\r\n\r\n") }), BadAnswer, 0, notHTTP, false},
	{"answers with endless noise", afterRequest(func(conn net.Conn) { flood(conn, "\x00\xff") }), BadAnswer, 0, notHTTP, false},
	{"answers in TLS", afterRequest(func(conn net.Conn) { write(conn, "\x15\x03\x01\x00\x02\x02\x46\r\n\r\n") }), BadAnswer, 0, notHTTP, false},
	{"answers in HTTP/2", afterRequest(func(conn net.Conn) {
		write(conn, "\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00\x40\x00\r\n\r\n")
	}),
		BadAnswer, 0, notHTTP, false},
	{"answers as before HTTP/1.0", afterRequest(func(conn net.Conn) { write(conn, "<html>hello</html>\r\n\r\n") }), BadAnswer, 0, notHTTP, false},
	{"names a status that is no number", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 OK 200\r\n\r\n") }), BadAnswer, 0, notHTTP, false},
	{"names two lengths", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")
	}),
		BadAnswer, 0, notHTTP, false},
	{"names a negative length", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}") }),
		BadAnswer, 0, notHTTP, false},
	{"names a length beyond all numbers", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}")
	}), BadAnswer, 0, notHTTP, false},
	{"breaks a header line", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n") }), BadAnswer, 0, notHTTP, false},
	{"breaks a chunk", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nsize\r\n{}\r\n")
	}),
		BadAnswer, 200, notHTTP, false},
	{"encodes the transfer in an unknown way", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\n{}")
	}), BadAnswer, 0, notHTTP, false},
	{"sends an endless status line", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 "); flood(conn, "x") }),
		BadAnswer, 0, notHTTP, false},
	{"sends an endless header line", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\nX: "); flood(conn, "x") }),
		BadAnswer, 0, notHTTP, false},
	{"sends endless header lines", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\n"); flood(conn, "X: y\r\n") }),
		BadAnswer, 0, notHTTP, false},
	{"sends endless informational answers", afterRequest(func(conn net.Conn) { flood(conn, "HTTP/1.1 100 Continue\r\n\r\n") }),
		BadAnswer, 0, notHTTP, false},
	{"sends endless hints", afterRequest(func(conn net.Conn) { flood(conn, "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n") }),
		BadAnswer, 0, notHTTP, false},
	{"sends endless chunk extensions", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
		flood(conn, "x")
	}), BadAnswer, 200, notHTTP, false},
	{"sends endless tiny chunks with long extensions", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		flood(conn, "1;"+strings.Repeat("x", 1000)+"\r\nx\r\n")
	}), BadAnswer, 200, notHTTP, false},
	{"sends endless trailers", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
		flood(conn, "X: y\r\n")
	}), BadAnswer, 200, notHTTP, false},

	{"sends an endless body", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 200 OK\r\n\r\n"); flood(conn, "x") }), None, 200, "", false},
	{"announces a huge body", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 500 No\r\nContent-Length: 9000000000000000000\r\n\r\n")
		flood(conn, "x")
	}), None, 500, "", false},
	{"sends endless chunks", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		flood(conn, "400\r\n"+strings.Repeat("x", 0x400)+"\r\n")
	}), None, 200, "", false},
	{"redirects", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n")
	}), None, 302, "", false},
	{"redirects without saying where to", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n") }),
		None, 301, "", false},
	{"changes the protocol unasked", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	}), None, 101, "", false},
	{"answers and never reads", func(conn net.Conn, requests *bufio.Reader) {
		_, _ = requests.Peek(1)
		write(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
	}, None, 413, "", false},
	{"answers as of HTTP/1.0", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.0 200 OK\r\n\r\n{}") }), None, 200, "", false},
	{"names a status beyond 599", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n") }),
		None, 999, "", false},
	{"names the status 000", afterRequest(func(conn net.Conn) { write(conn, "HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n") }), None, 0, "", false},
	{"compresses unasked", afterRequest(func(conn net.Conn) {
		write(conn, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")
	}), None, 200, "", false},
}

const notHTTP = "the answer is not HTTP/1.x, is cut off in its header, or has headers above 32 KiB"

func write(conn net.Conn, text string) { _, _ = io.WriteString(conn, text) }

// afterRequest reads a request, then answers. What hangs does so because the connection stays: see [backendOf].
func afterRequest(answer func(net.Conn)) func(net.Conn, *bufio.Reader) {
	return func(conn net.Conn, requests *bufio.Reader) {
		if readRequest(requests) {
			answer(conn)
		}
	}
}

// backendOf serves every connection so.
func backendOf(t testing.TB, m misbehaviour) string {
	return newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		m.serve(conn, requests)
		if m.hangs {
			hang(requests)
		}
	})
}

func (m misbehaviour) request(url string) Request {
	r := Request{URL: url + "/callback?Sign=SECRET", Body: []byte(`{"Sign":"SECRET"}`), Timeout: patience}
	if m.hangs {
		r.Timeout = hurry
	}
	return r
}

func TestEveryMisbehaviourEndsInTimeWithAReason(t *testing.T) {
	sender := newTestSender(t, Options{})
	for _, m := range misbehaviours {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			request := m.request(backendOf(t, m))
			answer := sender.Send(t.Context(), request)
			if answer.Failure != m.want || answer.Status != m.status || answer.Resent {
				t.Fatalf("got %v, status %d, resent %v, %v; want %v, status %d", answer.Failure, answer.Status, answer.Resent, answer.Err, m.want, m.status)
			}
			text := ""
			if answer.Err != nil {
				text = answer.Err.Error()
			}
			if diff := cmp.Diff(m.text, text); diff != "" {
				t.Errorf("reason (-want +got):\n%s", diff)
			}
			if limit := request.Timeout + patience/2; m.hangs && answer.Duration > limit || !m.hangs && answer.Duration > patience/2 {
				t.Errorf("took %v, with a timeout of %v", answer.Duration, request.Timeout)
			}
			if len(answer.Body) > MaxAnswer {
				t.Errorf("got a body of %d bytes", len(answer.Body))
			}
		})
	}
}

// A backend that behaves for one callback and misbehaves for the next is sent the latter again only if its connection
// ended before it said anything.
func TestMisbehaviourOnAReusedConnectionIsResentOnlyBeforeTheFirstByte(t *testing.T) {
	sender := newTestSender(t, Options{})
	for _, m := range misbehaviours {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			url := newRawServer(t, func(n int, conn net.Conn, requests *bufio.Reader) {
				if !readRequest(requests) {
					return
				}
				write(conn, okAnswer)
				if n > 1 {
					return
				}
				m.serve(conn, requests)
				if m.hangs {
					hang(requests)
				}
			})
			if answer := sender.Send(t.Context(), Request{URL: url, Timeout: patience}); answer.Status != 200 || answer.Failure != None {
				t.Fatalf("first: got %+v", answer)
			}
			want, status := m.want, m.status
			resent := strings.Contains(m.name, "before the first byte")
			if resent {
				want, status = None, 200
			}
			answer := sender.Send(t.Context(), m.request(url))
			if answer.Failure != want || answer.Status != status || answer.Resent != resent {
				t.Errorf("got %v, status %d, resent %v, %v; want %v, status %d, resent %v",
					answer.Failure, answer.Status, answer.Resent, answer.Err, want, status, resent)
			}
		})
	}
}

// Every connection ends with its answer, in each way that there is; no callback may be lost to that.
func TestBackendThatEndsEveryConnectionLosesNothing(t *testing.T) {
	const announced = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
	tests := []struct {
		name, answer string
		reset        bool
	}{
		{"as announced", announced, false},
		{"as announced, by a reset", announced, true},
		{"without a word", okAnswer, false},
		{"without a word, by a reset", okAnswer, true},
		{"as of HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n{}", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var answered atomic.Int32
			url := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
				if !readRequest(requests) {
					return
				}
				answered.Add(1)
				write(conn, tt.answer)
				if tt.reset {
					waitForRead(conn)
					reset(conn)
				}
			})
			const width, each = 16, 10
			sender := newTestSender(t, Options{})
			var all sync.WaitGroup
			for range width {
				all.Go(func() {
					for range each {
						answer := sender.Send(t.Context(), Request{URL: url, Body: []byte("{}"), Timeout: patience})
						if answer.Failure != None || answer.Status != 200 || string(answer.Body) != "{}" {
							t.Errorf("got %+v", answer)
						}
					}
				})
			}
			all.Wait()
			if got := answered.Load(); got != width*each {
				t.Errorf("the backend answered %d requests, want %d: a resend follows only what was not answered", got, width*each)
			}
		})
	}
}

// An answer to a connection, such as "too many connections", is seen or not: net/http drops what comes before it has
// assigned the connection to a request. It is a failure in either case, and ends in time.
func TestAnswerBeforeTheFirstRequestEndsInTime(t *testing.T) {
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard) // net/http tells of what it drops
	url := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
		write(conn, "HTTP/1.1 503 Too Many Connections\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		hang(requests)
	})
	sender := newTestSender(t, Options{})
	for range 20 {
		answer := sender.Send(t.Context(), Request{URL: url, Timeout: patience})
		if !(answer.Status == 503 && answer.Failure == None) && answer.Failure != CutOff || answer.Duration > patience/2 {
			t.Errorf("got %+v, want 503 or cut_off", answer)
		}
	}
}

func TestBrokenTLSIsNamedInWords(t *testing.T) {
	a := newAuthority(t)
	a.issue(t, "client", false)
	expired := a.serveTLS(t, time.Now().Add(-2*time.Hour), tls.VersionTLS13)
	early := a.serveTLS(t, time.Now().Add(time.Hour), tls.VersionTLS13)
	old := a.serveTLS(t, time.Now(), tls.VersionTLS11)
	unknown := newAuthority(t).serve(t, false).URL
	raw := func(serve func(conn net.Conn, in *bufio.Reader)) string {
		return strings.Replace(newRawServer(t, func(_ int, conn net.Conn, in *bufio.Reader) { serve(conn, in) }), "http:", "https:", 1)
	}
	tests := []struct {
		name, url string
		want      Failure
		text      string
		hangs     bool
	}{
		{"expired certificate", expired, TLS, "certificate has expired or is not yet valid", false},
		{"certificate of the future", early, TLS, "certificate has expired or is not yet valid", false},
		{"unknown authority", unknown, TLS, "certificate signed by unknown authority", false},
		{"version that is too old", old, TLS, "protocol version not supported", false},
		{"closes before the handshake", raw(func(net.Conn, *bufio.Reader) {}), TLS, "tls: the connection ended in the handshake", false},
		{"closes in the handshake", raw(func(_ net.Conn, in *bufio.Reader) { _, _ = in.Peek(1) }), TLS, "tls: the connection ended in the handshake", false},
		{"resets in the handshake", raw(func(conn net.Conn, in *bufio.Reader) { _, _ = in.Peek(1); reset(conn) }), TLS, "tls: the connection ended in the handshake", false},
		{"hangs in the handshake", raw(func(_ net.Conn, in *bufio.Reader) { hang(in) }), Timeout, "timed out in the TLS handshake", true},
		{"drips in the handshake", raw(func(conn net.Conn, _ *bufio.Reader) { drip(conn, "\x16\x03\x03\x3f\xff"+strings.Repeat("\x02", 1000)) }),
			Timeout, "timed out in the TLS handshake", true},
		{"noise in the handshake", raw(func(conn net.Conn, in *bufio.Reader) { _, _ = in.Peek(1); flood(conn, "\xff\x00") }),
			TLS, "first record does not look like a TLS handshake", false},
	}
	sender := newTestSender(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			timeout := patience
			if tt.hangs {
				timeout = hurry
			}
			answer := sender.Send(t.Context(), Request{URL: tt.url + "/?Sign=SECRET", Body: []byte("{}"), Timeout: timeout, TLS: TLSFiles{CA: a.file("ca")}})
			if answer.Failure != tt.want || answer.Status != 0 || answer.Resent {
				t.Fatalf("got %v, status %d, resent %v, %v; want %v", answer.Failure, answer.Status, answer.Resent, answer.Err, tt.want)
			}
			if text := answer.Err.Error(); !strings.Contains(text, tt.text) || strings.Contains(text, "SECRET") {
				t.Errorf("error: got %q, want it to contain %q and no secret", text, tt.text)
			}
			if answer.Duration > patience/2 {
				t.Errorf("took %v", answer.Duration)
			}
		})
	}
}

// Many callbacks to a backend that does its worst: connections and goroutines end, and no answer takes more memory than
// its limits.
func TestMisbehaviourLeavesNothingBehind(t *testing.T) {
	const width = 16
	for _, m := range misbehaviours {
		t.Run(m.name, func(t *testing.T) {
			var open atomic.Int32
			url := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
				open.Add(1)
				defer open.Add(-1)
				m.serve(conn, requests)
				if m.hangs {
					hang(requests)
				}
			})
			request := m.request(url)
			sender := newTestSender(t, Options{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var all sync.WaitGroup
			for range width {
				all.Go(func() { sender.Send(t.Context(), request) })
			}
			all.Wait()
			runtime.ReadMemStats(&after)
			// Body and header at their limits, buffers that grew to them, and what the test's own side takes.
			if got := (after.TotalAlloc - before.TotalAlloc) / width; got > 1<<20 {
				t.Errorf("one callback took %d bytes, want at most 1 MiB", got)
			}
			sender.Close()
			ended, tick := time.After(patience), time.Tick(time.Millisecond)
			for open.Load() > 0 {
				select {
				case <-tick:
				case <-ended:
					t.Fatalf("%d connections are still open", open.Load())
				}
			}
		})
	}
}

// waitForRead gives the other side the time to read what was written: a reset throws away what was not.
func waitForRead(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
	_, _ = conn.Read(make([]byte, 1))
}

// serveTLS starts a server that speaks TLS up to a version, with a certificate that is valid for an hour from then on.
func (a *authority) serveTLS(t *testing.T, from time.Time, version uint16) string {
	t.Helper()
	a.issueFrom(t, "server", false, from, from.Add(time.Hour))
	pair, err := tls.LoadX509KeyPair(a.file("server"), a.file("server-key"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = discardLog
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10, MaxVersion: version}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}
