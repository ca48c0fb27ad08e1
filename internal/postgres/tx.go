package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

// tx is the transaction of the one shape. It has one connection from Begin to its end and never asks for another.
type tx struct {
	db       *DB
	c        *pgxpool.Conn
	versions map[live.AppID]int64    // of the settings that the rules are run with
	locked   map[roomKey]*roomPlace  // rooms with a row
	reserved map[live.AppID][]string // rooms that got an empty row, which goes again unless they are created
	parts    map[partKey]int64       // the n of parts
	done     bool
}

type roomKey struct {
	app live.AppID
	id  live.RoomID
}

// roomPlace is what the rows of a room were before the change.
type roomPlace struct {
	public  bool
	created int64
	life    int64
	there   bool  // it has a state
	part    int64 // of the state
}

// Begin implements engine.Store. Nothing is sent before Load.
func (db *DB) Begin(ctx context.Context) (engine.Tx, error) {
	t := &tx{db: db, versions: map[live.AppID]int64{}, locked: map[roomKey]*roomPlace{}, reserved: map[live.AppID][]string{}, parts: map[partKey]int64{}}
	err := db.within(ctx, connectWithin, func(ctx context.Context) (err error) {
		t.c, err = db.pool.Acquire(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// Load implements engine.Tx, in one round trip as a rule: the numbers of rooms that are gone take another one.
func (t *tx) Load(ctx context.Context, wants []engine.Want) ([]engine.Loaded, error) {
	loaded := make([]engine.Loaded, len(wants))
	err := t.db.within(ctx, statementWithin, func(ctx context.Context) error {
		b := begin(true)
		for i := range wants {
			t.queueApp(b, wants[i], &loaded[i])
		}
		for tries := 0; ; tries++ {
			for i := range wants {
				t.queueReserve(b, &wants[i])
			}
			for i := range wants {
				t.queueRooms(b, &wants[i], &loaded[i])
				t.queueParts(b, &wants[i], &loaded[i])
				queueWantedLanes(b, &wants[i], &loaded[i])
				queueCount(b, &wants[i], &loaded[i])
			}
			if err := t.c.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
			if !t.missed(wants) {
				return t.loadPast(ctx, wants, loaded)
			}
			if tries == maxTries {
				return errors.New("a room that may be created was destroyed again and again meanwhile")
			}
			b = &pgx.Batch{}
		}
	})
	if err != nil {
		return nil, err
	}
	return loaded, nil
}

// maxTries is how often a place for a room is looked for once more.
const maxTries = 10

// missed tells whether a room that may be created has no row that is locked: another transaction destroyed it between the two
// statements.
func (t *tx) missed(wants []engine.Want) bool {
	for i := range wants {
		for j, id := range wants[i].Rooms {
			if wants[i].Create[j] && t.locked[roomKey{wants[i].App, id}] == nil {
				return true
			}
		}
	}
	return false
}

// Commit implements engine.Tx, in one round trip.
func (t *tx) Commit(ctx context.Context, changes []engine.Change) error {
	defer t.Rollback()
	b, ended := &pgx.Batch{}, false
	for i := range changes {
		if err := t.queue(b, &changes[i]); err != nil {
			return err
		}
	}
	t.queueUnreserve(b)
	reached := false
	b.Queue(`SELECT 1`).Exec(func(pgconn.CommandTag) error {
		reached = true
		return nil
	})
	b.Queue(`COMMIT`).Exec(func(tag pgconn.CommandTag) error {
		if tag.String() != "COMMIT" {
			return fmt.Errorf("COMMIT was answered by %s", tag)
		}
		ended = true
		return nil
	})
	begun := time.Now()
	err := t.db.within(ctx, statementWithin, func(ctx context.Context) error { return t.c.SendBatch(ctx, b).Close() })
	if ended {
		t.db.synced(time.Since(begun))
		return nil
	}
	return t.explain(err, reached)
}

// explain tells apart what is not stored for certain from what may be. The COMMIT is on its way from the start, so only an
// answer of the server to a statement before it, or that nothing was sent, tells that it was not run.
func (t *tx) explain(err error, reached bool) error {
	var answer *pgconn.PgError
	refused := errors.As(err, &answer) && answer.SeverityUnlocalized == "ERROR" && !reached
	switch {
	case refused && missesDay(err):
		ctx, cancel := context.WithTimeout(context.Background(), statementWithin)
		defer cancel()
		abandon(t.c)
		return errors.Join(err, addDays(ctx, t.c))
	case refused, pgconn.SafeToRetry(err), errors.Is(err, ErrAway):
		return err
	}
	return fmt.Errorf("%w: %w", engine.ErrUnknown, err)
}

// Rollback implements engine.Tx.
func (t *tx) Rollback() {
	if t.done {
		return
	}
	t.done = true
	abandon(t.c)
	t.c.Release()
}

// queue is what one change writes: rooms and their parts, settings, and last, under the lock of the App's numbers, the events. The
// lock is taken without events too: that there are none may be because of the settings, which change under it.
func (t *tx) queue(b *pgx.Batch, ch *engine.Change) error {
	if err := t.queueChanged(b, ch); err != nil {
		return err
	}
	t.queuePartChanges(b, ch)
	b.Queue(`SELECT 1 FROM numbering WHERE app = $1 FOR UPDATE`, int64(ch.App))
	if ch.Settings != nil {
		if err := queueSettings(b, ch); err != nil {
			return err
		}
		for i := range ch.Audit {
			if err := queueAudit(b, ch.App, &ch.Audit[i]); err != nil {
				return err
			}
		}
	} else {
		b.Queue(`SELECT expect_settings($1, $2)`, int64(ch.App), t.versions[ch.App])
	}
	if len(ch.Events) > 0 {
		queueEvents(b, ch)
	}
	return nil
}
