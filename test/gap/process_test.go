package gap

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// startLimit is how long a process may take until it listens. It is long: a slow machine is no fault.
const startLimit = 30 * time.Second

// process is one life of callboard serve. Its goroutine reads the log and ends with it.
type process struct {
	cmd     *exec.Cmd
	address chan string   // holds one: where the process listens
	done    chan struct{} // closed after the end
}

// startProcess runs a command and adds its log to a file.
func startProcess(t *testing.T, logPath string, command ...string) *process {
	t.Helper()
	file, err := os.OpenFile(logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(command[0], command[1:]...), address: make(chan string, 1), done: make(chan struct{})}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		defer file.Close()
		p.read(io.TeeReader(stderr, file))
		_ = p.cmd.Wait() // it is killed
	}()
	t.Cleanup(p.kill)
	return p
}

// read reads the log to its end and picks out the address.
func (p *process) read(log io.Reader) {
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var record struct {
			Address string `json:"address"`
		}
		if json.Unmarshal(line, &record) == nil && record.Address != "" {
			select {
			case p.address <- record.Address:
			default: // it was told already
			}
		}
	}
}

// listening waits until the process has said where it listens.
func (p *process) listening(t *testing.T) string {
	t.Helper()
	select {
	case address := <-p.address:
		return address
	case <-p.done:
		t.Fatal("callboard ended before it listened")
	case <-time.After(startLimit):
		t.Fatalf("callboard does not listen after %s", startLimit)
	}
	return ""
}

// kill ends the process with SIGKILL, which it cannot see coming, and waits for its end. It may be called again.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it has ended already: that is what is wanted
	<-p.done
}
