package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is a child of this one. Whoever starts one stops it; an end of its context stops it too.
type process struct {
	name   string
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	lines  *bufio.Scanner // of its standard output
	stderr *tail
	ended  chan struct{} // closed when the process is gone
	err    error         // of its end; read it after ended
	once   sync.Once
}

// Limits of children.
const (
	// grace is above what a server may take to stop. After it, a child is killed.
	grace     = 20 * time.Second
	lineLimit = 1 << 20
	// lifeLimit is above the longest measurement of a length that is not chosen.
	lifeLimit = time.Hour
)

// spawn starts the program under test. Its environment has no setting of Callboard: what is measured is the default.
func (l *lab) spawn(ctx context.Context, folder, name string, args ...string) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, lifeLimit+l.mixFor())
	p := &process{name: name, stderr: newTail(), ended: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, l.opt.Executable, args...)
	p.cmd.Dir = folder
	p.cmd.Env = environment()
	p.cmd.Stderr = p.stderr
	p.cmd.SysProcAttr = diesWithParent()
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = grace
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	out, in := io.Pipe()
	p.cmd.Stdout = in
	p.lines = bufio.NewScanner(out)
	p.lines.Buffer(nil, lineLimit)
	if err := p.cmd.Start(); err != nil {
		cancel()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() { // ends with the process, which stop sees to
		defer close(p.ended)
		defer cancel()
		p.err = p.cmd.Wait()
		_ = in.Close() // whoever reads its output meets the end
	}()
	return p, nil
}

func environment() []string {
	var kept []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "CALLBOARD_") {
			kept = append(kept, entry)
		}
	}
	return kept
}

// stop ends the process and waits for it: politely first, and by force after the grace.
func (p *process) stop() {
	p.once.Do(func() {
		_ = p.stdin.Close()
		var reading sync.WaitGroup
		reading.Go(p.discard)
		defer reading.Wait()
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			_ = p.cmd.Process.Kill() // gone already, or a system without signals
		}
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.ended:
		case <-timer.C:
			_ = p.cmd.Process.Kill()
			<-p.ended
		}
	})
}

// discard reads what the process still prints, so that it does not wait for a reader. It ends with the process.
func (p *process) discard() {
	for p.lines.Scan() {
		continue
	}
}

// cpu is what the process used in all; it is known after its end.
func (p *process) cpu() time.Duration {
	<-p.ended
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// ask sends one line of JSON to a child.
func (p *process) ask(v any) error {
	if err := json.NewEncoder(p.stdin).Encode(v); err != nil {
		return p.fail(fmt.Errorf("write to it: %w", err))
	}
	return nil
}

// answer reads one line of JSON from a child. The context that the child was started with bounds the wait.
func (p *process) answer(v any) error {
	if !p.lines.Scan() {
		err := p.lines.Err()
		if err == nil {
			err = errors.New("it ended without an answer")
		}
		return p.fail(err)
	}
	if err := json.Unmarshal(p.lines.Bytes(), v); err != nil {
		return p.fail(fmt.Errorf("read its answer: %w", err))
	}
	return nil
}

// fail names the child and what it complained of last.
func (p *process) fail(err error) error {
	p.stop()
	text := p.stderr.text()
	if p.err != nil {
		err = fmt.Errorf("%w (%w)", err, p.err)
	}
	if text == "" {
		return fmt.Errorf("the process %s: %w", p.name, err)
	}
	return fmt.Errorf("the process %s: %w; it said: %s", p.name, err, text)
}
