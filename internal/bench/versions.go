package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// hold is a transaction that is open for long and does nothing: a backup, a report, a console that somebody forgot. What it
// could still see, nobody may clean up.
type hold struct {
	conn *pgx.Conn
	rows int64 // of the log, as it sees it
}

const rowsSeen = `SELECT count(*) FROM log`

// openHold begins one; it has its snapshot when it returns.
func openHold(ctx context.Context, url string) (*hold, error) {
	c, err := connectPostgres(ctx, url)
	if err != nil {
		return nil, err
	}
	h := &hold{conn: c}
	for _, statement := range []string{
		`SET idle_in_transaction_session_timeout = 0`, `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
	} {
		if _, err := c.Exec(ctx, statement); err != nil {
			closePostgres(c)
			return nil, fmt.Errorf("open a transaction: %w", err)
		}
	}
	if h.rows, err = h.look(ctx); err != nil {
		closePostgres(c)
		return nil, err
	}
	return h, nil
}

func (h *hold) look(ctx context.Context) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, copyLimit)
	defer cancel()
	if err = h.conn.QueryRow(ctx, rowsSeen).Scan(&n); err != nil {
		err = fmt.Errorf("read in the transaction that is held: %w", err)
	}
	return n, err
}

// check tells what is wrong when the transaction does not see any more what it saw: then it was not held.
func (h *hold) check(ctx context.Context) error {
	n, err := h.look(ctx)
	if err == nil && n != h.rows {
		err = fmt.Errorf("the transaction that is held sees %d rows, and saw %d", n, h.rows)
	}
	return err
}

// end ends it, if it began.
func (h *hold) end() {
	if h != nil {
		closePostgres(h.conn)
	}
}

// versions are what a table has of rows that are not current any more.
type versions struct {
	dead    int64 // that nobody has cleaned up
	changed int64 // that were made: by updates and deletions, whether somebody cleaned them up or not
}

// versionsByTable adds up the partitions of a table.
const versionsByTable = `SELECT regexp_replace(relname, '_[0-9]+$', ''), sum(n_dead_tup)::bigint, sum(n_tup_upd + n_tup_del)::bigint
	FROM pg_stat_user_tables GROUP BY 1`

// pages is how many pages the database has looked at so far, found in its memory or not: work that a slow machine does not
// change. Its processes tell it each second at most.
func (d *postgresDatabase) pages(ctx context.Context) (n int64, err error) {
	c, err := connectPostgres(ctx, d.url())
	if err != nil {
		return 0, err
	}
	defer closePostgres(c)
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	err = c.QueryRow(ctx, `SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()`).Scan(&n)
	return n, err
}

// versions counts by table. A process of the server tells what it did at its end at the latest, so nobody else may be connected
// any more; others are how many may.
func (d *postgresDatabase) versions(ctx context.Context, others int) (map[string]versions, error) {
	c, err := connectPostgres(ctx, d.url())
	if err != nil {
		return nil, err
	}
	defer closePostgres(c)
	ctx, cancel := context.WithTimeout(ctx, postgresLimit)
	defer cancel()
	if err := awaitAlone(ctx, c, others); err != nil {
		return nil, err
	}
	rows, err := c.Query(ctx, versionsByTable)
	if err != nil {
		return nil, err
	}
	all := map[string]versions{}
	var table string
	var v versions
	_, err = pgx.ForEachRow(rows, []any{&table, &v.dead, &v.changed}, func() error {
		all[table] = v
		return nil
	})
	return all, err
}

func awaitAlone(ctx context.Context, c *pgx.Conn, others int) error {
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		var n int
		err := c.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`).Scan(&n)
		if err != nil {
			return err
		}
		if n <= others {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("connections to the database are left that should have ended")
		case <-look.C:
		}
	}
}
