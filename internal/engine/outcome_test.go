package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

func TestConcurrentCommandsAreCommittedTogether(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		list := []*asked{f.ask(app2, create("b")), f.ask(app1, create("b")), f.ask(app1, create("a")), f.ask(app1, appoint("a", "x"))}
		f.stop()
		for i, a := range list {
			<-a.done
			if a.err != nil {
				f.Errorf("command %d: %v", i, a.err)
			}
		}
		f.same("transactions", f.store.groups, [][]engine.Want{{
			{App: app1, Rooms: []live.RoomID{"a", "b"}, Create: []bool{true, true}},
			{App: app2, Rooms: []live.RoomID{"b"}, Create: []bool{true}},
		}})
		f.same("log of the first App, in the order of the commands", lanes(f.log(app1)), []string{"b", "a", "a"})
		f.same("log of the second App", lanes(f.log(app2)), []string{"b"})
	})
}

func TestCommandIsDoneRefusedOrUnknown(t *testing.T) {
	fail := errors.New("disk I/O error")
	for _, c := range []struct {
		name   string
		app    live.AppID
		cmd    live.Command
		commit func(engine.Tx, []engine.Change) error
		kind   live.Kind
		says   string
		events int
	}{
		{name: "done", app: app1, cmd: create("r"), events: 1},
		{name: "refused by a rule", app: app1, cmd: appoint("absent", "x"), kind: live.RoomNotFound, says: "absent"},
		{name: "refused by its form", app: app1, cmd: create("no room"), kind: live.InvalidParameter, says: "RoomId"},
		{name: "no such App", app: 7, cmd: create("r"), kind: live.SDKAppIDUnknown, says: "7"},
		{name: "settings of no such App", app: 7, cmd: live.DeleteCallback{}, kind: live.SDKAppIDUnknown},
		{
			name: "the store failed before the commit", app: app1, cmd: create("r"), kind: live.Unavailable, says: "nothing was done",
			commit: func(tx engine.Tx, _ []engine.Change) error { tx.Rollback(); return fail },
		},
		{
			name: "unknown", app: app1, cmd: create("r"), kind: live.Unavailable, says: "not known", events: 1,
			commit: func(tx engine.Tx, changes []engine.Change) error {
				return errors.Join(engine.ErrUnknown, fail, tx.Commit(context.Background(), changes))
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, engine.Options{}, func(f *fixture) {
				f.store.commit = c.commit
				a := f.ask(c.app, c.cmd)
				f.stop()
				<-a.done
				if got := kind(a.err); got != c.kind || c.kind != 0 && !strings.Contains(a.err.Error(), c.says) {
					f.Errorf("answer %v of kind %d, want kind %d and %q", a.err, got, c.kind, c.says)
				}
				if a.err != nil && strings.Contains(a.err.Error(), fail.Error()) {
					f.Errorf("the answer %q has internal text", a.err)
				}
				f.same("events", len(f.log(app1)), c.events)
			})
		})
	}
}

func TestWhatChangesNothingIsNotWritten(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.start()
		f.do(app1, create("r"))
		f.do(app1, appoint("r", "x"))
		f.stop()
		writes := f.store.writes

		f.engine = engine.New(engine.Options{Store: f.store, Reader: f.reader})
		list := []*asked{
			f.ask(app1, create("r")), f.ask(app1, appoint("absent", "y")), f.ask(app1, appoint("r", "x")),
			f.ask(7, create("r")), f.ask(app2, live.SetCallback{Callback: live.Callback{URL: "http://192.0.2.2/"}}),
		}
		f.start()
		f.stop()
		var kinds []live.Kind
		for _, a := range list {
			<-a.done
			kinds = append(kinds, kind(a.err))
		}
		f.same("answers", kinds, []live.Kind{live.RoomExists, live.RoomNotFound, 0, live.SDKAppIDUnknown, live.CallbackExists})
		f.same("commits", f.store.writes, writes)
		f.same("events handed over", len(f.reader.events[app1]), 2)
	})
}

// The second command is refused because of what the first one did: that may never come to be.
func TestRefusalWaitsForTheCommitThatItRestsOn(t *testing.T) {
	for _, c := range []struct {
		name  string
		fails error
		want  [2]live.Kind
	}{
		{"committed", nil, [2]live.Kind{0, live.RoomTaken}},
		{"unknown", engine.ErrUnknown, [2]live.Kind{live.Unavailable, live.Unavailable}},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, engine.Options{}, func(f *fixture) {
				reached, release := make(chan struct{}), make(chan struct{})
				f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
					close(reached)
					<-release
					return errors.Join(c.fails, tx.Commit(context.Background(), changes))
				}
				first := f.ask(app1, create("r"))
				second := f.ask(app1, live.CreateRoom{Room: "r", Type: live.RoomType, Owner: "another"})
				f.start()
				<-reached
				synctest.Wait()
				if first.answered() || second.answered() {
					f.Errorf("answered before the commit: %v, %v", first.answered(), second.answered())
				}
				close(release)
				<-first.done
				<-second.done
				f.same("answers", [2]live.Kind{kind(first.err), kind(second.err)}, c.want)
			})
		})
	}
}

func TestCallerThatLeavesDoesNotRollBackItsNeighbours(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		ctx, leave := context.WithCancel(f.Context())
		release := make(chan struct{})
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			leave()
			<-release
			return tx.Commit(context.Background(), changes)
		}
		leaving, staying := f.askWith(ctx, app1, create("left")), f.ask(app1, create("stayed"))
		f.start()
		<-leaving.done
		f.same("who left is told", kind(leaving.err), live.Unavailable)
		if !strings.Contains(leaving.err.Error(), "not known") {
			f.Errorf("who left is told %q, which does not say that the outcome is not known", leaving.err)
		}
		close(release)
		<-staying.done
		f.must(staying.err)
		f.same("log", lanes(f.log(app1)), []string{"left", "stayed"})
	})
}

func TestCommandOfACallerThatLeftBeforeItsTurnIsNotRun(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		ctx, leave := context.WithCancel(f.Context())
		leaving, staying := f.askWith(ctx, app1, create("left")), f.ask(app1, create("stayed"))
		leave()
		<-leaving.done
		if !strings.Contains(leaving.err.Error(), "nothing was done") {
			f.Errorf("who left is told %q, which does not say that nothing was done", leaving.err)
		}
		f.stop()
		<-staying.done
		f.must(staying.err)
		f.same("log", lanes(f.log(app1)), []string{"stayed"})
	})
}
