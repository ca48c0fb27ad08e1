package pgtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// childVariable makes the test binary another process with a server, and says how it ends.
const childVariable = "CALLBOARD_PGTEST_CHILD"

// TestMain makes every test one of leaks, or is the child that a test started.
func TestMain(m *testing.M) {
	if end := os.Getenv(childVariable); end != "" {
		if err := beChild(end); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// beChild starts a server, prints where it is, and ends as it was told to when its input ends.
func beChild(end string) error {
	s, err := newServer()
	if err != nil {
		return err
	}
	if end == "frozen" {
		if err := s.freeze(s.daemon.pid); err != nil {
			return err
		}
	}
	fmt.Println(s.URL(adminDatabase))
	fmt.Println(s.daemon.folder)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	if end == "panic" {
		panic("as at the end of a time limit")
	}
	return nil
}

// child is another process with a server of its own.
type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	url    string
	folder string
}

func startChild(t *testing.T, end string) *child {
	t.Helper()
	need(t)
	program, err := os.Executable()
	must(t, err)
	c := &child{cmd: exec.Command(program)}
	c.cmd.Env = append(os.Environ(), childVariable+"="+end)
	var complaints strings.Builder
	c.cmd.Stderr = &complaints
	c.stdin, err = c.cmd.StdinPipe()
	must(t, err)
	out, err := c.cmd.StdoutPipe()
	must(t, err)
	must(t, c.cmd.Start())
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // it has ended already, as a rule
		_ = c.cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for _, line := range []*string{&c.url, &c.folder} {
		if !lines.Scan() {
			t.Fatalf("the child ended without an answer: %v; it said: %s", c.cmd.Wait(), complaints.String())
		}
		*line = lines.Text()
	}
	return c
}

// need skips the test when no server can be started.
func need(t *testing.T) {
	t.Helper()
	if _, err := findPostgres(); err != nil {
		skipOrFail(t, err)
	}
}

// connect returns a connection that ends with the test.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func run(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql, args...)
	must(t, err)
}

// ask returns the one value that a query returns.
func ask[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var value T
	must(t, conn.QueryRow(t.Context(), sql, args...).Scan(&value))
	return value
}

// answers tells whether a server lets a client in.
func answers(url string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return ping(ctx, url) == nil
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for !so() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("after 30 s still not so: %s", what)
		}
	}
}
