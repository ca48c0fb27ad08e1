package bench

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// postgresPlace is a server that runs already. Every measurement has a database of its own in it.
type postgresPlace struct {
	server *url.URL // as it was given: its database is the one from which others are made
	// postmaster is the process of the server, 0 when it cannot be seen.
	postmaster int
}

// Limits of what bench itself asks of the server.
const (
	postgresLimit = time.Minute
	// copyLimit is above what the largest template takes on a slow disk.
	copyLimit = 15 * time.Minute
)

func newPostgresPlace(ctx context.Context, address string) (*postgresPlace, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the URL of the database cannot be read") // the error has the password
	}
	c, err := connectPostgres(ctx, address)
	if err != nil {
		return nil, err
	}
	defer closePostgres(c)
	return &postgresPlace{server: u, postmaster: postmasterOf(c)}, nil
}

// connectPostgres ignores what the URL says about the pool of the server under test.
func connectPostgres(ctx context.Context, address string) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	parsed, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("read the URL of the database: %w", err)
	}
	return pgx.ConnectConfig(ctx, parsed.ConnConfig)
}

func closePostgres(c *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.Close(ctx) // all was read
}

// doPostgres runs a statement on a connection of its own.
func doPostgres(ctx context.Context, address, statement string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c, err := connectPostgres(ctx, address)
	if err != nil {
		return err
	}
	defer closePostgres(c)
	_, err = c.Exec(ctx, statement)
	return err
}

// at is the URL of another database of the server.
func (p *postgresPlace) at(name string) string {
	u := *p.server
	u.Path, u.RawPath = "/"+name, ""
	parameters := u.Query()
	parameters.Del("dbname")
	parameters.Del("database")
	u.RawQuery = parameters.Encode()
	return u.String()
}

// factsOfPostgres are what its figures depend on most. Everybody may read them.
const factsOfPostgres = `SELECT 'PostgreSQL ' || current_setting('server_version') || string_agg(', ' || name || '=' || current_setting(name), '')
	FROM unnest(ARRAY['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers']) AS name`

func (p *postgresPlace) disk(ctx context.Context, samples int) (Disk, error) {
	d := Disk{Database: kindPostgres, FileSystem: "at " + p.server.Host, Sync: "a commit of one row"}
	made, err := p.create(ctx, "")
	if err != nil {
		return d, err
	}
	defer func() { _ = made.drop() }() // the next measurement would meet the same error
	c, err := connectPostgres(ctx, made.url())
	if err != nil {
		return d, err
	}
	defer closePostgres(c)
	if err := c.QueryRow(ctx, factsOfPostgres).Scan(&d.SyncMode); err != nil {
		return d, fmt.Errorf("ask the server for its settings: %w", err)
	}
	var folder string
	// Not every role may read it.
	if p.postmaster != 0 && c.QueryRow(ctx, `SELECT current_setting('data_directory')`).Scan(&folder) == nil {
		d.FileSystem = fileSystem(folder)
	}
	times, err := commitTimes(ctx, c, samples)
	if err != nil {
		return d, fmt.Errorf("measure a commit: %w", err)
	}
	d.SyncMedian, d.SyncP99 = percentile(times, 50), percentile(times, 99)
	return d, nil
}

// commitTimes returns milliseconds in ascending order.
func commitTimes(ctx context.Context, c *pgx.Conn, samples int) ([]float64, error) {
	if _, err := c.Exec(ctx, `CREATE TABLE commits (n bigint)`); err != nil {
		return nil, err
	}
	times := make([]float64, 0, samples)
	for n := range samples {
		start := time.Now()
		if _, err := c.Exec(ctx, `INSERT INTO commits VALUES ($1)`, n); err != nil {
			return nil, err
		}
		times = append(times, milliseconds(time.Since(start)))
	}
	slices.Sort(times)
	return times, nil
}

func (p *postgresPlace) create(ctx context.Context, _ string) (database, error) {
	return p.make(ctx, "TEMPLATE template0 ENCODING 'UTF8'")
}

// make makes a database and leaves none behind when it fails.
func (p *postgresPlace) make(ctx context.Context, from string) (database, error) {
	d := &postgresDatabase{place: p, name: "callboard_bench_" + strings.ToLower(rand.Text()[:10])}
	if err := doPostgres(ctx, p.server.String(), "CREATE DATABASE "+d.name+" "+from, copyLimit); err != nil {
		_ = d.drop() // the error may have come after it was made
		return nil, fmt.Errorf("make a database (the role needs CREATEDB): %w", err)
	}
	return d, nil
}

