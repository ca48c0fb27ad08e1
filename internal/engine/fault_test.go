package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

var errDisk = errors.New("disk I/O error")

// times returns a function that fails the first n calls.
func times(n int, err error) func() error {
	return func() error {
		if n--; n >= 0 {
			return err
		}
		return nil
	}
}

// The three ways in which a Commit goes wrong.
func failed(tx engine.Tx, _ []engine.Change) error {
	tx.Rollback()
	return errDisk
}

func unknownAndStored(tx engine.Tx, changes []engine.Change) error {
	if err := tx.Commit(context.Background(), changes); err != nil {
		return err
	}
	return fmt.Errorf("%w: %w", engine.ErrUnknown, errDisk)
}

func unknownAndNotStored(tx engine.Tx, _ []engine.Change) error {
	tx.Rollback()
	return fmt.Errorf("%w: %w", engine.ErrUnknown, errDisk)
}

// Three rooms are created in one group: r1 and r2 of one App, r3 of another.
func TestFaultsOfTheStore(t *testing.T) {
	type commit = func(engine.Tx, []engine.Change) error
	all, none := [3]bool{true, true, true}, [3]bool{}
	for _, c := range []struct {
		name    string
		begin   int      // the first calls of Begin that fail
		load    int      // the first calls of Load that fail
		commits []commit // one for each Commit; nil, and those after the last: as it is
		begun   int      // transactions in which something was loaded
		stored  [3]bool
		done    [3]bool
	}{
		{name: "no fault", begun: 1, stored: all, done: all},
		{name: "Begin fails: each alone", begin: 1, begun: 3, stored: all, done: all},
		{name: "Begin fails again for the first", begin: 2, begun: 2, stored: [3]bool{false, true, true}, done: [3]bool{false, true, true}},
		{name: "Begin fails for all", begin: 99, begun: 0, stored: none, done: none},
		{name: "Load fails: each alone", load: 1, begun: 4, stored: all, done: all},
		{name: "Load fails for all, once each", load: 99, begun: 4, stored: none, done: none},
		{name: "Commit fails: each alone", commits: []commit{failed}, begun: 4, stored: all, done: all},
		{name: "Commit fails for one alone: never a third time", commits: []commit{failed, nil, failed}, begun: 4,
			stored: [3]bool{true, false, true}, done: [3]bool{true, false, true}},
		{name: "Commit fails for all", commits: []commit{failed, failed, failed, failed}, begun: 4, stored: none, done: none},
		{name: "unknown and stored: none again", commits: []commit{unknownAndStored}, begun: 1, stored: all, done: none},
		{name: "unknown and not stored: none again", commits: []commit{unknownAndNotStored}, begun: 1, stored: none, done: none},
		{name: "unknown for one alone", commits: []commit{failed, nil, unknownAndStored}, begun: 4, stored: all, done: [3]bool{true, false, true}},
		{name: "unknown and not stored for one alone", commits: []commit{failed, unknownAndNotStored}, begun: 4,
			stored: [3]bool{false, true, true}, done: [3]bool{false, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, engine.Options{}, func(f *fixture) {
				loads := times(c.load, errDisk)
				f.store.begin = times(c.begin, errDisk)
				f.store.load = func([]engine.Want) error { return loads() }
				f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
					if n := f.store.writes - 1; n < len(c.commits) && c.commits[n] != nil {
						return c.commits[n](tx, changes)
					}
					return tx.Commit(context.Background(), changes)
				}
				list := []*asked{f.ask(app1, create("r1")), f.ask(app1, create("r2")), f.ask(app2, create("r3"))}
				f.stop()
				var stored, done [3]bool
				for i, a := range list {
					<-a.done
					done[i] = a.err == nil
					if a.err != nil && kind(a.err) != live.Unavailable {
						f.Errorf("command %d is answered %v, want the kind Unavailable", i, a.err)
					}
					stored[i] = f.exists([]live.AppID{app1, app1, app2}[i], live.RoomID(fmt.Sprintf("r%d", i+1)))
				}
				f.same("transactions", len(f.store.groups), c.begun)
				f.same("stored", stored, c.stored)
				f.same("done", done, c.done)
				f.same("rooms with an event", logged(f), stored)
				f.same("handed over", len(f.reader.events[app1])+len(f.reader.events[app2]), count(done))
			})
		})
	}
}

// logged tells which of the three rooms have an event in the logs.
func logged(f *fixture) (has [3]bool) {
	for _, id := range []live.AppID{app1, app2} {
		for i, e := range f.log(id) {
			f.same("seq", e.Seq, int64(i+1))
			has[e.Lane[1]-'1'] = true
		}
	}
	return has
}

func count(flags [3]bool) (n int) {
	for _, flag := range flags {
		if flag {
			n++
		}
	}
	return n
}

// Another process may have been in the way, for instance by changing the settings meanwhile.
func TestCommandThatFailedAloneIsRunAgainOnce(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.store.commit = failed
		a := f.ask(app1, create("r"))
		f.stop()
		f.says(a, "nothing was done")
		f.same("transactions", len(f.store.groups), 2)
	})
}

// poison is a command whose rule breaks: its error is no refusal.
type poison struct{ live.DestroyRoom }

func (poison) Apply(live.State, live.Actor, time.Time) (live.Outcome, error) {
	return live.Outcome{}, errDisk
}

func TestPoisonousCommandFailsAloneAndItsNeighboursSucceed(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		before, bad := f.ask(app1, create("before")), f.ask(app1, poison{live.DestroyRoom{Room: "r"}})
		after := f.ask(app1, create("after"))
		f.stop()
		<-before.done
		<-bad.done
		<-after.done
		f.must(before.err)
		f.must(after.err)
		f.same("the poisonous command", kind(bad.err), live.Unavailable)
		f.same("log", lanes(f.log(app1)), []string{"before", "after"})
		f.same("transactions: all, then each alone", len(f.store.groups), 4)
	})
}
