package gap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"

	"github.com/callboard/callboard/callback"
)

// wantHere fails the test when a callback of the current log was answered OK and is not here.
func (r *run) wantHere(ctx context.Context, d callback.Delivery) {
	var found int
	err := r.site.pools[0].QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM journal WHERE app = $1 AND log = $2 AND lane = $3 AND room_seq = $4) +
		(SELECT count(*) FROM base WHERE app = $1 AND log = $2 AND (lane = $3 AND number >= $4 OR lane = '' AND number >= $5))`,
		r.mirror.app, d.Log, d.Lane, d.RoomSeq, d.Seq).Scan(&found)
	switch {
	case err != nil && ctx.Err() == nil && !r.site.busy(err):
		r.t.Errorf("seed %d: %v", r.seed, err)
	case err == nil && found == 0:
		r.t.Errorf("seed %d: %s %d was answered OK and is not here", r.seed, d.Lane, d.RoomSeq)
	}
}

// errRefused is an App backend that does not accept a callback, this time or ever.
var errRefused = errors.New("refused")

func (r *run) onCallback(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
	err := r.inOrder(ctx, tx, d)
	refused := r.refuses(d)
	if early := r.dice.oneIn(2); err != nil || refused && early { // before it has written anything
		return errors.Join(err, errRefused)
	}
	if err := r.mirror.apply(ctx, tx, d); err != nil {
		if ctx.Err() == nil && !r.site.busy(err) {
			r.t.Errorf("seed %d: apply %s %d: %v", r.seed, d.Lane, d.RoomSeq, err)
		}
		return err
	}
	r.tally.add("handed over")
	if d.Late {
		r.tally.add("holes filled")
	}
	switch {
	case refused: // after it has written everything
		r.tally.add("rolled back")
		return errRefused
	case !r.calm.Load() && r.dice.oneIn(60):
		panic("the App backend has a bug")
	}
	return nil
}

// refuses tells whether the App backend does not want a callback now.
func (r *run) refuses(d callback.Delivery) bool {
	switch {
	case r.calm.Load():
		return false
	case r.poisonous(d):
		r.tally.add("refused for good")
		return true
	}
	return r.dice.oneIn(12)
}

// poisonous callbacks are refused until all is calm.
func (r *run) poisonous(d callback.Delivery) bool {
	h := fnv.New32a()
	fmt.Fprint(h, r.seed, d.Lane, d.RoomSeq)
	return h.Sum32()%20 == 0
}

// inOrder fails the test when a callback is handed over twice, too early, or though the snapshot has it.
func (r *run) inOrder(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
	var last sql.NullInt64
	var same int
	err := tx.QueryRowContext(ctx, `SELECT max(room_seq), count(CASE WHEN room_seq = $1 THEN 1 END) FROM journal
		WHERE app = $2 AND log = $3 AND lane = $4`, d.RoomSeq, r.mirror.app, d.Log, d.Lane).Scan(&last, &same)
	switch {
	case err != nil:
		return err
	case same > 0:
		r.t.Errorf("seed %d: %s %d was handed over twice", r.seed, d.Lane, d.RoomSeq)
	case d.RoomSeq < last.Int64 && !d.Late:
		r.t.Errorf("seed %d: %s %d was handed over after %d", r.seed, d.Lane, d.RoomSeq, last.Int64)
	case d.RoomSeq > last.Int64 && d.Late:
		r.t.Errorf("seed %d: %s %d is the newest of its lane and called late", r.seed, d.Lane, d.RoomSeq)
	}
	return r.afterSnapshot(ctx, tx, d)
}

// afterSnapshot fails the test when the snapshot has a callback, or when one between the two is missing and nobody has announced that.
func (r *run) afterSnapshot(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
	var base, position, last sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT (SELECT number FROM base WHERE app = $1 AND log = $2 AND lane = $3),
		(SELECT number FROM base WHERE app = $1 AND log = $2 AND lane = ''),
		(SELECT max(room_seq) FROM journal WHERE app = $1 AND log = $2 AND lane = $3 AND seq >
			(SELECT number FROM base WHERE app = $1 AND log = $2 AND lane = ''))`, r.mirror.app, d.Log, d.Lane).Scan(&base, &position, &last)
	switch known := max(base.Int64, last.Int64); {
	case err != nil:
		return err
	case base.Int64 >= d.RoomSeq || position.Int64 >= d.Seq:
		r.t.Errorf("seed %d: %s %d was handed over, and was in the snapshot", r.seed, d.Lane, d.RoomSeq)
	case (base.Valid || last.Valid) && d.RoomPrev > known && d.Skipped == "" && !d.Late:
		r.t.Errorf("seed %d: %s %d was handed over after %d, and %d is missing without a word", r.seed, d.Lane, d.RoomSeq, known, d.RoomPrev)
	}
	return nil
}

func (r *run) onSnapshot(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[callback.Room, error]) error {
	r.tally.add("snapshots")
	if !r.calm.Load() && r.dice.oneIn(10) {
		return errRefused
	}
	log, opened := r.watch.position()
	return r.mirror.replace(ctx, tx, rooms, log, opened)
}

// onMismatch fails the test when nothing explains it.
func (r *run) onMismatch(ctx context.Context, tx *sql.Tx, m callback.Mismatch) error {
	r.tally.add("mismatches")
	var holes int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM callboard_hole WHERE app = $1 AND lane = $2`,
		r.mirror.app, m.Delivery.Lane).Scan(&holes); err != nil {
		return err
	}
	announced := m.Delivery.Skipped != ""
	if holes == 0 && !announced && !r.blind.Load() && m.Delivery.Log == r.backend.log() {
		r.t.Errorf("seed %d: room %s at %d is %s %v, and no callback is missing", r.seed, m.RoomID, m.Delivery.RoomSeq, m.Owner, m.Administrators)
	}
	return nil
}
