package postgres

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Switches are read in the commit: what was made up with settings that another process has changed since is not stored.
func TestCommitWithSettingsThatHaveChangedMeanwhileIsRefused(t *testing.T) {
	url := pgtest.Database(t)
	one, other := openAt(t, url), openAt(t, url)
	write(t, one, killedApp, 1)
	ctx := context.Background()
	tx, err := one.Begin(ctx)
	must(t, err)
	defer tx.Rollback()
	loaded, err := tx.Load(ctx, []engine.Want{{App: killedApp, Rooms: []live.RoomID{"r"}, Create: []bool{false}}})
	must(t, err)
	must(t, put(other, engine.Change{App: killedApp, Settings: &live.App{ID: killedApp, Key: "new"}, DiscardToHead: true}))
	e := eventlog.Event{Lane: "r", Callback: true, Cause: "late", Body: []byte("{}")}
	lane := loaded[0].Rooms[0].Lane.Next(&e, 1)
	change := engine.Change{App: killedApp, Rooms: []engine.RoomChange{{ID: "r", Room: engine.Room{Doc: &live.Room{ID: "r"}, Lane: lane}}}, Events: []eventlog.Event{e}}
	if err := tx.Commit(ctx, []engine.Change{change}); err == nil || errors.Is(err, engine.ErrUnknown) {
		t.Errorf("Commit: %v, want an error that says that nothing is stored", err)
	}
	must(t, one.Ready())
	wantCauses(t, one, []string{""}, "")
	must(t, writeOnce(one, "r", "again"))
	wantCauses(t, one, []string{"again"}, "")
}

// Nobody has to be there at midnight: a day that is missing is made by the first commit that needs it.
func TestMissingDayIsMadeByTheCommitThatNeedsIt(t *testing.T) {
	db := openAt(t, pgtest.Database(t))
	write(t, db, killedApp, 0)
	days, _, err := db.days(t.Context(), "log")
	must(t, err)
	for _, day := range days {
		_, err := db.pool.Exec(t.Context(), fmt.Sprintf(`DROP TABLE log_%d`, day))
		must(t, err)
	}
	if err := writeOnce(db, "r", "first"); err == nil || errors.Is(err, engine.ErrUnknown) {
		t.Errorf("a commit on a day that is missing: %v, want an error that says that nothing is stored", err)
	}
	must(t, writeOnce(db, "r", "second"))
	wantCauses(t, db, []string{"second"}, "")
}

// A transaction that is open for long keeps dead versions of rows from being cleaned up; so the tables of which every change and
// every callback has a row must have none.
func TestLogAttemptsAndNumberingHaveNoDeadVersions(t *testing.T) {
	url := pgtest.Database(t)
	db := openAt(t, withParameter(url, "pool_max_conns=1")) // whose statistics can be asked for
	write(t, db, killedApp, 1)
	long, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer func() { _ = long.Close(context.Background()) }()
	_, err = long.Exec(t.Context(), `BEGIN ISOLATION LEVEL REPEATABLE READ`)
	must(t, err)
	_, err = long.Exec(t.Context(), `SELECT count(*) FROM log`)
	must(t, err)
	reader := delivery.ReaderID{App: killedApp, Name: delivery.CallbackReader}
	p, err := db.Open(t.Context(), reader)
	must(t, err)
	const changes = 50
	for seq := range int64(changes) {
		must(t, writeOnce(db, "r", "x"))
		_, err := db.Settle(t.Context(), []delivery.Settlement{{
			Reader: reader, Fence: p.Fence, Cursor: eventlog.NewCursor(seq + 1), Attempts: []eventlog.Attempt{{Seq: seq + 1, Number: 1}},
		}})
		must(t, err)
	}
	_, err = db.Forget(t.Context(), killedApp, changes, changes)
	must(t, err)
	_, err = db.pool.Exec(t.Context(), `SELECT pg_stat_force_next_flush()`)
	must(t, err)
	rows, err := db.pool.Query(t.Context(), `SELECT regexp_replace(relname, '_[0-9]+$', ''), sum(pg_stat_get_tuples_inserted(oid))::integer,
		(sum(pg_stat_get_dead_tuples(oid)) + sum(pg_stat_get_tuples_updated(oid)) + sum(pg_stat_get_tuples_deleted(oid)))::integer
		FROM pg_class WHERE relname ~ '^(log|attempts|numbering)(_[0-9]+)?$' AND relkind = 'r' GROUP BY 1`)
	must(t, err)
	dead := map[string]int{}
	must(t, each(rows, func(row pgx.Rows) error {
		var table string
		var inserted, n int
		err := row.Scan(&table, &inserted, &n)
		if dead[table] = n; inserted == 0 {
			t.Errorf("the statistics know of no row of %s", table)
		}
		return err
	}))
	if d := cmp.Diff(map[string]int{"log": 0, "attempts": 0, "numbering": 0}, dead); d != "" {
		t.Errorf("dead versions after %d changes (-want +got):\n%s", changes, d)
	}
}
