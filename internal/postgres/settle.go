package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
)

// fenced is true for who has the right to settle the reader $2 of the App $1. The first statement of a settlement has locked the row.
const fenced = `EXISTS (SELECT 1 FROM readers WHERE app = $1 AND reader = $2 AND fence = $3)`

// Settle implements delivery.Log, in one round trip: whatever it stores asks for the fence itself. It
// waits for the disk when one of them is Durable: without that a crash of the server forgets what was committed last. Readers are
// taken in the order of their names, so that two who settle the same ones do not block each other.
func (db *DB) Settle(ctx context.Context, settlements []delivery.Settlement) ([]delivery.ReaderID, error) {
	order := make([]int, len(settlements))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		a, b := settlements[i].Reader, settlements[j].Reader
		if a.App != b.App {
			return int(int64(a.App) - int64(b.App))
		}
		return strings.Compare(a.Name, b.Name)
	})
	stored, durable := make([]bool, len(settlements)), false
	b := &pgx.Batch{}
	for _, i := range order {
		durable = durable || settlements[i].Durable
		queueSettlement(b, &settlements[i], &stored[i])
	}
	if err := db.transact(ctx, durable, b); err != nil {
		return nil, fmt.Errorf("settle %d readers: %w", len(settlements), err)
	}
	var off []delivery.ReaderID
	for i := range settlements {
		if !stored[i] {
			off = append(off, settlements[i].Reader)
		}
	}
	return off, nil
}

// queueSettlement stores one settlement. Whatever it stores may be there already, because the settlement before had an unknown
// outcome: stored is also set when this very one has finished its redelivery before.
func queueSettlement(b *pgx.Batch, s *delivery.Settlement, stored *bool) {
	app, name := int64(s.Reader.App), s.Reader.Name
	b.Queue(`SELECT 1 FROM readers WHERE app = $1 AND reader = $2 AND fence = $3 FOR UPDATE`, app, name, s.Fence)
	b.Queue(`WITH c AS MATERIALIZED (SELECT n FROM cursors WHERE app = $1 AND reader = $2 ORDER BY n DESC LIMIT 1), i AS (
			INSERT INTO cursors (app, reader, n, done, beyond, paused)
			SELECT $1::bigint, $2::text, c.n + 1, $4::bigint, $5::text, $6::text FROM c WHERE `+fenced+` RETURNING n)
		DELETE FROM cursors WHERE app = $1 AND reader = $2 AND n = (SELECT n - 1 FROM i)`,
		app, name, s.Fence, s.Cursor.Done(), s.Cursor.Beyond(), clean(string(s.Paused))).Exec(func(tag pgconn.CommandTag) error {
		*stored = tag.RowsAffected() > 0
		return nil
	})
	queueLanes(b, s)
	queueAttempts(b, s)
	queueDead(b, s)
	queueSkips(b, s)
	if s.Finished {
		queueFinish(b, s, stored)
	}
}

func queueLanes(b *pgx.Batch, s *delivery.Settlement) {
	app, name := int64(s.Reader.App), s.Reader.Name
	if len(s.Release) > 0 {
		b.Queue(`DELETE FROM held WHERE app = $1 AND reader = $2 AND lane = ANY ($4::text[]) AND `+fenced, app, name, s.Fence, laneTexts(s.Release))
	}
	n := len(s.Hold)
	if n == 0 {
		return
	}
	lanes, whys := make([]string, n), make([]string, n)
	next, attempts, try, since, failing := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i := range s.Hold {
		h := &s.Hold[i]
		lanes[i], whys[i] = string(h.Lane), clean(string(h.Why))
		next[i], attempts[i], try[i], since[i], failing[i] = h.Next, int64(h.Attempts), h.Try.UnixMilli(), h.Since.UnixMilli(), h.Failing.Milliseconds()
	}
	b.Queue(`INSERT INTO held (app, reader, lane, next, attempts, try, since, failing, why)
		SELECT $1::bigint, $2::text, h.* FROM unnest($4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[])
			AS h (lane, next, attempts, try, since, failing, why) WHERE `+fenced+`
		ON CONFLICT (app, reader, lane) DO UPDATE SET next = excluded.next, attempts = excluded.attempts, try = excluded.try,
			since = excluded.since, failing = excluded.failing, why = excluded.why`,
		app, name, s.Fence, lanes, next, attempts, try, since, failing, whys)
}

