package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestURLThatTheDriverRefusesIsRefusedWithoutItsSecrets(t *testing.T) {
	cases := []struct{ name, database, want string }{
		{"mode", "postgres://live:hunter2@db/live?sslmode=perhaps&password=hunter2", "sslmode"},
		{"size of the pool", "postgres://live:hunter2@db/live?pool_max_conns=many", "pool_max_conns"},
		{"file", "postgres://live:hunter2@db/live?sslmode=verify-full&sslrootcert=absent.pem", "absent.pem"},
		{"form", "postgres://live:hunter2%@db/live", "cannot be read"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := checkDatabase(c.database)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it repeats the password: %v", err)
			}
		})
	}
}

func TestURLThatTheDriverTakesIsAccepted(t *testing.T) {
	for _, database := range []string{
		"sqlite:callboard.db", "postgres://live@db/live", "postgresql://live:hunter2@[::1]:5433/live?sslmode=require&pool_max_conns=40",
		"postgres:///live?host=/run/postgresql", "postgres://live@db/live?default_query_exec_mode=exec",
	} {
		if err := checkDatabase(database); err != nil {
			t.Errorf("%s: %v", database, err)
		}
	}
}

func TestErrorOfOpeningSaysWhatToDo(t *testing.T) {
	answer := func(code string) error { return fmt.Errorf("open it: %w", &pgconn.PgError{Code: code, Message: "no"}) }
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"nobody there", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, "is PostgreSQL running there (host db, port 5433), and does it take connections of the role live"},
		{"no answer in time", fmt.Errorf("connect: %w", context.DeadlineExceeded), "is PostgreSQL running there (host db, port 5433)"},
		{"wrong password", answer("28P01"), "the password of the role live, which is taken from the URL (CALLBOARD_DATABASE), PGPASSWORD or ~/.pgpass"},
		{"not let in", answer("28000"), "pg_hba.conf (host db, port 5433)"},
		{"no such database", answer("3D000"), "createdb --host db --port 5433 --owner live stage"},
		{"no right", answer("42501"), "the role live the rights in the database stage"},
		{"full", answer("53300"), "pool_max_conns"},
		{"starting", answer("57P03"), "has started (host db, port 5433)"},
		{"something else", answer("XX000"), ""},
		{"no matter of getting in", errors.New("use callboard 9.9.9 or newer"), ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := adviseOnPostgres(c.err, "postgres://live:hunter2@db:5433/stage")
			if !errors.Is(got, c.err) || !strings.Contains(got.Error(), c.want) {
				t.Errorf("error %v, want %q in it", got, c.want)
			}
			if c.want == "" && got.Error() != c.err.Error() {
				t.Errorf("error %q, want it as it is", got)
			}
			if strings.Contains(got.Error(), "hunter2") {
				t.Errorf("it shows the password: %v", got)
			}
		})
	}
}

func TestStartWithoutItsDatabaseSaysWhereItWasLookedFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(t, "http://127.0.0.1:9/callback")
	cfg.Database = "postgres://live:hunter2@" + address + "/stage?sslmode=disable"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := New(ctx, Options{Config: cfg})
	if err == nil {
		s.stop()
		t.Fatal("it started")
	}
	_, port, _ := net.SplitHostPort(address)
	for _, want := range []string{"connection refused", "host 127.0.0.1, port " + port, "role live", "database stage"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in: %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("it shows the password: %v", err)
	}
}
