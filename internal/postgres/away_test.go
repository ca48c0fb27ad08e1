package postgres

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/pgtest"
	"github.com/callboard/callboard/internal/storetest"
)

func TestStoreKeepsItsContractsThroughAPoolInTransactionMode(t *testing.T) {
	// The model has been played without the pool.
	checks := flag.Lookup("rapid.checks")
	all := checks.Value.String()
	must(t, checks.Value.Set("10"))
	t.Cleanup(func() { must(t, checks.Value.Set(all)) })
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		return harness(t, withParameter(pgtest.Bouncer(t, pgtest.Database(t)), "default_query_exec_mode=exec"))
	})
}

// answerWithin is how long a call waits for its answer at most.
const answerWithin = 3 * time.Second

// A database that goes away, in each way that it can, is found out within the time of a call; from then on calls fail at once.
// When it is back, the store goes on by itself, and all is there that was answered.
func TestStoreGoesOnAfterTheDatabaseWasAway(t *testing.T) {
	server := pgtest.Start(t)
	for _, c := range []struct {
		name       string
		away, back func(t *testing.T)
	}{
		{"stopped in order", func(t *testing.T) { server.Stop(t, pgtest.Fast) }, func(t *testing.T) { server.StartAgain(t) }},
		{"stopped at once", func(t *testing.T) { server.Stop(t, pgtest.Immediate) }, func(t *testing.T) { server.StartAgain(t) }},
		{"killed", func(t *testing.T) { server.Kill(t) }, func(t *testing.T) { server.StartAgain(t) }},
		{"frozen", func(t *testing.T) { server.Freeze(t) }, func(t *testing.T) { server.Thaw(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := openAt(t, server.NewDatabase(t))
			write(t, db, killedApp, 1)
			if err := writeOnce(db, "r", "before"); err != nil {
				t.Fatal(err)
			}
			c.away(t)
			begun := time.Now()
			err := writeOnce(db, "r", "first")
			if took := time.Since(begun); err == nil || took > answerWithin {
				t.Errorf("the first change without a database: error %v after %s, want one within 3 s", err, took)
			}
			await(t, "it is known that the database is away", func() bool { return errors.Is(db.Ready(), ErrAway) })
			begun = time.Now()
			for i := range 20 {
				if err := writeOnce(db, "r", fmt.Sprint(i)); !errors.Is(err, ErrAway) || errors.Is(err, engine.ErrUnknown) {
					t.Errorf("a change while the database is away: %v", err)
				}
			}
			if took := time.Since(begun); took > time.Second {
				t.Errorf("20 changes took %s to fail while it was known that the database is away", took)
			}
			c.back(t)
			await(t, "the database is back", func() bool { return db.Ready() == nil })
			if err := writeOnce(db, "r", "after"); err != nil {
				t.Fatal(err)
			}
			wantCauses(t, db, []string{"", "before", "after"}, "first")
		})
	}
}

// await waits until something is so.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for begun := time.Now(); !so(); <-look.C {
		if time.Since(begun) > 30*time.Second {
			t.Fatalf("30 s, and not yet: %s", what)
		}
	}
}

// wantCauses compares who caused what is in the log; perhaps may be there or not.
func wantCauses(t *testing.T, db *DB, want []string, perhaps string) {
	t.Helper()
	events, _, err := db.Read(context.Background(), killedApp, 0, delivery.Page{Events: 1000, Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, e := range events {
		if e.Seq != int64(i+1) || e.RoomSeq != e.Seq {
			t.Errorf("event %d has the numbers %d and %d", i+1, e.Seq, e.RoomSeq)
		}
		if e.Cause != perhaps {
			got = append(got, e.Cause)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the log is of %q, want %q", got, want)
	}
}

// A connection that is cut at any byte of a change: the change is there whole or not at all, what was answered as stored is,
// and what was answered as not stored is not.
func TestChangeWhoseConnectionIsCutIsThereWholeOrNotAtAll(t *testing.T) {
	proxy := pgtest.NewProxy(t, pgtest.Database(t))
	db := openAt(t, proxy.URL())
	write(t, db, killedApp, 1)
	var stored []string
	unknown, failed := map[string]bool{}, map[string]bool{}
	for _, side := range []pgtest.Side{pgtest.FromClient, pgtest.FromServer} {
		for n := 1; n < 3000; n += 97 {
			await(t, "the database is back", func() bool { return db.Ready() == nil })
			made := proxy.CutAfter(side, n)
			for i := 0; ; i++ { // until the cut has been made
				cause := fmt.Sprintf("%s-%d-%d", side, n, i)
				switch err := writeOnce(db, "r", cause); {
				case err == nil:
					stored = append(stored, cause)
				case errors.Is(err, engine.ErrUnknown):
					unknown[cause] = true
				default:
					failed[cause] = true
				}
				select {
				case <-made:
				default:
					continue
				}
				break
			}
		}
	}
	await(t, "the database is back", func() bool { return db.Ready() == nil })
	if len(unknown) == 0 || len(failed) == 0 {
		t.Errorf("%d outcomes were unknown and %d changes failed, want some of both", len(unknown), len(failed))
	}
	seen := map[string]int{}
	last := int64(0)
	for end := false; !end; {
		events, done, err := db.Read(context.Background(), killedApp, last, delivery.Page{Events: 1000, Bytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if last++; e.Seq != last || e.RoomSeq != last || e.RoomPrev != last-1 {
				t.Fatalf("event %d has the numbers %d, %d and %d", last, e.Seq, e.RoomSeq, e.RoomPrev)
			}
			seen[e.Cause]++
		}
		end = done
	}
	for _, cause := range stored {
		if seen[cause] != 1 {
			t.Errorf("the change %s was stored and is there %d times", cause, seen[cause])
		}
	}
	for cause := range failed {
		if seen[cause] != 0 {
			t.Errorf("the change %s was not stored and is there", cause)
		}
	}
	if state := laneOf(t, db, "r"); state.Seq != last {
		t.Errorf("the room is at %d, its log at %d", state.Seq, last)
	}
}
