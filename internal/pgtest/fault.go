package pgtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Mode is how a server is stopped.
type Mode syscall.Signal

// Modes of stopping, as PostgreSQL names them.
const (
	Smart     = Mode(syscall.SIGTERM) // waits until every client has left
	Fast      = Mode(syscall.SIGINT)  // rolls back what is open, ends connections, writes everything down
	Immediate = Mode(syscall.SIGQUIT) // ends at once; the next start recovers
)

// orphanLimit bounds the wait for processes that outlive a killed postmaster: a new one does not start before they are gone.
const orphanLimit = 20 * time.Second

// Stop stops the server and returns when it has ended. A server that does not run stays so.
func (s *Server) Stop(t testing.TB, mode Mode) {
	t.Helper()
	must(t, s.daemon.end(syscall.Signal(mode)))
}

// Kill ends the postmaster with kill -9. Its other processes end by themselves soon afterwards, unless they are frozen.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	must(t, s.daemon.end(syscall.SIGKILL))
}

// StartAgain starts a server that has ended, on its port and data, and returns when it answers.
func (s *Server) StartAgain(t testing.TB) {
	t.Helper()
	if !s.daemon.ended() {
		t.Fatal("PostgreSQL runs already")
	}
	begin := time.Now()
	err := s.start()
	for errors.Is(err, errEnded) && time.Since(begin) < orphanLimit {
		time.Sleep(50 * time.Millisecond)
		err = s.start()
	}
	must(t, err)
}

// Freeze stops backends by SIGSTOP, or all processes of the server when none is named: they keep their connections and
// locks and do nothing, as if the machine stood still.
func (s *Server) Freeze(t testing.TB, backends ...int) {
	t.Helper()
	if s.daemon.ended() {
		t.Fatal("PostgreSQL does not run")
	}
	all := len(backends) == 0
	if all { // the postmaster first: then no process is added
		must(t, s.freeze(s.daemon.pid))
	}
	pids, err := children(s.daemon.pid)
	must(t, err)
	for _, pid := range backends {
		if !slices.Contains(pids, pid) {
			t.Fatalf("%d is no process of this PostgreSQL", pid)
		}
	}
	if !all {
		pids = backends
	}
	for _, pid := range pids {
		must(t, s.freeze(pid))
	}
}

func (s *Server) freeze(pid int) error {
	if err := freeze(pid); err != nil {
		return fmt.Errorf("freeze process %d: %w", pid, err)
	}
	s.frozen = append(s.frozen, pid)
	return nil
}

// Thaw has all frozen processes go on.
func (s *Server) Thaw(t testing.TB) {
	t.Helper()
	must(t, s.thaw())
}

func (s *Server) thaw() error {
	var problems []error
	for _, pid := range s.frozen {
		problems = append(problems, thaw(pid))
	}
	s.frozen = nil
	return errors.Join(problems...)
}

// Exec runs a statement as superuser in the database postgres, on a connection of its own.
func (s *Server) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	must(t, execute(s.URL(adminDatabase), sql, args...))
}

// Backends lists the processes that serve clients of a database, the longest connected first.
func (s *Server) Backends(t testing.TB, database string) []int {
	t.Helper()
	var pids []int
	must(t, connected(s.URL(adminDatabase), func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `SELECT pid FROM pg_stat_activity
			WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start, pid`, database)
		if err != nil {
			return err
		}
		pids, err = pgx.CollectRows(rows, pgx.RowTo[int])
		return err
	}))
	return pids
}

// Terminate ends a backend by pg_terminate_backend and returns when it is gone. A frozen one cannot be ended so.
func (s *Server) Terminate(t testing.TB, backend int) {
	t.Helper()
	must(t, connected(s.URL(adminDatabase), func(ctx context.Context, conn *pgx.Conn) error {
		var gone bool
		if err := conn.QueryRow(ctx, "SELECT pg_terminate_backend($1, 10000)", backend).Scan(&gone); err != nil {
			return err
		}
		if !gone {
			return fmt.Errorf("terminate: no process %d, or it is still there after 10 s", backend)
		}
		return nil
	}))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
}
