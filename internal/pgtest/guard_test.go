package pgtest

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

func TestServerEndsWithItsProcess(t *testing.T) {
	for _, c := range []struct {
		name, how string
		end       func(*child) error
	}{
		{"which returns", "return", func(c *child) error { return c.stdin.Close() }},
		{"which panics", "panic", func(c *child) error { return c.stdin.Close() }},
		{"which is killed", "never", func(c *child) error { return c.cmd.Process.Kill() }},
		{"which is killed while the server is frozen", "frozen", func(c *child) error { return c.cmd.Process.Kill() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			child := startChild(t, c.how)
			if c.how != "frozen" && !answers(child.url) {
				t.Fatal("the server does not answer while its process runs")
			}
			must(t, c.end(child))
			eventually(t, "the folder of the server is removed", func() bool {
				_, err := os.Stat(child.folder)
				return errors.Is(err, fs.ErrNotExist)
			})
			if answers(child.url) {
				t.Error("the server outlives its process")
			}
		})
	}
}

func TestProcessesAtTheSameTimeHaveServersOfTheirOwn(t *testing.T) {
	t.Parallel()
	ours := Start(t)
	child := startChild(t, "never")
	run(t, connect(t, child.url), "CREATE DATABASE theirs")
	conn := connect(t, ours.URL(adminDatabase))
	if n := ask[int](t, conn, "SELECT count(*) FROM pg_database WHERE datname = 'theirs'"); n != 0 {
		t.Error("the database of another process is on our server")
	}
	must(t, child.cmd.Process.Kill())
	eventually(t, "the server of the other process has ended", func() bool { return !answers(child.url) })
	if !answers(ours.URL(adminDatabase)) {
		t.Error("our server ended with the other process")
	}
}

func TestFolderOfAServerLeavesWithItsTest(t *testing.T) {
	t.Parallel()
	var s *Server
	t.Run("test", func(t *testing.T) {
		s = Start(t)
		s.Kill(t)
	})
	if s == nil {
		return // skipped
	}
	if _, err := os.Stat(s.daemon.folder); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of the server after its test: %v, want none", err)
	}
}
