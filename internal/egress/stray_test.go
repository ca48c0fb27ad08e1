package egress

import (
	"bufio"
	"io"
	"log"
	"net"
	"sync"
	"testing"
)

// Whether a request meets what its connection still holds is a race, so many are sent.
func TestStrayAnswerIsNeverTakenForThatOfTheNextRequest(t *testing.T) {
	before := log.Writer()
	log.SetOutput(io.Discard) // net/http tells of what it finds on an idle connection
	t.Cleanup(func() { log.SetOutput(before) })
	const refusal = "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"
	tests := []struct {
		name, answer string
		status       int
	}{
		{"two answers", refusal + okAnswer, 500},
		{"two answers, the second without a body", refusal + "HTTP/1.1 204 No Content\r\n\r\n", 500},
		{"an answer and half of another", refusal + "HTTP/1.1 200 OK\r\nContent-Le", 500},
		{"more bytes than announced", "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno, not now", 500},
		{"a body where none is allowed", "HTTP/1.1 304 Not Modified\r\n\r\n" + okAnswer, 304},
		{"an answer and bytes after the last chunk", "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n" + okAnswer, 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url := newRawServer(t, func(_ int, conn net.Conn, requests *bufio.Reader) {
				for readRequest(requests) {
					_, _ = io.WriteString(conn, tt.answer)
				}
			})
			sender := newTestSender(t, Options{})
			var all sync.WaitGroup
			for range 32 {
				all.Go(func() {
					for range 20 {
						answer := sender.Send(t.Context(), Request{URL: url, Body: []byte("{}"), Timeout: patience})
						if answer.Failure != None || answer.Status != tt.status {
							t.Errorf("got %v, status %d, resent %v, %v; want status %d", answer.Failure, answer.Status, answer.Resent, answer.Err, tt.status)
						}
					}
				})
			}
			all.Wait()
		})
	}
}