func (p *postgresPlace) cpu() (time.Duration, bool) {
	if p.postmaster == 0 {
		return 0, false
	}
	used, err := familyCPU(p.postmaster)
	return used, err == nil
}

// written is that of all databases of the server, which has nothing else to do.
func (p *postgresPlace) written(ctx context.Context) (bytes float64, err error) {
	c, err := connectPostgres(ctx, p.server.String())
	if err != nil {
		return 0, err
	}
	defer closePostgres(c)
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	err = c.QueryRow(ctx, `SELECT (pg_current_wal_insert_lsn() - '0/0')::float8`).Scan(&bytes)
	return bytes, err
}

// postmasterOf returns the process of the server when it runs on this machine, where its CPU can be seen; else 0. A server
// in a container or behind a tunnel has numbers of processes that mean others here, so the process that serves the connection
// has to show its port.
func postmasterOf(c *pgx.Conn) int {
	wire := c.PgConn().Conn()
	from := "[local]"
	if tcp, ok := wire.LocalAddr().(*net.TCPAddr); ok {
		from = "(" + strconv.Itoa(tcp.Port) + ")"
		if !tcp.IP.IsLoopback() {
			return 0
		}
	}
	backend := int(c.PgConn().PID())
	title, err := os.ReadFile("/proc/" + strconv.Itoa(backend) + "/cmdline")
	if err != nil || !strings.HasPrefix(string(title), "postgres: ") || !strings.Contains(string(title), from) {
		return 0
	}
	t, err := readTimes(backend)
	if err != nil {
		return 0
	}
	return t.parent
}

type postgresDatabase struct {
	place  *postgresPlace
	name   string
	rested bool
}

func (d *postgresDatabase) url() string { return d.place.at(d.name) }

// size has no part for the write-ahead log, which all databases of a server share.
func (d *postgresDatabase) size(ctx context.Context) (all, wal int64, err error) {
	c, err := connectPostgres(ctx, d.url())
	if err != nil {
		return 0, 0, err
	}
	defer closePostgres(c)
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	err = c.QueryRow(ctx, `SELECT pg_database_size(current_database())`).Scan(&all)
	return all, 0, err
}

// copy makes another one from its files, which are on the disk afterwards. What was filled in a hurry first becomes what it
// would be if it had grown in its time: the planner knows it, and autovacuum has nothing to catch up with while it is measured.
func (d *postgresDatabase) copy(ctx context.Context, _ string) (database, error) {
	if !d.rested {
		if err := doPostgres(ctx, d.url(), "VACUUM (ANALYZE)", copyLimit); err != nil {
			return nil, fmt.Errorf("vacuum a filled database: %w", err)
		}
		d.rested = true
	}
	return d.place.make(ctx, "TEMPLATE "+d.name+" STRATEGY FILE_COPY")
}

// drop also ends the connections of who still has it open, and works when the run was told to stop.
func (d *postgresDatabase) drop() error {
	return doPostgres(context.Background(), d.place.server.String(), "DROP DATABASE IF EXISTS "+d.name+" WITH (FORCE)", postgresLimit)
}

func (d *postgresDatabase) connect(ctx context.Context) (connection, error) {
	c, err := connectPostgres(ctx, d.url())
	if err != nil {
		return nil, err
	}
	return postgresConnection{c}, nil
}

type postgresConnection struct{ conn *pgx.Conn }

func (c postgresConnection) close() error {
	closePostgres(c.conn)
	return nil
}

// What retention has forgotten is below the floor of its App until its day is dropped.
var postgresQuestions = map[question]string{
	attemptsRecorded: `SELECT count(*) FROM attempts`,
	rowsForgotten:    `SELECT coalesce(sum(seq), 0)::bigint FROM (SELECT max(seq) AS seq FROM floors GROUP BY app) AS f`,
	rowsLeft: `SELECT count(*) FROM log LEFT JOIN (SELECT app, max(seq) AS seq FROM floors GROUP BY app) AS f USING (app)
		WHERE log.seq > coalesce(f.seq, 0)`,
	deadLetters: `SELECT count(*) FROM dead`,
}

func (c postgresConnection) number(ctx context.Context, q question) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	if err := c.conn.QueryRow(ctx, postgresQuestions[q]).Scan(&n); err != nil {
		return 0, fmt.Errorf("ask the database: %w", err)
	}
	return n, nil
}
