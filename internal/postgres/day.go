package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	daysAhead = 2 // partitions that are there before they are needed
	daysEvery = time.Minute
)

// keepDays is the goroutine that makes the partitions of the next days, and drops those of which everything is forgotten.
func (db *DB) keepDays() {
	tick := time.NewTicker(daysEvery)
	defer tick.Stop()
	for {
		select {
		case <-db.stop:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), daysEvery)
		if err := addDays(ctx, db.pool); err != nil {
			db.health.suspect()
			db.log.Warn("the partitions of the next days cannot be made; it is tried again in a minute", "error", err)
		} else if err := db.dropDays(ctx); err != nil {
			db.log.Warn("partitions of past days cannot be dropped; it is tried again in a minute", "error", err)
		}
		cancel()
	}
}

// addDays makes the partitions of today and the next days that are not there.
func addDays(ctx context.Context, on interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}) error {
	_, err := on.Exec(ctx, `SELECT add_day(d) FROM generate_series(`+today+`, `+today+` + $1) AS d`, daysAhead)
	if err != nil {
		return fmt.Errorf("make the partitions of the next days: %w", err)
	}
	return nil
}

// dropDays drops the oldest days of which every App has forgotten all, with the attempts up to them: those are of events
// that were committed on that day or before. Today and yesterday stay: a commit that has begun may use them.
func (db *DB) dropDays(ctx context.Context) error {
	logs, now, err := db.days(ctx, "log")
	if err != nil {
		return err
	}
	keep := now - 1 // the oldest day that stays
	for _, day := range logs {
		if day >= keep {
			break
		}
		forgotten, err := db.forgotten(ctx, day)
		if err != nil {
			return err
		}
		if !forgotten {
			keep = day
			break
		}
		if err := db.dropDay(ctx, "log", day); err != nil {
			return err
		}
	}
	attempts, _, err := db.days(ctx, "attempts")
	if err != nil {
		return err
	}
	for _, day := range attempts {
		if day >= keep {
			return nil
		}
		if err := db.dropDay(ctx, "attempts", day); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) dropDay(ctx context.Context, parent string, day int) error {
	if _, err := db.pool.Exec(ctx, `SELECT drop_day($1, $2)`, parent, day); err != nil {
		return fmt.Errorf("drop the day %d of %s: %w", day, parent, err)
	}
	db.log.Info("a day that is forgotten was dropped", "table", parent, "day", time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly))
	return nil
}

// days returns the days of a partitioned table that are there, oldest first, and today.
func (db *DB) days(ctx context.Context, parent string) (days []int, now int, err error) {
	err = db.query(ctx, sweepWithin, func(row pgx.Rows) error {
		var name string
		if err := row.Scan(&name, &now); err != nil {
			return err
		}
		if day, err := strconv.Atoi(strings.TrimPrefix(name, parent+"_")); err == nil {
			days = append(days, day)
		}
		return nil
	}, `SELECT c.relname, `+today+` FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass($1)`, parent)
	slices.Sort(days)
	return days, now, err
}

// forgotten tells whether every App's floor is above what it has of a day. It goes from App to App by the index and ends at the
// first that is not.
func (db *DB) forgotten(ctx context.Context, day int) (bool, error) {
	table := pgx.Identifier{"log_" + strconv.Itoa(day)}.Sanitize()
	for app := int64(-1); ; {
		var next, top *int64
		var below bool
		err := db.query(ctx, sweepWithin, func(row pgx.Rows) error { return row.Scan(&next, &top, &below) },
			`SELECT n.app, n.top, n.top <= coalesce((SELECT seq FROM floors WHERE floors.app = n.app ORDER BY seq DESC LIMIT 1), 0)
			FROM (SELECT a.app, (SELECT max(seq) FROM `+table+` AS l WHERE l.app = a.app) AS top
				FROM (SELECT min(app) AS app FROM `+table+` WHERE app > $1) AS a) AS n WHERE n.app IS NOT NULL`, app)
		if err != nil || next == nil {
			return err == nil, err
		}
		if !below {
			return false, nil
		}
		app = *next
	}
}
