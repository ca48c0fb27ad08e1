package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/sqlite"
)

// update changes the callback URL.
func update(url string) live.UpdateCallback {
	return live.UpdateCallback{Callback: live.Callback{URL: url, Commands: []string{"any"}}}
}

// What the edges and delivery read must not stay behind what is stored, also when the store is away for a while.
func TestSettingsOfAnUnknownCommitAreReadAgain(t *testing.T) {
	for _, committers := range []int{1, 3} {
		t.Run(fmt.Sprintf("committers=%d", committers), func(t *testing.T) {
			bubble(t, engine.Options{Committers: committers}, func(f *fixture) {
				f.must(f.engine.Load(f.Context()))
				away := times(3, sqlite.ErrAway)
				f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
					f.store.begin = away
					return unknownAndStored(tx, changes)
				}
				f.start()
				f.says(f.ask(app1, live.DeleteCallback{}), "not known")
				if f.engine.App(app1).Callback == nil {
					f.Error("the settings changed before they were read again")
				}
				<-time.After(5 * time.Second)
				if c := f.engine.App(app1).Callback; c != nil {
					f.Errorf("the callback is still %v", c)
				}
				f.stop()
				f.same("Apps whose readers were told of new settings", f.reader.changed, []live.AppID{app1})
			})
		})
	}
}

// A callback of a commit that is stored after all must not wait for the next event of its App.
func TestReadersAreWokenWhenTheOutcomeIsUnknown(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.store.commit = unknownAndStored
		a, b := f.ask(app1, create("r")), f.ask(app2, create("r"))
		f.start()
		f.says(a, "not known")
		f.says(b, "not known")
		synctest.Wait()
		f.stop()
		f.same("Apps whose log has to be read", f.reader.woken, []live.AppID{app1, app2})
	})
}

// The settings are read, and before they are made known, somebody wants to change them.
func TestSettingsThatAreReadAgainDoNotOverwriteNewerOnes(t *testing.T) {
	bubble(t, engine.Options{Committers: 3}, func(f *fixture) {
		f.must(f.engine.Load(f.Context()))
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			f.store.commit = nil
			return unknownAndNotStored(tx, changes)
		}
		read, release := make(chan struct{}), make(chan struct{})
		loads := 0
		f.store.loaded = func(tx engine.Tx, _ []engine.Want) {
			if loads++; loads == 2 {
				tx.Rollback() // another writer could have SQLite now
				close(read)
				<-release
			}
		}
		f.start()
		f.says(f.ask(app1, update("http://192.0.2.2/")), "not known")
		<-read
		newer := f.ask(app1, update("http://192.0.2.3/"))
		if newer.answered() {
			f.Error("the settings changed while the App had a group under way")
		}
		close(release)
		f.finish(newer)
		synctest.Wait()
		f.same("URL", f.engine.App(app1).Callback.URL, "http://192.0.2.3/")
	})
}

// One settings command after the other, of several Apps at the same time, on a store where anything fails.
func TestSettingsAreThoseOfTheStoreInTheEnd(t *testing.T) {
	bubble(t, engine.Options{Committers: 3}, func(f *fixture) {
		f.must(f.engine.Load(f.Context()))
		f.store.load = func([]engine.Want) error {
			if rand.N(4) == 0 {
				return errDisk
			}
			return nil
		}
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			switch rand.N(4) {
			case 0:
				return unknownAndNotStored(tx, changes)
			case 1:
				moment()
				return unknownAndStored(tx, changes)
			default:
				return f.aside(tx, changes, moment)
			}
		}
		apps := []live.AppID{app1, app2, app3, app4}
		f.configure(app3, "any")
		f.configure(app4, "any")
		f.start()
		for i := range 50 {
			for _, app := range apps {
				f.ask(app, update(fmt.Sprintf("http://192.0.2.1/%d", i)))
			}
			moment()
		}
		<-time.After(time.Minute)
		f.stop()
		for _, app := range apps {
			f.same(fmt.Sprintf("settings of App %d", app), f.engine.App(app), f.stored(app))
		}
	})
}

// stored reads the settings of an App from the database.
func (f *fixture) stored(id live.AppID) *live.App {
	f.Helper()
	var found *live.App
	f.must(f.db.EachApp(context.Background(), func(app *live.App) error {
		if app.ID == id {
			found = app
		}
		return nil
	}))
	return found
}

// One App cannot be read: the others of the same commit do not wait for it.
func TestAppThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.must(f.engine.Load(f.Context()))
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			f.store.load = func(wants []engine.Want) error {
				if wants[0].App == app1 {
					return errDisk
				}
				return nil
			}
			return unknownAndStored(tx, changes)
		}
		a, b := f.ask(app1, live.DeleteCallback{}), f.ask(app2, live.DeleteCallback{})
		f.start()
		f.says(a, "not known")
		f.says(b, "not known")
		<-time.After(5 * time.Second)
		f.same("callback of the App that can be read", f.engine.App(app2).Callback, (*live.Callback)(nil))
		if f.engine.App(app1).Callback == nil {
			f.Error("the other App was read, too")
		}
	})
}

func TestAppThatWasNotStoredAfterAllIsNotThere(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.store.commit = unknownAndNotStored
		f.start()
		f.says(f.ask(app3, live.ConfigureApp{App: live.App{ID: app3}}), "not known")
		synctest.Wait()
		f.stop()
		f.same("transactions: the command and the reread", len(f.store.groups), 2)
		f.same("settings", f.engine.App(app3), (*live.App)(nil))
		f.same("Apps whose readers were told", f.reader.changed, []live.AppID{})
	})
}

func TestStopDoesNotWaitForAStoreThatIsAway(t *testing.T) {
	bubble(t, engine.Options{Committers: 2}, func(f *fixture) {
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			f.store.begin = func() error { return sqlite.ErrAway }
			return unknownAndStored(tx, changes)
		}
		f.start()
		f.says(f.ask(app1, live.DeleteCallback{}), "not known")
		<-time.After(1500 * time.Millisecond)
		start := time.Now()
		f.stop()
		f.same("time of the stop", time.Since(start), time.Duration(0))
	})
}
