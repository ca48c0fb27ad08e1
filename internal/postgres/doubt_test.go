package postgres

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
)

// Only the server's refusal of a statement before COMMIT proves that nothing is stored; its language does not matter.
func TestOnlyARefusalBeforeTheCommitIsNoUnknownOutcome(t *testing.T) {
	refusal := func(severity, unlocalized, code string) error {
		return &pgconn.PgError{Severity: severity, SeverityUnlocalized: unlocalized, Code: code}
	}
	for _, c := range []struct {
		name    string
		err     error
		reached bool // the statement before COMMIT was answered
		unknown bool
	}{
		{"a refused statement", refusal("ERROR", "ERROR", "CB001"), false, false},
		{"a refused statement, in German", refusal("FEHLER", "ERROR", "40P01"), false, false},
		{"a refused COMMIT", refusal("ERROR", "ERROR", "XX000"), true, true},
		{"the end of the backend", refusal("FATAL", "FATAL", "57P01"), false, true},
		{"an error of a pool that does not say how grave it is", refusal("FATAL", "", "08P01"), false, true},
		{"the end of the connection", io.ErrUnexpectedEOF, false, true},
		{"a limit of time", context.DeadlineExceeded, false, true},
		{"it was known to be away", ErrAway, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := errors.Is((&tx{}).explain(c.err, c.reached), engine.ErrUnknown); got != c.unknown {
				t.Errorf("unknown: %t, want %t", got, c.unknown)
			}
		})
	}
}

// Whoever waits for a lock that another process holds is told in time that nothing is stored.
func TestChangeThatWaitsForALockInVainIsNotStoredForCertain(t *testing.T) {
	url := pgtest.Database(t)
	db := openAt(t, url)
	write(t, db, killedApp, 1)
	for name, lock := range map[string]string{
		"the room": `SELECT 1 FROM rooms WHERE app = 1400000001 FOR UPDATE`, "the numbering": `SELECT 1 FROM numbering WHERE app = 1400000001 FOR UPDATE`,
	} {
		t.Run(name, func(t *testing.T) {
			c := session(t, url)
			c.run(`BEGIN`, lock)
			begun := time.Now()
			err := writeOnce(db, "r", "waits")
			if took := time.Since(begun); err == nil || errors.Is(err, engine.ErrUnknown) || took > answerWithin {
				t.Errorf("error %v after %s, want within 3 s one that says that nothing is stored", err, took)
			}
			must(t, db.Ready())
			c.run(`ROLLBACK`)
		})
	}
	wantCauses(t, db, []string{""}, "")
}

// raw is a session of its own, which ends with the test.
type raw struct {
	t *testing.T
	c *pgx.Conn
}

func session(t *testing.T, url string) raw {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return raw{t, c}
}

func (c raw) run(statements ...string) {
	c.t.Helper()
	for _, sql := range statements {
		_, err := c.c.Exec(c.t.Context(), sql)
		must(c.t, err)
	}
}

// blocked waits until somebody waits for a lock.
func (c raw) blocked(what string) {
	c.t.Helper()
	await(c.t, what, func() bool {
		var n int
		must(c.t, c.c.QueryRow(c.t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&n))
		return n > 0
	})
}

// A reader that is opened while its holder before settles sees all of that settlement, not only the cursor.
func TestOpenSeesWhatTheHolderBeforeStoredWhileItWaited(t *testing.T) {
	url := pgtest.Database(t)
	db := openAt(t, url)
	write(t, db, killedApp, 3)
	c, watch := session(t, url), session(t, url)
	c.run(`BEGIN`, `SELECT 1 FROM readers WHERE app = 1400000001 FOR UPDATE`, `UPDATE cursors SET done = 1 WHERE app = 1400000001`,
		`INSERT INTO skips (app, reader, lane, "from", "to", seq) VALUES (1400000001, 'callback', 'r', 1, 1, 1)`,
		`INSERT INTO held (app, reader, lane, next, attempts, try, since, failing, why) VALUES (1400000001, 'callback', 'r', 2, 1, 1, 1, 1, '500')`)
	opened := make(chan delivery.Position, 1)
	go func() {
		p, err := db.Open(context.Background(), delivery.ReaderID{App: killedApp, Name: delivery.CallbackReader})
		if err != nil {
			t.Error(err)
		}
		opened <- p
	}()
	watch.blocked("Open waits for the settlement")
	c.run(`COMMIT`)
	if p := <-opened; p.Cursor.Done() != 1 || len(p.Held) != 1 || !p.Skips || p.Log == "" {
		t.Errorf("done %d, %d held lanes, announcements %t, log %q: want 1, 1, true and the log's id", p.Cursor.Done(), len(p.Held), p.Skips, p.Log)
	}
}

