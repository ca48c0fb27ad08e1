package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// extent are id, floor and head of the log of the App $1.
const extent = `SELECT log, ` + floor + `, (` + head + `) FROM apps WHERE app = $1`

// Extent implements operate.Query.
func (db *DB) Extent(ctx context.Context, app live.AppID) (e operate.Extent, err error) {
	err = db.query(ctx, statementWithin, func(row pgx.Rows) error { return row.Scan(&e.Log, &e.Floor, &e.Head) }, extent, int64(app))
	return e, err
}

// LastBefore implements operate.Query.
func (db *DB) LastBefore(ctx context.Context, app live.AppID, until time.Time) (int64, error) {
	last, err := db.lastBefore(ctx, int64(app), until.UnixMilli())
	if err != nil {
		return 0, err
	}
	e, err := db.Extent(ctx, app)
	return max(last, e.Floor), err
}

const (
	attemptColumns = `number, at, duration, status, durable, cloud, counted, why, answer`
	// remembered leaves out attempts that were forgotten with their events: they go with their day.
	remembered = ` AND NOT (t.floor < ` + floor + ` AND t.seq <= ` + floor + `)`
	// inState is operate.State.Has: $8 is the state, 1, 2, 3 and 5 are eventlog.Delivered, Retry, Failed and GivenUp.
	inState = `CASE $8 WHEN 'delivered' THEN t.counted = 1 WHEN 'retried' THEN t.counted = 2 WHEN 'failed' THEN t.counted IN (3, 5)
		WHEN 'cloud-lost' THEN t.cloud = 3 ELSE true END`
)

// scanOrder has the parts of a statement that goes up, or down.
type scanOrder struct{ after, way, back string }

func orderOf(s *operate.Search) scanOrder {
	if s.Ascending {
		return scanOrder{">", "ASC", "DESC"}
	}
	return scanOrder{"<", "DESC", "ASC"}
}

// attemptsAlone looks at $7 attempts of the reader $2.
func (o scanOrder) attemptsAlone() string {
	return `WITH looked AS MATERIALIZED (SELECT t.seq, t.number, t.at, t.duration, t.status, t.durable, t.cloud, t.counted, t.why, t.answer FROM attempts AS t
			WHERE t.app = $1 AND t.reader = $2 AND t.seq BETWEEN $3 AND $4 AND (t.seq, t.number) ` + o.after + ` ($5, $6)` + remembered + `
			ORDER BY t.seq ` + o.way + `, t.number ` + o.way + ` LIMIT $7),
		tries AS (SELECT * FROM looked)`
}

// attemptsOfLane looks at $7 events of the lane $13, and from each at its attempts. The limit of those is far above what an event
// has: it makes the server look for them event by event, whatever it thinks of how many there are.
func (o scanOrder) attemptsOfLane() string {
	return `WITH looked AS MATERIALIZED (SELECT seq, ` + o.end() + ` AS number FROM log
			WHERE app = $1 AND lane = $13 AND seq BETWEEN greatest($3, ` + floor + ` + 1) AND $4 ORDER BY seq ` + o.way + ` LIMIT $7),
		tries AS (SELECT a.* FROM looked AS l CROSS JOIN LATERAL (
			SELECT t.seq, t.number, t.at, t.duration, t.status, t.durable, t.cloud, t.counted, t.why, t.answer FROM attempts AS t
			WHERE t.app = $1 AND t.reader = $2 AND t.seq = l.seq AND (t.seq, t.number) ` + o.after + ` ($5, $6)` + remembered + `
				ORDER BY t.number ` + o.way + ` LIMIT 10000) AS a)`
}

// end is a number behind all attempts of an event.
func (o scanOrder) end() string {
	if o.way == "ASC" {
		return `2147483647::bigint`
	}
	return `0::bigint`
}

