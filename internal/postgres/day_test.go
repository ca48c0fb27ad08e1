package postgres

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
)

// A day goes whole, with its attempts, when every App has forgotten all of it; numbers go on.
func TestDayIsDroppedWhenEveryAppHasForgottenIt(t *testing.T) {
	db := openAt(t, pgtest.Database(t))
	ctx := context.Background()
	apps := []live.AppID{1400000001, 1400000002}
	for _, id := range apps {
		write(t, db, id, 3)
	}
	_, today, err := db.days(ctx, "log")
	if err != nil {
		t.Fatal(err)
	}
	const ago = 5
	for _, sql := range []string{
		`SELECT add_day(d) FROM generate_series($1::integer - 5, $1::integer - 1) AS d`,
		`UPDATE log SET day = $1::integer - 5`, `UPDATE attempts SET day = $1::integer - 5`,
	} {
		if _, err := db.pool.Exec(ctx, sql, today); err != nil {
			t.Fatal(err)
		}
	}
	days := func(what string, table string, first int) {
		t.Helper()
		if err := db.dropDays(ctx); err != nil {
			t.Fatal(err)
		}
		got, _, err := db.days(ctx, table)
		if err != nil {
			t.Fatal(err)
		}
		var want []int
		for day := today - first; day <= today+daysAhead; day++ {
			want = append(want, day)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s, days of %s (-want +got):\n%s", what, table, d)
		}
	}
	days("nothing is forgotten", "log", ago)
	forget(t, db, apps[0], 3)
	days("one App has forgotten all", "log", ago)
	forget(t, db, apps[1], 2)
	days("the other has forgotten a part", "attempts", ago)
	forget(t, db, apps[1], 3)
	days("both have forgotten all", "log", 1)
	days("both have forgotten all", "attempts", 1)
	for _, id := range apps {
		if events := write(t, db, id, 1); events[0].Seq != 4 || events[0].Prev != 3 || events[0].RoomSeq != 4 {
			t.Errorf("after its day was dropped the App %d goes on with %+v", id, events[0])
		}
	}
}

// write logs callback events of one room, and creates the App if it is not there.
func write(t *testing.T, db *DB, id live.AppID, n int) []eventlog.Event {
	t.Helper()
	tx, err := db.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	loaded, err := tx.Load(context.Background(), []engine.Want{{App: id, Rooms: []live.RoomID{"r"}, Create: []bool{true}}})
	if err != nil {
		t.Fatal(err)
	}
	ch := engine.Change{App: id}
	if loaded[0].App == nil {
		ch.Settings, ch.NewLog = &live.App{ID: id}, "abcdefgh"
	}
	lane := loaded[0].Rooms[0].Lane
	for range n {
		e := eventlog.Event{Lane: "r", Callback: true, Body: []byte("{}")}
		lane = lane.Next(&e, 1)
		ch.Events = append(ch.Events, e)
	}
	ch.Rooms = []engine.RoomChange{{ID: "r", Room: engine.Room{Doc: &live.Room{ID: "r"}, Lane: lane}}}
	changes := []engine.Change{ch}
	if err := tx.Commit(context.Background(), changes); err != nil {
		t.Fatal(err)
	}
	return changes[0].Events
}

// forget settles an App up to a number, with an attempt, and forgets that.
func forget(t *testing.T, db *DB, id live.AppID, to int64) {
	t.Helper()
	reader := delivery.ReaderID{App: id, Name: delivery.CallbackReader}
	p, err := db.Open(context.Background(), reader)
	if err != nil {
		t.Fatal(err)
	}
	s := delivery.Settlement{Reader: reader, Fence: p.Fence, Cursor: eventlog.NewCursor(to)}
	if _, err := db.Settle(context.Background(), []delivery.Settlement{s}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Forget(context.Background(), id, to, 100); err != nil {
		t.Fatal(err)
	}
}
