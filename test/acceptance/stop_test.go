//go:build unix

package acceptance

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/liveapi"
)

func TestSignalEndsAnIdleProcessAtOnce(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.configure(t, setup{})
			p := s.serve(t)
			createRoom(t, s.client(t, p), "r1") // its connection stays open, idle
			p.signal(t, sig)
			if code := p.exit(t, 3*time.Second); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
			wantTexts(t, p.stderr.String(), "callboard stops", "callboard has stopped")
		})
	}
}

// The lock is the first thing that a start makes; what comes after it may be interrupted at any point.
func TestSignalDuringTheStartIsNoError(t *testing.T) {
	t.Parallel()
	for range 5 {
		s := newSite(t)
		s.configure(t, setup{})
		p := s.start(t)
		eventually(t, "the start has begun", func() bool {
			_, err := os.Stat(filepath.Join(s.folder, "callboard.db.lock"))
			return err == nil
		})
		p.stop(t)
	}
}

// The attempt may take 30 s, so only the stop itself can end it in time.
func TestStopDoesNotWaitForABackendThatNeverAnswers(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			b := newBackend(t, "", hangs)
			s.configure(t, setup{url: b.url, commands: allCommands(), delivery: "{timeout: 30s}"})
			p := s.serve(t)
			createRoom(t, s.client(t, p), "r1")
			b.hung(t)
			p.signal(t, sig)
			if code := p.exit(t, stopLimit); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}

			b.set(accepts)
			s.serve(t)
			if d := b.next(t); d.Command != callback.CommandAfterCreateRoom || d.Lane != "r1" {
				t.Errorf("after the restart %s of %s arrived, want the creation of r1", d.Command, d.Lane)
			}
		})
	}
}

func TestCallUnderWayAtTheStopIsAnsweredAndReported(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", accepts)
	s.configure(t, setup{url: b.url, commands: allCommands()})
	p := s.serve(t)
	call := s.beginCall(t, p, "create_room", `{"RoomInfo":{"RoomId":"r1","RoomType":"Live"}}`)
	p.signal(t, syscall.SIGTERM)
	p.refusesConnections(t)

	if answer := call.finish(t); answer.ErrorCode != liveapi.CodeOK {
		t.Errorf("the call under way was answered %d %s", answer.ErrorCode, answer.ErrorInfo)
	}
	if code := p.exit(t, stopLimit); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	s.serve(t) // what was not sent before the stop is sent now
	if d := b.next(t); d.Lane != "r1" {
		t.Errorf("a callback of %q arrived, want r1", d.Lane)
	}
}

// Half a call, an attempt without an answer and a connection that says nothing: the longest stop that there is.
func TestNeitherCallersNorBackendsHoldTheStop(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := newBackend(t, "", hangs)
	s.configure(t, setup{url: b.url, commands: allCommands(), delivery: "{timeout: 30s}"})
	p := s.serve(t)
	createRoom(t, s.client(t, p), "r1")
	b.hung(t)
	s.beginCall(t, p, "create_room", `{"RoomInfo":{"RoomId":"r2","RoomType":"Live"}}`)
	silent, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	p.stop(t)
	if _, err := s.client(t, s.serve(t)).GetRoomInfo(t.Context(), "r2"); codeOf(err) != liveapi.CodeRoomNotFound {
		t.Errorf("half a call was done: %v", err)
	}
}

// refusesConnections waits until the door is closed.
func (p *process) refusesConnections(t *testing.T) {
	t.Helper()
	eventually(t, "no new connection is taken", func() bool {
		conn, err := net.Dial("tcp", p.address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

// halfCall is a REST call of which the last byte was not sent yet.
type halfCall struct {
	conn   net.Conn
	reader *bufio.Reader
	rest   string
}

// beginCall sends a call but for its last byte. It returns when the server has begun to read the body: only then does
// it say that it wants one.
func (s *site) beginCall(t *testing.T, p *process, command, body string) *halfCall {
	t.Helper()
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	last := len(body) - 1
	c := &halfCall{conn: conn, reader: bufio.NewReader(conn), rest: body[last:]}
	c.send(t, fmt.Sprintf("POST /v4/%s/%s?%s HTTP/1.1\r\nHost: callboard\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
		liveapi.ServiceLive, command, s.query(t), len(body)))
	for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
		if line, err := c.reader.ReadString('\n'); line != want {
			t.Fatalf("the server said %q, %v; want %q", line, err, want)
		}
	}
	c.send(t, body[:last])
	return c
}

func (c *halfCall) send(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(c.conn, text); err != nil {
		t.Fatal(err)
	}
}

// finish sends the rest and reads the answer.
func (c *halfCall) finish(t *testing.T) liveapi.Envelope {
	t.Helper()
	c.send(t, c.rest)
	resp, err := http.ReadResponse(c.reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer liveapi.Envelope
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}
