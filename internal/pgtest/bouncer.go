package pgtest

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// bouncerPool is how many connections pgbouncer opens to a database: few, so that clients do share them.
const bouncerPool = 5

// Bouncer starts a pgbouncer in transaction mode before the server of a postgres:// URL and returns that URL with the
// bouncer's address in it. Clients share 5 connections to the server; a server that was away is tried again after a second
// instead of 15. All else is as pgbouncer has it by default. It ends with the test. The test is skipped when the machine
// has no pgbouncer.
func Bouncer(t testing.TB, serverURL string) string {
	t.Helper()
	program, err := findBouncer()
	if err != nil {
		skipOrFail(t, err)
	}
	d, err := newDaemon("pgbouncer")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the end of the log of pgbouncer:\n%s", d.tail())
		}
		if err := errors.Join(d.end(syscall.SIGKILL), d.close()); err != nil {
			t.Errorf("end pgbouncer: %v", err)
		}
	})
	var through string
	err = onFreePort(func(port int) error {
		file, err := d.configure(serverURL, port)
		if err != nil {
			return err
		}
		through = bounced(serverURL, port)
		return d.start(through, program, file)
	})
	if err != nil {
		t.Fatal(err)
	}
	return through
}

// bounced is the URL through a bouncer. The way to it is never encrypted; to the server it is when the server can.
func bounced(serverURL string, port int) string {
	u := parse(withAddress(serverURL, fmt.Sprintf("127.0.0.1:%d", port)))
	query := u.Query()
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	return u.String()
}

// configure writes the config file and returns its path.
func (d *daemon) configure(serverURL string, port int) (string, error) {
	address, err := addressOf(serverURL)
	if err != nil {
		return "", err
	}
	host, serverPort, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	config, err := pgx.ParseConfig(serverURL)
	if err != nil {
		return "", err
	}
	users, err := d.write("users", fmt.Sprintf("%s %s\n", quote(config.User), quote(config.Password)))
	if err != nil {
		return "", err
	}
	method := "scram-sha-256"
	if config.Password == "" {
		method = "trust"
	}
	return d.write("pgbouncer.ini", fmt.Sprintf(`[databases]
* = host=%s port=%s

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = %s
auth_file = %s
pool_mode = transaction
default_pool_size = %d
max_client_conn = 500
server_login_retry = 1
server_tls_sslmode = prefer
`, host, serverPort, port, method, users, bouncerPool))
}

// quote is how the file of users has a name or a password.
func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
