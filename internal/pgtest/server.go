package pgtest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

const (
	adminUser     = "postgres"
	adminDatabase = "postgres"
)

// Server is a PostgreSQL server of one test.
type Server struct {
	daemon   *daemon
	programs string // their folder
	password string
	port     int
	frozen   []int // processes
}

// Start starts a server, which ends with the test. The end of its log is shown when the test fails. The test is skipped
// when the machine has no PostgreSQL, whatever CALLBOARD_TEST_POSTGRES says.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := newServer()
	if err != nil {
		skipOrFail(t, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the log of PostgreSQL:\n%s", s.daemon.tail())
		}
		if err := s.close(); err != nil {
			t.Errorf("end PostgreSQL: %v", err)
		}
	})
	return s
}

func newServer() (*Server, error) {
	programs, err := findPostgres()
	if err != nil {
		return nil, err
	}
	d, err := newDaemon("postgres")
	if err != nil {
		return nil, err
	}
	s := &Server{daemon: d, programs: programs, password: rand.Text()}
	err = s.create()
	if err == nil {
		err = onFreePort(func(port int) error {
			s.port = port
			return s.start()
		})
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// create makes the data folder. It is not synced: that is for what the server writes.
func (s *Server) create() error {
	file, err := s.daemon.write("password", s.password)
	if err != nil {
		return err
	}
	return s.daemon.run(filepath.Join(s.programs, "initdb"), "--pgdata", s.data(), "--username", adminUser,
		"--auth", "scram-sha-256", "--pwfile", file, "--encoding", "UTF8",
		"--locale", "C", "--locale-provider", "icu", "--icu-locale", "en-US", "--no-sync", "--no-instructions")
}

// start starts the server on its port and data and returns when it answers.
func (s *Server) start() error {
	args := []string{"-D", s.data()}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", fmt.Sprintf("port=%d", s.port), "unix_socket_directories=",
		"max_connections=200", "shared_buffers=64MB", "fsync=on", "log_line_prefix=%m [%p] ",
	} {
		args = append(args, "-c", setting)
	}
	return s.daemon.start(s.URL(adminDatabase), filepath.Join(s.programs, "postgres"), args...)
}

// close ends the server at once and removes what it wrote.
func (s *Server) close() error {
	problems := []error{s.thaw()}
	if s.killed() { // it has left shared memory behind, which the next life on its data takes over and removes
		_ = s.start() // it may be the one that cannot start
	}
	return errors.Join(append(problems, s.daemon.end(syscall.SIGQUIT), s.daemon.close())...)
}

// killed tells whether the server ended without tidying up.
func (s *Server) killed() bool {
	_, err := os.Stat(filepath.Join(s.data(), "postmaster.pid"))
	return err == nil && s.daemon.ended()
}

// URL returns the postgres:// URL of a database of the server, whether the server runs or not. The user is a superuser.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(adminUser, s.password), Host: fmt.Sprintf("127.0.0.1:%d", s.port),
		Path: database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// NewDatabase returns the URL of a new, empty database. It is there as long as the server.
func (s *Server) NewDatabase(t testing.TB) string {
	t.Helper()
	name, err := createDatabase(s.URL(adminDatabase))
	if err != nil {
		t.Fatal(err)
	}
	return s.URL(name)
}

// Folder is the server's data folder, which belongs to the user that the server runs as.
func (s *Server) Folder() string { return s.data() }

// Log returns what the server has logged in all its lives.
func (s *Server) Log(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(s.daemon.log())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (s *Server) data() string { return filepath.Join(s.daemon.folder, "data") }
