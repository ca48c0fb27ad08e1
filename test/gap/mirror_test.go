package gap

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"

	"github.com/callboard/callboard/callback"
)

// tables are what the App backend keeps: the rooms as it knows them, and a journal of what it was handed. Each fact of a room has
// the RoomSeq that it is of, so that a callback which fills a hole changes only what nothing later has changed.
const tables = `
CREATE TABLE room (app BIGINT, room TEXT, owner TEXT, owner_seq BIGINT, present BIGINT, life BIGINT, PRIMARY KEY (app, room));
CREATE TABLE administrator (app BIGINT, room TEXT, account TEXT, present BIGINT, seq BIGINT, PRIMARY KEY (app, room, account));
CREATE TABLE journal (app BIGINT, log TEXT, lane TEXT, room_seq BIGINT, seq BIGINT, PRIMARY KEY (app, log, lane, room_seq));
CREATE TABLE base (app BIGINT, log TEXT, lane TEXT, number BIGINT, PRIMARY KEY (app, lane));`

// mirror writes the tables of one App.
type mirror struct{ app int64 }

// execute runs statements that all have the same arguments.
func execute(ctx context.Context, tx *sql.Tx, args []any, statements ...string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s, args...); err != nil {
			return err
		}
	}
	return nil
}

func (m mirror) apply(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO journal (app, log, lane, room_seq, seq) VALUES ($1, $2, $3, $4, $5)`,
		m.app, d.Log, d.Lane, d.RoomSeq, d.Seq); err != nil {
		return err
	}
	switch d.Command {
	case callback.CommandAfterCreateRoom:
		p, err := callback.Decode[callback.CreateRoom](d)
		return errors.Join(err, m.begin(ctx, tx, p.RoomInfo.RoomID, d.RoomSeq, 1), m.own(ctx, tx, p.RoomInfo.RoomID, p.RoomInfo.OwnerAccount, d.RoomSeq))
	case callback.CommandAfterDestroyRoom:
		p, err := callback.Decode[callback.DestroyRoom](d)
		return errors.Join(err, m.begin(ctx, tx, p.RoomID, d.RoomSeq, 0))
	case callback.CommandAfterChangeOwner:
		p, err := callback.Decode[callback.ChangeOwner](d)
		return errors.Join(err, m.own(ctx, tx, p.RoomID, p.CurrentOwnerAccount, d.RoomSeq))
	case callback.CommandAfterModifyAdmin:
		p, err := callback.Decode[callback.ModifyAdmin](d)
		return errors.Join(err, m.modify(ctx, tx, p, d.RoomSeq))
	}
	return nil
}

// begin starts a life of the room, or ends it: what is older is of the life before.
func (m mirror) begin(ctx context.Context, tx *sql.Tx, room string, seq, present int64) error {
	if err := execute(ctx, tx, []any{m.app, room, present, seq},
		`INSERT INTO room (app, room, owner, owner_seq, present, life) VALUES ($1, $2, '', 0, $3, $4)
			ON CONFLICT (app, room) DO UPDATE SET present = $3, life = $4 WHERE room.life < $4`); err != nil {
		return err
	}
	return execute(ctx, tx, []any{m.app, room, seq}, `DELETE FROM administrator WHERE app = $1 AND room = $2 AND seq < $3`)
}

func (m mirror) own(ctx context.Context, tx *sql.Tx, room string, owner callback.Account, seq int64) error {
	return execute(ctx, tx, []any{m.app, room, string(owner), seq},
		`INSERT INTO room (app, room, owner, owner_seq, present, life) VALUES ($1, $2, $3, $4, 0, 0)
			ON CONFLICT (app, room) DO UPDATE SET owner = $3, owner_seq = $4 WHERE room.owner_seq < $4`)
}

func (m mirror) modify(ctx context.Context, tx *sql.Tx, p callback.ModifyAdmin, seq int64) error {
	present := 0
	if p.OpType == callback.OpAdd {
		present = 1
	}
	for _, account := range p.AdminAccounts {
		err := execute(ctx, tx, []any{m.app, p.RoomID, string(account), present, seq},
			`INSERT INTO administrator (app, room, account, present, seq)
				SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)
				WHERE NOT EXISTS (SELECT 1 FROM room WHERE app = $1 AND room = $2 AND life > $5)
				ON CONFLICT (app, room, account) DO UPDATE SET present = $4, seq = $5 WHERE administrator.seq < $5`)
		if err != nil {
			return err
		}
	}
	return nil
}

// replace is what a snapshot does. Table base gets what it holds: each room's last number, and as that of no lane the position of
// its first page.
func (m mirror) replace(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[callback.Room, error], log string, opened int64) error {
	base := func(lane string, number int64) error {
		return execute(ctx, tx, []any{m.app, log, lane, number}, `INSERT INTO base (app, log, lane, number) VALUES ($1, $2, $3, $4)`)
	}
	if err := execute(ctx, tx, []any{m.app}, `DELETE FROM room WHERE app = $1`, `DELETE FROM administrator WHERE app = $1`,
		`DELETE FROM base WHERE app = $1`); err != nil {
		return err
	}
	if err := base("", opened); err != nil {
		return err
	}
	for room, err := range rooms {
		if err != nil {
			return err
		}
		err := errors.Join(
			base(room.RoomID, room.RoomPrev),
			m.begin(ctx, tx, room.RoomID, room.RoomSeq, 1),
			m.own(ctx, tx, room.RoomID, room.Owner, room.RoomSeq),
			m.modify(ctx, tx, callback.ModifyAdmin{RoomID: room.RoomID, AdminAccounts: room.Administrators, OpType: callback.OpAdd}, room.RoomSeq))
		if err != nil {
			return err
		}
	}
	return nil
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// all returns the rooms of the mirror.
func (m mirror) all(ctx context.Context, db querier) (map[string]roles, error) {
	rooms := map[string]roles{}
	err := each(ctx, db, `SELECT room, owner FROM room WHERE app = $1 AND present = 1`, []any{m.app}, func(room, owner string) {
		rooms[room] = roles{Owner: callback.Account(owner)}
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, db, `SELECT room, account FROM administrator WHERE app = $1 AND present = 1`, []any{m.app}, func(room, account string) {
		r := rooms[room]
		r.Administrators = append(r.Administrators, callback.Account(account))
		slices.Sort(r.Administrators)
		rooms[room] = r
	})
	return rooms, err
}

func (m mirror) one(ctx context.Context, tx *sql.Tx, room string) (callback.Account, callback.Accounts, error) {
	var r roles
	args := []any{m.app, room}
	err := each(ctx, tx, `SELECT room, owner FROM room WHERE app = $1 AND room = $2 AND present = 1`, args, func(_, owner string) {
		r.Owner = callback.Account(owner)
	})
	if err != nil {
		return "", nil, err
	}
	err = each(ctx, tx, `SELECT room, account FROM administrator WHERE app = $1 AND room = $2 AND present = 1`, args, func(_, account string) {
		r.Administrators = append(r.Administrators, callback.Account(account))
	})
	return r.Owner, r.Administrators, err
}

// each calls do with the rows of a query, two texts each.
func each(ctx context.Context, db querier, query string, args []any, do func(a, b string)) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a, b string
		if err := rows.Scan(&a, &b); err != nil {
			return err
		}
		do(a, b)
	}
	return rows.Err()
}
