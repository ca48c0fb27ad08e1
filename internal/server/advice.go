package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// checkPostgres holds a URL against the driver, which also reads the files that the URL names. The error has no secret.
func checkPostgres(database string) error {
	if _, err := pgxpool.ParseConfig(database); err == nil {
		return nil
	}
	u, err := url.Parse(database)
	if err != nil { // its text has the password
		return errors.New("the URL cannot be read; use postgres://USER@HOST/DB")
	}
	// What the driver says may repeat any part of the URL, so it is asked again without the secrets.
	u.User = url.User(u.User.Username())
	parameters := u.Query()
	parameters.Del("password")
	parameters.Del("sslpassword")
	u.RawQuery = parameters.Encode()
	_, err = pgxpool.ParseConfig(u.String())
	if err == nil {
		return errors.New("the URL cannot be used; is its password percent-encoded, and sslpassword that of sslkey?")
	}
	_, reason, ok := strings.Cut(err.Error(), "`: ") // before it stands the URL
	if !ok {
		reason = "a parameter has a value that PostgreSQL's driver does not take"
	}
	return fmt.Errorf("the URL cannot be used: %s", reason)
}

// adviseOnPostgres adds to an error of opening a PostgreSQL what to do about it: where it was looked for, as whom, and what
// to look at there. An error that is no matter of getting in is returned as it is.
func adviseOnPostgres(err error, database string) error {
	parsed, parseErr := pgxpool.ParseConfig(database)
	if parseErr != nil {
		return err
	}
	if text := advice(err, &parsed.ConnConfig.Config); text != "" {
		return fmt.Errorf("%w; %s", err, text)
	}
	return err
}

// advice is empty when there is none.
func advice(err error, c *pgconn.Config) string {
	where := fmt.Sprintf("host %s, port %d", c.Host, c.Port)
	name := cmp.Or(c.Database, c.User) // as the server takes it
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code {
		case "28P01", "28000": // wrong password, not let in
			return fmt.Sprintf("look at pg_hba.conf (%s) and at the password of the role %s, which is taken from the URL (CALLBOARD_DATABASE), PGPASSWORD or ~/.pgpass", where, c.User)
		case "3D000": // no such database
			return fmt.Sprintf("make it: createdb --host %s --port %d --owner %s %s", c.Host, c.Port, c.User, name)
		case "42501": // no right
			return fmt.Sprintf("give the role %s the rights in the database %s that docs/operations.md names under PostgreSQL (%s)", c.User, name, where)
		case "53300": // too many connections
			return fmt.Sprintf("lower pool_max_conns in the URL, or raise max_connections of the server (%s)", where)
		case "57P03": // starting or stopping
			return fmt.Sprintf("try again when the server has started (%s)", where)
		}
		return ""
	}
	var unreached *pgconn.ConnectError
	var network net.Error
	if !errors.As(err, &unreached) && !errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) {
		return ""
	}
	return fmt.Sprintf("is PostgreSQL running there (%s), and does it take connections of the role %s to the database %s from this machine "+
		"(listen_addresses, pg_hba.conf, a firewall)? --database or CALLBOARD_DATABASE names another one", where, c.User, name)
}