func queueAttempts(b *pgx.Batch, s *delivery.Settlement) {
	n := len(s.Attempts)
	if n == 0 {
		return
	}
	var numbers [8][]int64
	for i := range numbers {
		numbers[i] = make([]int64, n)
	}
	whys, answers := make([]string, n), make([]string, n)
	for i := range s.Attempts {
		a := &s.Attempts[i]
		for j, v := range [8]int64{a.Seq, int64(a.Number), a.At.UnixMilli(), a.Duration.Microseconds(), int64(a.Status), int64(a.Durable), int64(a.Cloud), int64(a.Counted)} {
			numbers[j][i] = v
		}
		whys[i], answers[i] = clean(string(a.Why)), clean(a.Answer)
	}
	b.Queue(`INSERT INTO attempts (app, reader, day, floor, seq, number, at, duration, status, durable, cloud, counted, why, answer)
		SELECT $1::bigint, $2::text, `+today+`, `+floor+`, a.* FROM unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
			$12::text[], $13::text[]) AS a (seq, number, at, duration, status, durable, cloud, counted, why, answer) WHERE `+fenced+`
		ON CONFLICT (app, reader, seq, number, day) DO UPDATE SET floor = excluded.floor, at = excluded.at, duration = excluded.duration, status = excluded.status,
			durable = excluded.durable, cloud = excluded.cloud, counted = excluded.counted, why = excluded.why, answer = excluded.answer`,
		int64(s.Reader.App), s.Reader.Name, s.Fence, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], whys, answers)
}

func queueDead(b *pgx.Batch, s *delivery.Settlement) {
	app, name := int64(s.Reader.App), s.Reader.Name
	if n := len(s.Dead); n > 0 {
		seqs, at, attempts, whys := make([]int64, n), make([]int64, n), make([]int64, n), make([]string, n)
		for i := range s.Dead {
			d := &s.Dead[i]
			seqs[i], at[i], attempts[i], whys[i] = d.Seq, d.At.UnixMilli(), int64(d.Attempts), clean(string(d.Why))
		}
		// The log may have forgotten it: then it was sent from a dead letter, which stays.
		b.Queue(`INSERT INTO dead (app, reader, at, why, attempts, `+eventColumns+`)
			SELECT $1::bigint, $2::text, d.at, d.why, d.attempts, l.seq, l.prev, l.lane, l.room_seq, l.room_prev, l.room_state, l.command, l.callback, l.time,
				l.operator, l.client_ip, l.platform, l.cause, l.body
			FROM unnest($4::bigint[], $5::bigint[], $6::bigint[], $7::text[]) AS d (seq, at, attempts, why)
			JOIN log AS l ON l.app = $1 AND l.seq = d.seq WHERE l.seq > `+floor+` AND `+fenced+` ON CONFLICT DO NOTHING`,
			app, name, s.Fence, seqs, at, attempts, whys)
	}
	if len(s.Revived) > 0 {
		b.Queue(`DELETE FROM dead WHERE app = $1 AND reader = $5 AND seq = ANY ($4::bigint[]) AND `+fenced, app, name, s.Fence, s.Revived, s.RevivedOf)
	}
}

// queueSkips takes away first: of a lane whose announcement was told and which has a new one, the new one stays.
func queueSkips(b *pgx.Batch, s *delivery.Settlement) {
	app, name := int64(s.Reader.App), s.Reader.Name
	if len(s.Told) > 0 {
		b.Queue(`DELETE FROM skips WHERE app = $1 AND reader = $2 AND lane = ANY ($4::text[]) AND `+fenced, app, name, s.Fence, laneTexts(s.Told))
	}
	n := len(s.Skip)
	if n == 0 {
		return
	}
	lanes, from, to, seqs := make([]string, n), make([]int64, n), make([]int64, n), make([]int64, n)
	sorted := slices.Clone(s.Skip) // as Forget locks them; the settlement is the reader's
	slices.SortFunc(sorted, func(a, b eventlog.Skip) int { return strings.Compare(string(a.Lane), string(b.Lane)) })
	for i := range sorted {
		k := &sorted[i]
		lanes[i], from[i], to[i], seqs[i] = string(k.Lane), k.From, k.To, k.Seq
	}
	b.Queue(`INSERT INTO skips (app, reader, lane, "from", "to", seq)
		SELECT $1::bigint, $2::text, k.* FROM unnest($4::text[], $5::bigint[], $6::bigint[], $7::bigint[]) AS k (lane, first, last, seq) WHERE `+fenced+`
		ON CONFLICT (app, reader, lane) DO UPDATE SET "from" = excluded."from", "to" = excluded."to", seq = excluded.seq`,
		app, name, s.Fence, lanes, from, to, seqs)
}
