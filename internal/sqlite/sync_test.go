package sqlite

import (
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
)

// The values of PRAGMA synchronous.
const (
	syncNormal = 1
	syncFull   = 2
)

func TestCommitsAreSyncedAlsoAfterSettlementsThatAreNot(t *testing.T) {
	db := openTemp(t)
	createApp(t, db, 1)
	id := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}
	p, err := db.Open(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := db.Settle(t.Context(), []delivery.Settlement{{Reader: id, Fence: p.Fence, Cursor: eventlog.NewCursor(1)}}); err != nil {
			t.Fatal(err)
		}
		if got := synchronous(t, db); got != syncNormal {
			t.Errorf("a settlement was committed with synchronous = %d, want %d", got, syncNormal)
		}
		tx, err := db.begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := synchronousOf(t, tx.c)
		tx.Rollback()
		if got != syncFull {
			t.Errorf("the transaction after a settlement has synchronous = %d, want %d", got, syncFull)
		}
	}
}

// What somebody is told to be stored, a pause for one, must not be undone by a loss of power. It is enough that one settlement of
// a transaction is such a one.
func TestSettlementsThatArePromisedAreSynced(t *testing.T) {
	db := openTemp(t)
	createApp(t, db, 1)
	createApp(t, db, 2)
	first, second := delivery.ReaderID{App: 1, Name: delivery.CallbackReader}, delivery.ReaderID{App: 2, Name: delivery.CallbackReader}
	for _, c := range []struct {
		name  string
		other delivery.Settlement
		want  int
	}{
		{"nothing", delivery.Settlement{}, syncNormal},
		{"a held lane", delivery.Settlement{Durable: true}, syncNormal},
		{"a pause", delivery.Settlement{Paused: "asked for", Durable: true, Promised: true}, syncFull},
		{"nothing again", delivery.Settlement{Paused: "asked for"}, syncNormal},
	} {
		c.other.Reader = second
		if _, err := db.Settle(t.Context(), []delivery.Settlement{{Reader: first}, c.other}); err != nil {
			t.Fatal(err)
		}
		if got := synchronous(t, db); got != c.want {
			t.Errorf("%s was committed with synchronous = %d, want %d", c.name, got, c.want)
		}
	}
}

// A connection that was opened anew has the setting of a new one, whatever the one before was set to last.
func TestCommitsAreSyncedAfterTheFileWasOpenedAnew(t *testing.T) {
	db := openTemp(t)
	createApp(t, db, 1)
	if !db.reopen() {
		t.Fatal(db.Ready())
	}
	tx, err := db.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if got := synchronousOf(t, tx.c); got != syncFull {
		t.Errorf("synchronous = %d, want %d", got, syncFull)
	}
}

// What can be done again after a loss of power is not synced; what a person asked for is.
func TestForgettingIsNotSyncedAndRedeliveriesAre(t *testing.T) {
	db := openTemp(t)
	createApp(t, db, 1)
	for range 2 {
		commit(t, db, engine.Change{App: 1, Events: []eventlog.Event{{Lane: "r", Command: "c", Body: []byte("{}")}}})
	}
	if _, err := db.Settle(t.Context(), []delivery.Settlement{
		{Reader: delivery.ReaderID{App: 1, Name: delivery.CallbackReader}, Cursor: eventlog.NewCursor(2)},
	}); err != nil {
		t.Fatal(err)
	}
	forget := func() error { _, err := db.Forget(t.Context(), 1, 2, 1); return err }
	redeliver := func() error {
		_, err := db.Redeliver(t.Context(), 1, delivery.Redelivery{From: 3, To: 3})
		return err
	}
	forgetDead := func() error { _, _, err := db.ForgetDead(t.Context(), time.UnixMilli(0), 0, 1); return err }
	for i, c := range []struct {
		call func() error
		want int
	}{{forget, syncNormal}, {redeliver, syncFull}, {forgetDead, syncNormal}, {redeliver, syncFull}, {forget, syncNormal}} {
		if err := c.call(); err != nil {
			t.Fatal(err)
		}
		if got := synchronous(t, db); got != c.want {
			t.Errorf("call %d was committed with synchronous = %d, want %d", i, got, c.want)
		}
	}
}

func synchronous(t *testing.T, db *DB) int {
	t.Helper()
	db.writer.Lock()
	defer db.writer.Unlock()
	return synchronousOf(t, db.conns.write)
}

func synchronousOf(t *testing.T, c *conn) int {
	t.Helper()
	value := -1
	err := c.query(func(s *sqlite3.Stmt) error {
		value = s.ColumnInt(0)
		return nil
	}, `PRAGMA synchronous`)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
