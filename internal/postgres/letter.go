package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
)

// letters looks at $6 dead letters of the reader $2 and takes those of the lane $7 and the command $8 that were given up from $9
// on and before $10, at most $11; $12: with their bodies.
func (o scanOrder) letters() string {
	return `WITH looked AS MATERIALIZED (SELECT seq, at, why, attempts, lane, command, time, room_seq FROM dead
			WHERE app = $1 AND reader = $2 AND seq BETWEEN $3 AND $4 AND seq ` + o.after + ` $5 ORDER BY seq ` + o.way + ` LIMIT $6),
		found AS (SELECT * FROM looked WHERE ($7 = '' OR lane = $7) AND ($8 = '' OR command = $8) AND at >= $9 AND at < $10 ORDER BY seq ` + o.way + ` LIMIT $11)
		SELECT n.looked, coalesce(n.seq, $5), f.seq, f.at, f.why, f.attempts, f.lane, f.command, f.time, f.room_seq,
			CASE WHEN $12 THEN (SELECT body FROM dead WHERE app = $1 AND reader = $2 AND seq = f.seq) END
		FROM (SELECT (SELECT count(*) FROM looked) AS looked, (SELECT seq FROM looked ORDER BY seq ` + o.back + ` LIMIT 1) AS seq) AS n
		LEFT JOIN found AS f ON true ORDER BY f.seq ` + o.way
}

// Letters implements operate.Query.
func (db *DB) Letters(ctx context.Context, app live.AppID, s operate.Search) (page operate.Page[operate.Letter], err error) {
	o := orderOf(&s)
	from, to := s.From, s.After.Seq
	if s.Ascending {
		from, to = s.After.Seq, s.To
	}
	bytes, full := 0, false
	err = db.query(ctx, statementWithin, func(row pgx.Rows) error {
		l, err := scanLetter(row, &page)
		if err != nil || l == nil || full {
			return err
		}
		if bytes += len(l.Event.Body); len(page.Rows) > 0 && bytes > s.Bytes {
			full = true
			return nil
		}
		page.Rows = append(page.Rows, *l)
		return nil
	}, o.letters(), int64(app), s.Reader, from, to, s.After.Seq, s.Look, string(s.Lane), s.Command, millisOr(s.Since, 0), millisOr(s.Until, 1<<62), s.Limit, s.Body)
	page.More = page.Looked >= s.Look
	if n := len(page.Rows); n >= s.Limit || full {
		page.Next, page.More = operate.Mark{Seq: page.Rows[n-1].Seq}, true
	}
	return page, err
}

// millisOr is a time in milliseconds, or another number when there is none.
func millisOr(t time.Time, none int64) int64 {
	if t.IsZero() {
		return none
	}
	return t.UnixMilli()
}

func scanLetter(row pgx.Rows, page *operate.Page[operate.Letter]) (*operate.Letter, error) {
	var seq, at, attempts, moment, roomSeq *int64
	var why, lane, command *string
	var body []byte
	err := row.Scan(&page.Looked, &page.Next.Seq, &seq, &at, &why, &attempts, &lane, &command, &moment, &roomSeq, &body)
	if err != nil || seq == nil {
		return nil, err
	}
	l := &operate.Letter{}
	l.Seq, l.At, l.Attempts = *seq, time.UnixMilli(*at), int(*attempts)
	l.Event.Seq, l.Event.Time, l.Event.RoomSeq, l.Event.Command, l.Event.Body = *seq, *moment, *roomSeq, *command, body
	setText(&l.Why, why)
	setText(&l.Event.Lane, lane)
	return l, nil
}

// setText sets a text of any type from a column that is there.
func setText[T ~string](into *T, column *string) { *into = T(*column) }