// The right to settle survives the database: a fence that was given is not given again.
func TestFenceIsNotGivenTwiceAfterTheDatabaseDied(t *testing.T) {
	server := pgtest.Start(t)
	database := server.NewDatabase(t)
	server.Exec(t, `ALTER SYSTEM SET wal_writer_delay = '10s'`)
	server.Exec(t, `SELECT pg_reload_conf()`)
	one, other := openAt(t, database), openAt(t, database)
	write(t, one, killedApp, 3)
	reader := delivery.ReaderID{App: killedApp, Name: delivery.CallbackReader}
	first, err := one.Open(t.Context(), reader)
	must(t, err)
	server.Stop(t, pgtest.Immediate)
	server.StartAgain(t)
	var second delivery.Position
	await(t, "the second has opened the reader", func() bool {
		second, err = other.Open(context.Background(), reader)
		return err == nil
	})
	if first.Fence == second.Fence {
		t.Errorf("both have the fence %d", first.Fence)
	}
	await(t, "the first can settle, and is fenced off", func() bool {
		s := delivery.Settlement{Reader: reader, Fence: first.Fence, Cursor: eventlog.NewCursor(3)}
		off, err := one.Settle(context.Background(), []delivery.Settlement{s})
		if err == nil && len(off) != 1 {
			t.Error("who was fenced off has settled")
		}
		return err == nil
	})
}

// A process that outlives the database never stores a held lane, a dead letter or an announcement again, once it was told that
// they are stored.
func TestWhatAReaderCountsOnSurvivesTheDatabase(t *testing.T) {
	server := pgtest.Start(t)
	database := server.NewDatabase(t)
	server.Exec(t, `ALTER SYSTEM SET wal_writer_delay = '10s'`)
	server.Exec(t, `SELECT pg_reload_conf()`)
	db := openAt(t, database)
	write(t, db, killedApp, 4)
	reader := delivery.ReaderID{App: killedApp, Name: delivery.CallbackReader}
	at := time.UnixMilli(1)
	var p delivery.Position
	open := func() {
		await(t, "the reader can be opened", func() bool {
			var err error
			p, err = db.Open(context.Background(), reader)
			return err == nil
		})
	}
	for i, durable := range []bool{true, false} {
		open()
		done := int64(2 * (i + 1))
		s := delivery.Settlement{Reader: reader, Fence: p.Fence, Cursor: eventlog.NewCursor(done), Durable: durable}
		if durable {
			s.Hold = []eventlog.Held{{Lane: "r", Next: 2, Attempts: 1, Try: at, Since: at, Why: "status 500"}}
			s.Dead = []eventlog.Dead{{Seq: 1, At: at, Why: "status 500", Attempts: 3}}
		}
		if off, err := db.Settle(t.Context(), []delivery.Settlement{s}); err != nil || len(off) > 0 {
			t.Fatalf("settle: %v, fenced off %v", err, off)
		}
		server.Stop(t, pgtest.Immediate)
		server.StartAgain(t)
	}
	open()
	if p.Cursor.Done() < 2 || len(p.Held) != 1 {
		t.Errorf("the cursor is at %d with %d held lanes, want that the durable settlement to 2 with one of them is there", p.Cursor.Done(), len(p.Held))
	}
	// Otherwise the server had stored all without being asked to, and the test shows nothing.
	if p.Cursor.Done() != 2 {
		t.Errorf("the cursor is at %d, want 2: the other settlement is not synced", p.Cursor.Done())
	}
	again, err := db.ReadAgain(t.Context(), killedApp, delivery.Redelivery{From: 1, To: 4, DeadOnly: true}, delivery.Page{Events: 10, Bytes: 1 << 20})
	if err != nil || len(again) != 1 || again[0].Seq != 1 {
		t.Errorf("dead letters %v, %v; want the event 1", again, err)
	}
}

// Settings that are read to find out what became of a COMMIT are those after it, also of an App that it makes.
func TestLoadOfSettingsWaitsForTheAppThatIsBeingMade(t *testing.T) {
	url := pgtest.Database(t)
	db := openAt(t, url)
	c, watch := session(t, url), session(t, url)
	c.run(`BEGIN`, `INSERT INTO apps (app, log, version, settings, discard_to) VALUES (1400000001, 'abcdefgh', 1, '{"ID":1400000001,"Key":"k"}', 0)`,
		`INSERT INTO numbering (app) VALUES (1400000001)`)
	read := make(chan *live.App, 1)
	go func() {
		tx, err := db.Begin(context.Background())
		if err != nil {
			t.Error(err)
			read <- nil
			return
		}
		defer tx.Rollback()
		loaded, err := tx.Load(context.Background(), []engine.Want{{App: killedApp, Settings: true}})
		if err != nil {
			t.Error(err)
			read <- nil
			return
		}
		read <- loaded[0].App
	}()
	watch.blocked("Load waits for the App that is being made")
	c.run(`COMMIT`)
	if app := <-read; app == nil || app.Key != "k" {
		t.Errorf("Load returned %v, want the App that was made", app)
	}
}