// page takes those of tries that are in the state $8, of the command $9 and from the time $11 on and before $12, at most $10, with the mark of what was looked at last.
// Only what may be in the page is looked for in the log, unless it is asked for a command.
func (o scanOrder) page() string {
	order := ` ORDER BY t.seq ` + o.way + `, t.number ` + o.way
	return `, matching AS (SELECT t.* FROM tries AS t WHERE t.at >= $11 AND t.at < $12 AND ` + inState + order + ` LIMIT CASE WHEN $9 = '' THEN $10 ELSE $7 END),
		found AS (SELECT t.*, coalesce(l.lane, '') AS lane, coalesce(l.command, '') AS command FROM matching AS t
			LEFT JOIN LATERAL (SELECT lane, command FROM log WHERE app = $1 AND seq = t.seq AND seq > ` + floor + ` LIMIT 1) AS l ON true
			WHERE $9 = '' OR l.command = $9` + order + ` LIMIT $10)
		SELECT n.looked, coalesce(n.seq, $5), coalesce(n.number, $6), f.seq, f.number, f.at, f.duration, f.status, f.durable, f.cloud, f.counted, f.why, f.answer, f.lane, f.command
		FROM (SELECT (SELECT count(*) FROM looked) AS looked, (SELECT seq FROM looked ORDER BY seq ` + o.back + `, number ` + o.back + ` LIMIT 1) AS seq,
			(SELECT number FROM looked ORDER BY seq ` + o.back + `, number ` + o.back + ` LIMIT 1) AS number) AS n LEFT JOIN found AS f ON true`
}

// Attempts implements operate.Query.
func (db *DB) Attempts(ctx context.Context, app live.AppID, s operate.Search) (page operate.Page[operate.Delivery], err error) {
	o := orderOf(&s)
	from, to := s.From, s.After.Seq
	if s.Ascending {
		from, to = s.After.Seq, s.To
	}
	sql, args := o.attemptsAlone(), []any{int64(app), s.Reader, from, to, s.After.Seq, int64(s.After.Number), s.Look, string(s.State), s.Command, s.Limit,
		millisOr(s.Since, 0), millisOr(s.Until, 1<<62)}
	if s.Lane != "" {
		sql, args = o.attemptsOfLane(), append(args, string(s.Lane))
	}
	err = db.query(ctx, statementWithin, func(row pgx.Rows) error {
		d, err := scanDelivery(row, &page)
		if d != nil {
			page.Rows = append(page.Rows, *d)
		}
		return err
	}, sql+o.page(), args...)
	page.Rows = inOrder(page.Rows, s.Ascending)
	page.More = page.Looked >= s.Look
	if s.Lane != "" {
		page.Looked += len(page.Rows) // events, and their attempts
	}
	if n := len(page.Rows); n >= s.Limit {
		page.Next, page.More = operate.Mark{Seq: page.Rows[n-1].Seq, Number: page.Rows[n-1].Number}, true
	}
	return page, err
}

// scanDelivery reads one row, which has no attempt when there is none, and what is told of the page with each.
func scanDelivery(row pgx.Rows, page *operate.Page[operate.Delivery]) (*operate.Delivery, error) {
	var seq, number, at, duration, status *int64
	var durable, cloud, counted *int16
	var why, answer, lane, command *string
	err := row.Scan(&page.Looked, &page.Next.Seq, &page.Next.Number, &seq, &number, &at, &duration, &status, &durable, &cloud, &counted, &why, &answer, &lane, &command)
	if err != nil || seq == nil {
		return nil, err
	}
	return &operate.Delivery{
		Attempt: eventlog.Attempt{
			Seq: *seq, Number: int(*number), At: time.UnixMilli(*at), Duration: time.Duration(*duration) * time.Microsecond, Status: int(*status),
			Durable: eventlog.Verdict(*durable), Cloud: eventlog.Verdict(*cloud), Counted: eventlog.Verdict(*counted), Why: eventlog.Reason(*why), Answer: *answer,
		},
		Lane: eventlog.Lane(*lane), Command: *command,
	}, nil
}

// inOrder sorts, and leaves out what was recorded twice, on both sides of midnight.
func inOrder(rows []operate.Delivery, ascending bool) []operate.Delivery {
	slices.SortFunc(rows, func(a, b operate.Delivery) int {
		n := int(a.Seq - b.Seq)
		if n == 0 {
			n = a.Number - b.Number
		}
		if !ascending {
			n = -n
		}
		return n
	})
	return slices.CompactFunc(rows, func(a, b operate.Delivery) bool { return a.Seq == b.Seq && a.Number == b.Number })
}
