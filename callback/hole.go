package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
)

// hole is a range of a lane's numbers, both included, whose callbacks were announced as skipped. Its last number is always that
// of a callback.
type hole struct {
	from, to int64
	seq      int64 // of the callback that announced it
}

func (h hole) has(n int64) bool { return h.from <= n && n <= h.to }

// skipped returns the range that d announces. It ends with the callback before d; any other is not known here, and then the
// feed has to tell what is missing.
func (d *Delivery) skipped() (hole, bool) {
	return hole{from: d.SkippedFrom, to: d.SkippedTo}, d.SkippedFrom > 0 && d.SkippedFrom <= d.SkippedTo && d.SkippedTo == d.RoomPrev
}

// without returns what is left when the callback n is there, the one before it being prev: up to two ranges. What lies
// between the two is no callback, and nothing would ever fill it.
func (h hole) without(n, prev int64) []hole {
	var left []hole
	for _, part := range []hole{{h.from, min(n-1, prev), h.seq}, {n + 1, h.to, h.seq}} {
		if part.from <= part.to {
			left = append(left, part)
		}
	}
	return left
}

// holeAt returns the hole in which a number lies, nil when it lies in none.
func (i *Inbox) holeAt(ctx context.Context, tx *sql.Tx, name string, n int64) (*hole, error) {
	var h hole
	err := tx.QueryRowContext(ctx, `SELECT from_seq, to_seq, seq FROM callboard_hole
		WHERE app = $1 AND lane = $2 AND from_seq <= $3 AND to_seq >= $3`, int64(i.SDKAppID), name, n).Scan(&h.from, &h.to, &h.seq)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("callback: read the lane's holes: %w", err)
	}
	return &h, nil
}

func (i *Inbox) addHole(ctx context.Context, tx *sql.Tx, name string, h hole) error {
	if h.to < h.from {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO callboard_hole (app, lane, from_seq, to_seq, seq) VALUES ($1, $2, $3, $4, $5)`,
		int64(i.SDKAppID), name, h.from, h.to, h.seq)
	if err != nil {
		return fmt.Errorf("callback: store a hole: %w", err)
	}
	return nil
}

// fill takes the number of d out of a hole.
func (i *Inbox) fill(ctx context.Context, tx *sql.Tx, d Delivery, h hole) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM callboard_hole WHERE app = $1 AND lane = $2 AND from_seq = $3`,
		int64(i.SDKAppID), d.Lane, h.from)
	if err != nil {
		return fmt.Errorf("callback: fill a hole: %w", err)
	}
	for _, left := range h.without(d.RoomSeq, d.RoomPrev) {
		if err := i.addHole(ctx, tx, d.Lane, left); err != nil {
			return err
		}
	}
	return nil
}

// holes returns what was announced as skipped and not filled.
func (i *Inbox) holes(ctx context.Context) ([]Hole, error) {
	return scanHoles(i.DB.QueryContext(ctx, `SELECT lane, from_seq, to_seq FROM callboard_hole WHERE app = $1
		ORDER BY lane, from_seq LIMIT $2`, int64(i.SDKAppID), maxReport))
}

func scanHoles(rows *sql.Rows, err error) ([]Hole, error) {
	if err != nil {
		return nil, fmt.Errorf("callback: read the holes: %w", err)
	}
	defer rows.Close()
	var holes []Hole
	for rows.Next() {
		var h Hole
		if err := rows.Scan(&h.Lane, &h.From, &h.To); err != nil {
			return nil, fmt.Errorf("callback: read the holes: %w", err)
		}
		holes = append(holes, h)
	}
	return holes, rows.Err()
}

// forgetHoles removes the holes that nothing can fill any more, so that they do not pile up, and tells them instead.
func (i *Inbox) forgetHoles(ctx context.Context, r *Report, h *head) error {
	var first sql.NullInt64
	err := i.DB.QueryRowContext(ctx, `SELECT min(seq) FROM callboard_hole WHERE app = $1`, int64(i.SDKAppID)).Scan(&first)
	if err != nil {
		return fmt.Errorf("callback: read the holes: %w", err)
	}
	if !first.Valid || first.Int64 > h.Oldest { // the usual case
		return nil
	}
	oldest, err := i.oldestKept(ctx, h)
	if err != nil {
		return err
	}
	err = i.transact(ctx, i.shared(), func(tx *sql.Tx, s state) error {
		if s.log != r.Log { // numbers of another log
			return nil
		}
		r.Forgotten, err = scanHoles(tx.QueryContext(ctx, `DELETE FROM callboard_hole WHERE app = $1 AND (lane, from_seq) IN
			(SELECT lane, from_seq FROM callboard_hole WHERE app = $1 AND seq <= $2 ORDER BY lane, from_seq LIMIT $3)
			RETURNING lane, from_seq, to_seq`, int64(i.SDKAppID), oldest, maxReport))
		return err
	})
	if err != nil {
		r.Forgotten = nil
		return err
	}
	r.Holes = slices.DeleteFunc(r.Holes, func(h Hole) bool { return slices.Contains(r.Forgotten, h) })
	for _, hole := range r.Forgotten {
		i.logger().WarnContext(ctx, "callback: skipped callbacks were not sent again, and the server has forgotten them",
			"lane", hole.Lane, "from", hole.From, "to", hole.To)
	}
	return nil
}

// oldestKept returns the Seq of the oldest callback that could be sent again. It is asked for after head has answered: what the
// log has forgotten may have become a dead letter, and never the other way.
func (i *Inbox) oldestKept(ctx context.Context, h *head) (int64, error) {
	page, err := i.oldestLetter(ctx)
	switch {
	case err != nil:
		return 0, err
	case page.Log != h.Log:
		return 0, errChangedInCheck
	case len(page.Dead) > 0:
		return min(h.Oldest, page.Dead[0].Seq), nil
	case page.Next != "": // there are some, and which is not told
		return 0, nil
	}
	return h.Oldest, nil
}
