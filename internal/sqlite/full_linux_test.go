package sqlite

import (
	"errors"
	"fmt"
	"testing"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// TestFullDiskEndsInUnavailableAndHealsByItself makes COMMIT fail for real, on a small file system of its own.
func TestFullDiskEndsInUnavailableAndHealsByItself(t *testing.T) {
	d := newFullDisk(t)
	d.createUntil(nil, 100)
	d.fill()
	d.createUntil(d.away, 10_000)
	if err := d.db.Ready(); !errors.Is(err, ErrAway) {
		t.Errorf("Ready is %v on a full disk, want %v", err, ErrAway)
	}
	d.wantFull("Ready", d.db.Ready())
	if _, err := d.db.Room(t.Context(), app, "r0"); !errors.Is(err, ErrAway) {
		t.Errorf("a read on a full disk: %v, want %v", err, ErrAway)
	}
	if err := d.create(); err == nil {
		t.Error("a room was created on a full disk")
	}

	d.makeRoom()
	d.wait(d.open)
	if err := d.db.Ready(); err != nil {
		t.Errorf("there is room again, and the store is not ready: %v", err)
	}
	d.createUntil(nil, 100)
	d.checkEverything()
}

// TestErrorOfAFullDiskNamesTheFreeSpace asks the store alone: the engine keeps errors from its callers.
func TestErrorOfAFullDiskNamesTheFreeSpace(t *testing.T) {
	d := newFullDisk(t)
	d.fill()
	d.wantFull("commit", tryCommit(t, d.db, largeChange()))
	d.makeRoom()
	d.wait(d.open) // opening anew may have worked before, because it empties the WAL
	if err := tryCommit(t, d.db, largeChange()); err != nil {
		t.Errorf("commit with room again: %v", err)
	}
}

// checkEverything compares what was answered, the rooms and the log: what was answered is there, and nothing is there by half.
func (d *fullDisk) checkEverything() {
	d.Helper()
	var logged int64
	for {
		page, _, err := d.db.Read(d.Context(), app, logged, delivery.Page{Events: 1000, Bytes: 1 << 20})
		if err != nil {
			d.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for i := range page {
			logged++
			d.checkEvent(&page[i], logged)
		}
	}
	for i := range d.asked {
		id := live.RoomID(fmt.Sprintf("r%d", i))
		room, err := d.db.Room(d.Context(), app, id)
		if err != nil {
			d.Fatal(err)
		}
		if room != nil {
			logged--
		} else if d.created[id] {
			d.Errorf("room %s was answered, and it is gone", id)
		}
	}
	if logged != 0 {
		d.Errorf("there are %d more events than rooms", logged)
	}
}

func (d *fullDisk) checkEvent(e *eventlog.Event, seq int64) {
	d.Helper()
	if e.Seq != seq {
		d.Fatalf("the event after %d has the number %d", seq-1, e.Seq)
	}
	if room, err := d.db.Room(d.Context(), app, live.RoomID(e.Lane)); room == nil {
		d.Errorf("event %d reports the room %s, which is not there (%v)", seq, e.Lane, err)
	}
}
