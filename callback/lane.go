package callback

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// state is the App's row.
type state struct {
	log      string // empty: there is no row
	position int64
	exact    int64
	past     string
	exists   bool // there is a row; without one, all else is zero
}

// lockState reads the App's row with one of the statements of Dialect.
func (i *Inbox) lockState(ctx context.Context, tx *sql.Tx, statement string, more ...any) (state, error) {
	return scanState(tx.QueryRowContext(ctx, statement, append([]any{int64(i.SDKAppID)}, more...)...))
}

// readState reads the App's row without a lock.
func (i *Inbox) readState(ctx context.Context) (state, error) {
	return scanState(i.DB.QueryRowContext(ctx, selectInbox, int64(i.SDKAppID)))
}

func scanState(row *sql.Row) (state, error) {
	s := state{exists: true}
	err := row.Scan(&s.log, &s.position, &s.exact, &s.past)
	if errors.Is(err, sql.ErrNoRows) {
		return state{}, nil
	}
	if err != nil {
		return state{}, fmt.Errorf("callback: read callboard_inbox; was callback.Schema run? %w", err)
	}
	return s, nil
}

// advance moves the position: every callback up to it is known.
func (i *Inbox) advance(ctx context.Context, log string, position int64) error {
	_, err := i.DB.ExecContext(ctx, i.Dialect.advance(), position, int64(i.SDKAppID), log)
	if err != nil {
		return fmt.Errorf("callback: store the position: %w", err)
	}
	return nil
}

// lane are the numbers of a lane's last callback; zero when there was none.
type lane struct {
	last int64 // RoomSeq
	seq  int64 // Seq, 0 when the number came with a snapshot
}

// lockLane reads a lane's row and holds it until the transaction ends. It is made first, because a row that is not
// there cannot be locked: two first callbacks would not see each other.
func (i *Inbox) lockLane(ctx context.Context, tx *sql.Tx, name string) (lane, error) {
	var l lane
	err := tx.QueryRowContext(ctx, `INSERT INTO callboard_lane (app, lane, room_seq, seq) VALUES ($1, $2, 0, 0)
		ON CONFLICT (app, lane) DO UPDATE SET room_seq = callboard_lane.room_seq RETURNING room_seq, seq`,
		int64(i.SDKAppID), name).Scan(&l.last, &l.seq)
	if err != nil {
		return lane{}, fmt.Errorf("callback: lock the lane: %w", err)
	}
	return l, nil
}

// readLane reads a lane's numbers without a lock. Numbers only grow while the log stays, so a callback that is not above
// them needs no transaction.
func (i *Inbox) readLane(ctx context.Context, name string) (lane, error) {
	var l lane
	err := i.DB.QueryRowContext(ctx, `SELECT room_seq, seq FROM callboard_lane WHERE app = $1 AND lane = $2`,
		int64(i.SDKAppID), name).Scan(&l.last, &l.seq)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return lane{}, fmt.Errorf("callback: read the lane: %w", err)
	}
	return l, nil
}

// storeLane stores that d, which is above l, was handed over, and what it announces as skipped.
func (i *Inbox) storeLane(ctx context.Context, tx *sql.Tx, d Delivery, l lane) error {
	_, err := tx.ExecContext(ctx, `UPDATE callboard_lane SET room_seq = $1, seq = $2 WHERE app = $3 AND lane = $4`,
		d.RoomSeq, d.Seq, int64(i.SDKAppID), d.Lane)
	if err != nil {
		return fmt.Errorf("callback: store the lane: %w", err)
	}
	skipped, ok := d.skipped()
	if !ok {
		return nil
	}
	skipped.from = max(skipped.from, l.last+1) // what was given up was accepted here when only the answer was lost
	skipped.seq = d.Seq
	return i.addHole(ctx, tx, d.Lane, skipped)
}

// clear forgets all lanes and holes.
func (i *Inbox) clear(ctx context.Context, tx *sql.Tx) error {
	for _, statement := range []string{`DELETE FROM callboard_lane WHERE app = $1`, `DELETE FROM callboard_hole WHERE app = $1`} {
		if _, err := tx.ExecContext(ctx, statement, int64(i.SDKAppID)); err != nil {
			return fmt.Errorf("callback: forget the lanes: %w", err)
		}
	}
	return nil
}

// addLanes stores the numbers of a page of rooms. A room without a callback needs no row.
func (i *Inbox) addLanes(ctx context.Context, tx *sql.Tx, rooms []Room) error {
	var values strings.Builder
	args := []any{int64(i.SDKAppID)}
	for _, room := range rooms {
		if room.RoomPrev == 0 {
			continue
		}
		if len(args) > 1 {
			values.WriteString(", ")
		}
		n := len(args)
		args = append(args, room.lane(), room.RoomPrev)
		values.WriteString("($1, $" + strconv.Itoa(n+1) + ", $" + strconv.Itoa(n+2) + ", 0)")
	}
	if len(args) == 1 {
		return nil
	}
	// Pages go up by RoomId, so that no room stands on two of them; a server that repeats one is taken at its last word.
	_, err := tx.ExecContext(ctx, `INSERT INTO callboard_lane (app, lane, room_seq, seq) VALUES `+values.String()+ //nolint:gosec // placeholders only
		` ON CONFLICT (app, lane) DO UPDATE SET room_seq = excluded.room_seq`, args...)
	if err != nil {
		return fmt.Errorf("callback: store the lanes of a snapshot: %w", err)
	}
	return nil
}
