package pgtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestCommittedRowsSurviveEveryEndOfTheServer(t *testing.T) {
	t.Parallel()
	s := Start(t)
	url := s.NewDatabase(t)
	setup := connect(t, url)
	run(t, setup, "CREATE TABLE ends (name text)")
	setup.Close(t.Context())
	for i, c := range []struct {
		name string
		end  func(testing.TB)
	}{
		{"smart", func(t testing.TB) { s.Stop(t, Smart) }},
		{"fast", func(t testing.TB) { s.Stop(t, Fast) }},
		{"immediate", func(t testing.TB) { s.Stop(t, Immediate) }},
		{"killed", func(t testing.TB) { s.Kill(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := connect(t, url)
			run(t, conn, "INSERT INTO ends VALUES ($1)", c.name)
			if c.name == "smart" { // it waits for clients
				conn.Close(t.Context())
			}
			c.end(t)
			if answers(url) {
				t.Error("the server answers after its end")
			}
			s.StartAgain(t)
			if n := ask[int](t, connect(t, url), "SELECT count(*) FROM ends"); n != i+1 {
				t.Errorf("%d rows, want %d", n, i+1)
			}
		})
	}
}

func TestFailedStartShowsTheLog(t *testing.T) {
	t.Parallel()
	s := Start(t)
	s.Stop(t, Fast)
	file, err := os.OpenFile(filepath.Join(s.Folder(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = file.WriteString("\nno_such_setting = 1\n")
	must(t, errors.Join(err, file.Close()))
	err = s.start()
	if !errors.Is(err, errEnded) || !strings.Contains(err.Error(), "no_such_setting") {
		t.Errorf("error %v, want one that names the setting", err)
	}
	if !strings.Contains(s.Log(t), "no_such_setting") {
		t.Error("the log does not name the setting")
	}
}

func TestFrozenServerAnswersWhenItIsThawed(t *testing.T) {
	t.Parallel()
	s := Start(t)
	url := s.URL(adminDatabase)
	for _, c := range []struct {
		name string
		use  func(context.Context, *pgx.Conn) error
	}{
		{"a client that is connected", func(ctx context.Context, conn *pgx.Conn) error { return conn.Ping(ctx) }},
		{"a client that connects", func(ctx context.Context, _ *pgx.Conn) error { return ping(ctx, url) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := connect(t, url)
			s.Freeze(t)
			answer := make(chan error, 1)
			go func() { answer <- c.use(t.Context(), conn) }()
			select {
			case err := <-answer:
				t.Errorf("an answer while all is frozen: %v", err)
			case <-time.After(300 * time.Millisecond):
			}
			s.Thaw(t)
			must(t, <-answer)
		})
	}
}

func TestFrozenBackendKeepsItsLocksAndNobodyElseWaits(t *testing.T) {
	t.Parallel()
	s := Start(t)
	url := s.NewDatabase(t)
	holder, other := connect(t, url), connect(t, url)
	run(t, holder, "CREATE TABLE a (b int)")
	run(t, holder, "BEGIN")
	run(t, holder, "LOCK TABLE a")
	s.Freeze(t, int(holder.PgConn().PID()))

	run(t, other, "SET lock_timeout = '100ms'")
	_, err := other.Exec(t.Context(), "SELECT * FROM a")
	if refused, ok := errors.AsType[*pgconn.PgError](err); !ok || refused.Code != "55P03" {
		t.Errorf("reading a locked table: %v, want lock_not_available", err)
	}
	run(t, other, "SELECT 1")

	s.Thaw(t)
	run(t, holder, "COMMIT")
	run(t, other, "SELECT * FROM a")
}

func TestServerLeavesThoughItIsFrozen(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("test", func(t *testing.T) {
		s := Start(t)
		url = s.URL(adminDatabase)
		s.Freeze(t)
	})
	if url != "" && answers(url) {
		t.Error("the server is there after its test")
	}
}

func TestTerminatedBackendIsGone(t *testing.T) {
	t.Parallel()
	s := Start(t)
	url := s.NewDatabase(t)
	one, two := connect(t, url), connect(t, url)
	pid := int(one.PgConn().PID())
	want := []int{pid, int(two.PgConn().PID())}
	database := one.Config().Database
	if got := s.Backends(t, database); !slices.Equal(got, want) {
		t.Errorf("backends %d, want %d", got, want)
	}
	s.Terminate(t, pid)
	if got := s.Backends(t, database); !slices.Equal(got, want[1:]) {
		t.Errorf("backends %d, want %d", got, want[1:])
	}
	if err := one.Ping(t.Context()); err == nil {
		t.Error("the client is still served")
	}
	run(t, two, "SELECT 1")
}

func TestExecRunsAsSuperuser(t *testing.T) {
	t.Parallel()
	s := Start(t)
	s.Exec(t, "ALTER SYSTEM SET work_mem = '1234kB'")
	s.Stop(t, Fast)
	s.StartAgain(t)
	if got := ask[string](t, connect(t, s.NewDatabase(t)), "SHOW work_mem"); got != "1234kB" {
		t.Errorf("work_mem = %s after the next start, want 1234kB", got)
	}
}
