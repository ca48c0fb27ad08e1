package sqlite

import (
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/callboard/callboard/internal/delivery"
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
