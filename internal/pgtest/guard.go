package pgtest

import (
	"context"
	"fmt"
	"io"
	"os/exec"
)

// guardScript waits for the end of its standard input, which comes with the end of the process that holds the other end of
// the pipe, however it ends. Each line before names the program to end then; an empty one: none. A server is asked to end at
// once, which leaves no shared memory behind, and woken should it be frozen. What still writes to the folder can keep it
// from being removed for a moment.
const guardScript = `
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -QUIT "$pid"
  kill -CONT "$pid"
  n=0
  while kill -0 "$pid" && [ "$n" -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
  kill -KILL "$pid"
fi
n=0
until rm -rf -- "$1"; do
  [ "$n" -lt 50 ] || exit 1
  sleep 0.1
  n=$((n + 1))
done
`

// guard is the process that tidies up a folder after the end of this one. It has a session of its own: what ends this process
// and its group does not reach it.
type guard struct {
	cmd    *exec.Cmd
	orders io.WriteCloser // never closed by anything but close and the end of the process
}

func newGuard(folder string) (*guard, error) {
	cmd := exec.CommandContext(context.Background(), "/bin/sh", "-c", guardScript, "callboard-test-guard", folder)
	cmd.Dir = "/"
	cmd.SysProcAttr = apart(nil)
	orders, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a guard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a guard: %w", err)
	}
	return &guard{cmd: cmd, orders: orders}, nil
}

// watch names the program to end; 0: none.
func (g *guard) watch(pid int) error {
	line := "\n"
	if pid != 0 {
		line = fmt.Sprintf("%d\n", pid)
	}
	if _, err := io.WriteString(g.orders, line); err != nil {
		return fmt.Errorf("tell the guard: %w", err)
	}
	return nil
}

// close has the guard do its work now.
func (g *guard) close() error {
	if err := g.orders.Close(); err != nil {
		return fmt.Errorf("end the guard: %w", err)
	}
	if err := g.cmd.Wait(); err != nil {
		return fmt.Errorf("remove the folder of a server: %w", err)
	}
	return nil
}
