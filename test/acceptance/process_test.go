//go:build unix

package acceptance

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is a callboard that runs, or has run.
type process struct {
	cmd     *exec.Cmd
	stdout  *output
	stderr  *output // of serve: the log
	ended   chan struct{}
	address string // host:port of serve
}

// start runs a command in a folder. The process is gone when the test is.
func start(t *testing.T, folder string, command ...string) *process {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir, cmd.Env = folder, environment()
	return startCommand(t, cmd)
}

func startCommand(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, stdout: newOutput(), stderr: newOutput(), ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.stdout, p.stderr
	cmd.WaitDelay = time.Second // for a pipe that outlives the process
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // its outcome is in cmd.ProcessState
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%s\n%s", strings.Join(cmd.Args, " "), tail(p.stderr.String()))
		}
	})
	return p
}

func tail(text string) string {
	const most = 8 << 10
	return text[max(0, len(text)-most):]
}

// serving waits until the process takes calls.
func (p *process) serving(t *testing.T) *process {
	t.Helper()
	match := p.stderr.find(`callboard serves.*address"?[=:]"?([^ ",]+)`, p.ended)
	if match == nil {
		t.Fatalf("callboard does not serve:\n%s", p.stderr)
	}
	p.address = match[1]
	return p
}

// signal sends a signal to the process.
func (p *process) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// exit waits for the end and returns the exit code, -1 for the end by a signal.
func (p *process) exit(t *testing.T, within time.Duration) int {
	t.Helper()
	limit := time.NewTimer(within)
	defer limit.Stop()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-limit.C:
		t.Fatalf("%s still runs after %v", strings.Join(p.cmd.Args, " "), within)
	}
	return -1
}

// stop ends the process as an operator does.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGTERM)
	if code := p.exit(t, stopLimit); code != 0 {
		t.Fatalf("SIGTERM: exit code %d, want 0\n%s", code, p.stderr)
	}
}
