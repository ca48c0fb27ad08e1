package sqlite

import (
	"bytes"
	"os"
	"sync"
	"testing"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// walLimit is what the WAL may grow to: a budget of the design.
const walLimit = 64 << 20

func TestWALStaysBoundedWhileReadersPageThroughTheLog(t *testing.T) {
	const (
		bodySize = 64 << 10
		commits  = 120
		together = 16 // 1 MiB a commit, 120 MiB in all
	)
	db := openTemp(t)
	createApp(t, db, 1)
	over := make(chan struct{})
	var reading sync.WaitGroup
	for range 2 {
		reading.Go(func() { pageUntil(t, db, over) })
	}
	body := bytes.Repeat([]byte("x"), bodySize)
	var longest int64
	for range commits {
		ch := engine.Change{App: 1}
		for range together {
			ch.Events = append(ch.Events, eventlog.Event{Lane: "r", Command: "c", Callback: true, Body: body})
		}
		commit(t, db, ch)
		info, err := os.Stat(db.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, info.Size())
	}
	close(over)
	reading.Wait()
	if longest >= walLimit {
		t.Errorf("the WAL grew to %d MiB, want less than %d", longest>>20, walLimit>>20)
	}
	t.Logf("the WAL grew to %d MiB", longest>>20)
}

// pageUntil reads the log from its start to its end, page by page, again and again.
func pageUntil(t *testing.T, db *DB, over <-chan struct{}) {
	var after int64
	for {
		select {
		case <-over:
			return
		default:
		}
		page, _, err := db.Read(t.Context(), live.AppID(1), after, delivery.Page{Events: 256, Bytes: 1 << 20})
		if err != nil {
			t.Errorf("read: %v", err)
			return
		}
		if after = 0; len(page) > 0 {
			after = page[len(page)-1].Seq
		}
	}
}
