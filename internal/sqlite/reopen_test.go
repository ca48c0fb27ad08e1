package sqlite

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Opening anew waits for everybody who is in the store; this is who must not wait for it.
func TestStoreMayBeOpenedAnewWhileAppsAreYielded(t *testing.T) {
	db := openTemp(t)
	createApp(t, db, 1)
	inTime(t, func() {
		err := db.EachApp(t.Context(), func(app *live.App) error {
			if !db.reopen() {
				t.Error(db.Ready())
			}
			_, err := db.Room(t.Context(), app.ID, "r")
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestWritersReadersAndCheckpointsGoOnWhileTheFileIsOpenedAnew(t *testing.T) {
	const rounds = 30
	db := openTemp(t)
	createApp(t, db, 1)
	inTime(t, func() {
		var all sync.WaitGroup
		for name, once := range map[string]func() error{
			"write": func() error {
				return tryCommit(t, db, engine.Change{App: 1, Events: []eventlog.Event{{Lane: "r", Command: "c", Body: []byte("{}")}}})
			},
			"roll back": func() error {
				tx, err := db.Begin(context.Background())
				if err == nil {
					tx.Rollback()
				}
				return err
			},
			"read":  func() error { return db.EachApp(t.Context(), func(*live.App) error { return nil }) },
			"probe": func() error { db.probe(); return db.Ready() },
			"checkpoint": func() error {
				c, err := db.acquire()
				if err != nil {
					return err
				}
				defer db.release()
				db.startWALAnew(c)
				return nil
			},
			"open anew": func() error { db.reopen(); return db.Ready() },
		} {
			for range 2 {
				all.Go(func() {
					for range rounds {
						if err := once(); err != nil {
							t.Errorf("%s: %v", name, err)
							return
						}
					}
				})
			}
		}
		all.Wait()
	})
}

// inTime fails the test when do is blocked for good.
func inTime(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("blocked for a minute")
	}
}
