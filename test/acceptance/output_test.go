//go:build unix

package acceptance

import (
	"bytes"
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"
)

// maxOutput bounds what is kept of a process's log; a test that writes more has a process that runs wild.
const maxOutput = 16 << 20

// output collects what a process writes, and lets a test wait for a line of it.
type output struct {
	mu    sync.Mutex
	text  []byte
	grown chan struct{} // closed at the next write
}

func newOutput() *output { return &output{grown: make(chan struct{})} }

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.text)+len(p) > maxOutput {
		return 0, errors.New("the process writes too much")
	}
	o.text = append(o.text, p...)
	close(o.grown)
	o.grown = make(chan struct{})
	return len(p), nil
}

func (o *output) read() (text []byte, grown <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Clone(o.text), o.grown
}

// String is all that was written so far.
func (o *output) String() string {
	text, _ := o.read()
	return string(text)
}

// find waits for a match and returns it with its groups; nil when ended was closed, or the time was up, before.
func (o *output) find(pattern string, ended <-chan struct{}) []string {
	re := regexp.MustCompile(pattern)
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		text, grown := o.read()
		if match := re.FindStringSubmatch(string(text)); match != nil {
			return match
		}
		select {
		case <-grown:
		case <-ended:
			return re.FindStringSubmatch(o.String())
		case <-limit.C:
			return nil
		}
	}
}

// eventually asks until the answer is true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-limit.C:
			t.Fatalf("after %v still not so: %s", patience, what)
		}
	}
}

func (o *output) contains(text string) bool {
	all, _ := o.read()
	return bytes.Contains(all, []byte(text))
}
