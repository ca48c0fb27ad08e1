package bench

import (
	"bytes"
	"strings"
	"sync"
)

// tail keeps the end of what a process prints, and hands on each line to one listener.
type tail struct {
	mu   sync.Mutex
	last []byte
	line chan string // gets the lines until nobody listens: it is never waited for
	part []byte
}

const (
	tailLimit = 4 << 10
	tailLines = 64
)

func newTail() *tail { return &tail{line: make(chan string, tailLines)} }

// Write implements [io.Writer].
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if over := len(t.last) - tailLimit; over > 0 {
		t.last = append(t.last[:0], t.last[over:]...)
	}
	t.part = append(t.part, b...)
	for {
		i := bytes.IndexByte(t.part, '\n')
		if i < 0 {
			break
		}
		select {
		case t.line <- string(t.part[:i]):
		default:
		}
		t.part = t.part[i+1:]
	}
	if len(t.part) > lineLimit {
		t.part = nil
	}
	return len(b), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.last))
}
