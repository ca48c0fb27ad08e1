package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one life of callboard serve. Its goroutine waits for the end and ends with it.
type process struct {
	cmd  *exec.Cmd
	log  *processLog
	done chan struct{} // closed after the end; then err is set
	err  error
}

// startProcess runs a command whose last process is callboard serve and keeps its log in a file.
func startProcess(t *testing.T, logPath string, command ...string) *process {
	t.Helper()
	file, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{
		cmd: exec.Command(command[0], command[1:]...), done: make(chan struct{}),
		log: &processLog{file: file, address: make(chan string, 1)},
	}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		_ = file.Close()
		t.Fatalf("start %s: %v", command[0], err)
	}
	go func() {
		defer close(p.done)
		p.err = errors.Join(p.cmd.Wait(), file.Close())
	}()
	t.Cleanup(p.kill)
	return p
}

func serve(t *testing.T, config, logPath string) *process {
	t.Helper()
	return startProcess(t, logPath, binary, "serve", "--config", config, "--log-format", "json")
}

// kill ends the process with SIGKILL, which it cannot see coming, and waits for its end. It may be called again.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it has ended already: that is what is wanted
	<-p.done
}

// stop asks the process to end and wants exit code 0 within the limit.
func (p *process) stop(limit time.Duration) error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.wait(limit)
}

// wait returns how the process has ended, which it does within the limit.
func (p *process) wait(limit time.Duration) error {
	select {
	case <-p.done:
		return p.err
	case <-time.After(limit):
		return fmt.Errorf("it still runs %s after SIGTERM", limit)
	}
}

// listening waits until the process has said where it listens.
func listening(t *testing.T, p *process) string {
	t.Helper()
	select {
	case address := <-p.log.address:
		return address
	case <-p.done:
		t.Fatalf("callboard ended before it listened: %v", p.err)
	case <-time.After(startLimit):
		t.Fatalf("callboard does not listen after %s", startLimit)
	}
	return ""
}

// processLog is the error stream of a process: it goes to a file, and what the test needs to know is picked out.
type processLog struct {
	file    *os.File
	address chan string // holds one: where the process listens

	mu      sync.Mutex
	line    []byte
	alarms  []string
	burials []burial
}

// alarmWords begin what Go prints when a process is broken. None stands in a line of the log proper, which is JSON.
var alarmWords = [][]byte{[]byte("panic: "), []byte("fatal error: "), []byte("WARNING: DATA RACE")}

// Write implements [io.Writer].
func (l *processLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	const longest = 64 << 10
	rest := b
	for {
		part, after, ended := bytes.Cut(rest, []byte("\n"))
		if len(l.line)+len(part) <= longest {
			l.line = append(l.line, part...)
		}
		if !ended {
			break
		}
		l.take(l.line)
		l.line, rest = l.line[:0], after
	}
	return l.file.Write(b)
}

// take looks at one line.
func (l *processLog) take(line []byte) {
	for _, word := range alarmWords {
		if bytes.HasPrefix(line, word) {
			l.alarms = append(l.alarms, string(line))
		}
	}
	var record struct {
		Address  string `json:"address"`
		Msg      string `json:"msg"`
		Event    string `json:"event"`
		Reader   string `json:"reader"`
		Attempts int    `json:"attempts"`
		Reason   string `json:"reason"`
	}
	switch err := json.Unmarshal(line, &record); {
	case err != nil:
	case record.Address != "":
		select {
		case l.address <- record.Address:
		default: // it was told already
		}
	case strings.HasPrefix(record.Msg, "a callback is given up"):
		l.burials = append(l.burials, burial{event: record.Event, reader: record.Reader, attempts: record.Attempts, reason: record.Reason})
	}
}

// gaveUp returns what the process has given up.
func (l *processLog) gaveUp() []burial {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.burials
}

// broken returns the alarms of the process.
func (l *processLog) broken() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.alarms
}
