package gap

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/pgtest"
)

func TestTheAppBackendOfTheRealBinaryEndsExactlyAsTheRoomsOnSQLite(t *testing.T) {
	t.Parallel()
	live(t, func(t *testing.T) *site {
		return openSite(t, callback.SQLite, "sqlite3", "file:"+filepath.Join(t.TempDir(), "backend.db")+
			"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	}, func(t *testing.T) store { return &fileStore{filepath.Join(t.TempDir(), "callboard.db")} })
}

func TestTheAppBackendOfTheRealBinaryEndsExactlyAsTheRoomsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	one := openSite(t, callback.PostgreSQL, "pgx", server.NewDatabase(t)+"&synchronous_commit=off")
	live(t, func(*testing.T) *site { return one }, // all Apps share the tables
		func(t *testing.T) store { return openServerStore(t, server) })
}

// live plays with the real binary: as many runs as CALLBOARD_GAP_RUNS says, each with the seeds of CALLBOARD_GAP_APPS Apps on one server.
func live(t *testing.T, newSite func(*testing.T) *site, newStore func(*testing.T) store) {
	first := variable(t, "CALLBOARD_GAP_SEED", 0)
	runs, apps := variable(t, "CALLBOARD_GAP_RUNS", 1), variable(t, "CALLBOARD_GAP_APPS", 4)
	tally := newTally()
	begun := time.Now()
	for n := range runs {
		from := first + n*apps
		t.Run(fmt.Sprintf("seeds %d to %d", from, from+apps-1), func(t *testing.T) { // whose files go with it
			s := newShow(t, newStore(t), from)
			for seed := from; seed < from+apps; seed++ {
				s.add(newSite(t), seed, tally)
			}
			s.play(t.Context())
		})
		if t.Failed() {
			t.Fatal("a run with a server is not quite the same again")
		}
	}
	t.Logf("%d seeds in %s: %v", runs*apps, time.Since(begun).Round(time.Millisecond), tally.count)
	wanted := []string{"changed", "handed over", "snapshots", "failed"}
	if runs*apps >= 10 { // on a slow machine a few may have none
		wanted = append(wanted, "holes filled", "rolled back", "late", "died before the answer", "held until the sender had left")
	}
	for _, what := range wanted {
		if tally.count[what] == 0 {
			t.Errorf("no run had anything of %q; it proves less than it says", what)
		}
	}
}
