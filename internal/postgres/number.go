package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/engine"
)

const (
	// today is the day of the server's clock, counted from 1970.
	today = `(extract(epoch FROM clock_timestamp())::bigint / 86400)::integer`
	// floor is the last number of the App $1 that the log has forgotten.
	floor = `coalesce((SELECT seq FROM floors WHERE app = $1 ORDER BY seq DESC LIMIT 1), 0)`
	// last are the last number of the App $1, that of its last callback event, and the day.
	last = `SELECT seq, callback, day FROM (
			(SELECT seq, CASE WHEN callback THEN seq ELSE prev END AS callback, day FROM log WHERE app = $1 ORDER BY seq DESC LIMIT 1)
			UNION ALL (SELECT seq, prev, 0 FROM floors WHERE app = $1 ORDER BY seq DESC LIMIT 1)
			UNION ALL SELECT 0, 0, 0) AS l ORDER BY seq DESC, day DESC LIMIT 1`
	// head is the last number of the App $1.
	head = `SELECT seq FROM (` + last + `) AS n`
)

// queueEvents numbers and inserts events, under the lock of the App's numbering: the statement sees what was committed while
// the lock was waited for. before is the place of the callback event before in this commit, 0 when there is none.
func queueEvents(b *pgx.Batch, ch *engine.Change) {
	n := len(ch.Events)
	before, bodies := make([]int64, n), make([][]byte, n)
	numbers, flags := [3][]int64{}, make([]bool, n)
	words := [7][]string{}
	for i := range numbers {
		numbers[i] = make([]int64, n)
	}
	for i := range words {
		words[i] = make([]string, n)
	}
	callback := int64(0)
	for i := range ch.Events {
		e := &ch.Events[i]
		before[i] = callback
		if e.Callback {
			callback = int64(i + 1)
		}
		flags[i], bodies[i] = e.Callback, e.Body
		numbers[0][i], numbers[1][i], numbers[2][i] = e.RoomSeq, e.RoomPrev, e.Time
		for j, word := range []string{string(e.Lane), e.RoomState, e.Command, e.Operator, e.ClientIP, e.Platform, e.Cause} {
			words[j][i] = clean(word)
		}
	}
	i := 0
	b.Queue(`WITH n AS MATERIALIZED (`+last+`)
		INSERT INTO log (app, seq, day, prev, lane, room_seq, room_prev, room_state, command, callback, time, operator, client_ip, platform, cause, body)
		SELECT $1::bigint, n.seq + e.i, greatest(n.day, `+today+`), CASE WHEN e.before = 0 THEN n.callback ELSE n.seq + e.before END,
			e.lane, e.room_seq, e.room_prev, e.room_state, e.command, e.callback, e.time, e.operator, e.client_ip, e.platform, e.cause, e.body
		FROM n, unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[], $7::bytea[],
			$8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[]) WITH ORDINALITY
			AS e (before, room_seq, room_prev, time, callback, body, lane, room_state, command, operator, client_ip, platform, cause, i)
		ORDER BY e.i RETURNING seq, prev`,
		int64(ch.App), before, numbers[0], numbers[1], numbers[2], flags, bodies,
		words[0], words[1], words[2], words[3], words[4], words[5], words[6]).Query(func(rows pgx.Rows) error {
		return each(rows, func(row pgx.Rows) error {
			e := &ch.Events[i]
			i++
			return row.Scan(&e.Seq, &e.Prev)
		})
	})
}
