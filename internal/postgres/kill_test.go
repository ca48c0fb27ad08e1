package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
)

const killedApp live.AppID = 1400000001

// outcomes are what writers were told of their changes, by cause.
type outcomes struct {
	mu                      sync.Mutex
	stored, unknown, failed map[string]bool
}

func (o *outcomes) note(cause string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		o.stored[cause] = true
	case errors.Is(err, engine.ErrUnknown):
		o.unknown[cause] = true
	default:
		o.failed[cause] = true
	}
}

// Two processes write while their connections are killed, between any two statements: numbers have no gaps and are in the order
// of commits, what was stored is there once, what failed is not, and who follows sees each event once.
func TestWritersThatDieLeaveNoGapAndNoHalfChange(t *testing.T) {
	url := pgtest.Database(t)
	handles := []*DB{openAt(t, url), openAt(t, url)}
	write(t, handles[0], killedApp, 0)
	told := &outcomes{stored: map[string]bool{}, unknown: map[string]bool{}, failed: map[string]bool{}}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var killer, writers, follower sync.WaitGroup
	killed := 0
	killer.Go(func() { killed = killConnections(ctx, t, url) })
	for h, db := range handles {
		for w := range 4 {
			writers.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					cause := fmt.Sprintf("%d-%d-%d", h, w, i)
					told.note(cause, writeOnce(db, live.RoomID(fmt.Sprintf("r%d", i%3)), cause))
				}
			})
		}
	}
	var followed []eventlog.Event
	over := make(chan struct{})
	follower.Go(func() { followed = follow(t, handles[1], over) })
	writers.Wait()
	killer.Wait()
	for _, db := range handles {
		await(t, "the database is back", func() bool { return db.Ready() == nil })
	}
	close(over)
	follower.Wait()
	if len(told.stored) == 0 || killed == 0 {
		t.Fatalf("%d changes were stored and %d connections killed: nothing was tried", len(told.stored), killed)
	}
	t.Logf("%d stored, %d unknown, %d failed, %d connections killed", len(told.stored), len(told.unknown), len(told.failed), killed)
	seen := map[string]int{}
	lanes := map[eventlog.Lane]eventlog.LaneState{}
	for i, e := range followed {
		if e.Seq != int64(i+1) || e.Prev != int64(i) {
			t.Fatalf("event %d has the number %d and %d before it", i+1, e.Seq, e.Prev)
		}
		if was := lanes[e.Lane]; e.RoomSeq != was.Seq+1 || e.RoomPrev != was.Callback {
			t.Fatalf("event %d of lane %s has %d after %d; the lane was at %+v: a change was lost", e.Seq, e.Lane, e.RoomSeq, e.RoomPrev, was)
		}
		lanes[e.Lane] = eventlog.After(&e)
		seen[e.Cause]++
	}
	for cause := range told.stored {
		if seen[cause] != 1 {
			t.Errorf("the change %s was stored and is there %d times", cause, seen[cause])
		}
	}
	for cause := range told.failed {
		if seen[cause] != 0 {
			t.Errorf("the change %s failed and is there", cause)
		}
	}
	for cause := range told.unknown {
		if seen[cause] > 1 {
			t.Errorf("the change %s is there %d times", cause, seen[cause])
		}
	}
	for lane, state := range lanes {
		room, _ := lane.Room()
		if got := laneOf(t, handles[0], live.RoomID(room)); got != state {
			t.Errorf("the room %s is at %+v, its lane at %+v", room, got, state)
		}
	}
}

// writeOnce changes a room with one event.
func writeOnce(db *DB, id live.RoomID, cause string) error {
	ctx := context.Background()
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	loaded, err := tx.Load(ctx, []engine.Want{{App: killedApp, Rooms: []live.RoomID{id}, Create: []bool{true}}})
	if err != nil {
		return err
	}
	e := eventlog.Event{Lane: eventlog.ControlLane(string(id)), Callback: true, Cause: cause, Body: []byte("{}")}
	lane := loaded[0].Rooms[0].Lane.Next(&e, 1)
	return tx.Commit(ctx, []engine.Change{{
		App: killedApp, Rooms: []engine.RoomChange{{ID: id, Room: engine.Room{Doc: &live.Room{ID: id}, Lane: lane}}}, Events: []eventlog.Event{e},
	}})
}

func laneOf(t *testing.T, db *DB, id live.RoomID) eventlog.LaneState {
	t.Helper()
	tx, err := db.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	loaded, err := tx.Load(context.Background(), []engine.Want{{App: killedApp, Rooms: []live.RoomID{id}, Create: []bool{false}}})
	if err != nil {
		t.Fatal(err)
	}
	return loaded[0].Rooms[0].Lane
}

// killConnections ends connections that do something until ctx ends, and returns how many.
func killConnections(ctx context.Context, t *testing.T, url string) int {
	c, err := pgx.Connect(context.Background(), withParameter(url, "application_name=killer"))
	if err != nil {
		t.Error(err)
		return 0
	}
	defer func() { _ = c.Close(context.Background()) }()
	n := 0
	for ctx.Err() == nil {
		tag, err := c.Exec(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = 'callboard' AND state <> 'idle' ORDER BY random() LIMIT 1`)
		if err != nil {
			t.Error(err)
			return n
		}
		n += int(tag.RowsAffected())
		select {
		case <-ctx.Done():
		case <-time.After(7 * time.Millisecond):
		}
	}
	return n
}

// follow reads the log as a reader does until over is closed and nothing more comes.
func follow(t *testing.T, db *DB, over <-chan struct{}) []eventlog.Event {
	var all []eventlog.Event
	for {
		ended := false
		select {
		case <-over:
			ended = true
		default:
		}
		events, end, err := db.Read(context.Background(), killedApp, int64(len(all)), delivery.Page{Events: 100, Bytes: 1 << 20})
		if err != nil { // its connections are killed too
			if ended && db.Ready() == nil {
				t.Errorf("follow: %v", err)
				return all
			}
			<-time.After(time.Millisecond)
			continue
		}
		all = append(all, events...)
		if ended && end {
			return all
		}
	}
}

// A process that froze in a transaction holds its rooms for three seconds at most, and has changed nothing.
func TestProcessFrozenInATransactionIsPassedBy(t *testing.T) {
	url := pgtest.Database(t)
	frozen, other := openAt(t, url), openAt(t, url)
	write(t, frozen, killedApp, 1)
	ctx := context.Background()
	tx, err := frozen.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.Load(ctx, []engine.Want{{App: killedApp, Rooms: []live.RoomID{"r"}, Create: []bool{false}}}); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	for writeOnce(other, "r", "other") != nil {
		if time.Since(begun) > 10*time.Second {
			t.Fatal("the room of the frozen process is still locked after 10 s")
		}
	}
	e := eventlog.Event{Lane: "r", Callback: true, Cause: "frozen", RoomSeq: 2, RoomPrev: 1, Body: []byte("{}")}
	err = tx.Commit(ctx, []engine.Change{{App: killedApp, Events: []eventlog.Event{e}}})
	if err == nil {
		t.Error("the frozen process could commit after its rooms were changed by another one")
	}
	events, _, err := other.Read(ctx, killedApp, 0, delivery.Page{Events: 10, Bytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 || events[1].Cause != "other" {
		t.Errorf("the log has %d events, want that of the start and that of the other process", len(events))
	}
}
