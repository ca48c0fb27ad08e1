package engine_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

const (
	app3 live.AppID = 1400000003
	app4 live.AppID = 1400000004
)

// aside commits changes as a store does in which Apps do not wait for each other: while wait runs, the one writer of SQLite
// is free.
func (f *fixture) aside(tx engine.Tx, changes []engine.Change, wait func()) error {
	tx.Rollback()
	wait()
	own, err := f.db.Begin(context.Background())
	if err != nil {
		return err
	}
	return own.Commit(context.Background(), changes)
}

func TestAppDoesNotWaitForTheCommitOfAnother(t *testing.T) {
	bubble(t, engine.Options{Committers: 2}, func(f *fixture) {
		release := make(chan struct{})
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			return f.aside(tx, changes, func() {
				if changes[0].App == app1 {
					<-release
				}
			})
		}
		f.start()
		hanging := f.ask(app1, create("r"))
		waiting := f.ask(app1, create("s"))
		start := time.Now()
		f.do(app2, create("r"))
		f.do(app2, create("s"))
		f.same("time that a command took which came alone", time.Since(start), time.Duration(0))
		if hanging.answered() || waiting.answered() {
			f.Errorf("answered before the commit: %v, %v", hanging.answered(), waiting.answered())
		}
		close(release)
		f.finish(hanging, waiting)
	})
}

func TestWhatComesDuringTheCommitOfItsAppIsCommittedTogether(t *testing.T) {
	bubble(t, engine.Options{Committers: 3}, func(f *fixture) {
		release := make(chan struct{})
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			return f.aside(tx, changes, func() { <-release })
		}
		f.start()
		list := []*asked{f.ask(app1, create("a")), f.ask(app1, create("b")), f.ask(app1, create("c")), f.ask(app1, create("d"))}
		close(release)
		f.finish(list...)
		f.stop()
		var got [][]live.RoomID
		for _, group := range f.store.groups {
			got = append(got, group[0].Rooms)
		}
		f.same("rooms by group", got, [][]live.RoomID{{"a"}, {"b", "c", "d"}})
	})
}

// traffic notes how many groups are between Commit and the end of the hand-over.
type traffic struct {
	mu   sync.Mutex
	now  map[live.AppID]int
	most map[live.AppID]int // of one App
	all  int                // of all Apps, at most
}

func (c *traffic) enter(app live.AppID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[app]++
	c.most[app] = max(c.most[app], c.now[app])
	sum := 0
	for n := range maps.Values(c.now) {
		sum += n
	}
	c.all = max(c.all, sum)
}

func (c *traffic) leave(app live.AppID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now[app]--
}

// Commits and hand-overs take some time, each another one, and commands come all the while.
func TestCommandsAndEventsOfAnAppKeepTheirOrderWhoeverCommits(t *testing.T) {
	const committers, apps, commands = 3, 5, 40
	bubble(t, engine.Options{Committers: committers, GroupLimit: 4, Wait: time.Hour}, func(f *fixture) {
		c := &traffic{now: map[live.AppID]int{}, most: map[live.AppID]int{}}
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			c.enter(changes[0].App)
			return f.aside(tx, changes, moment)
		}
		f.reader.before = func(app live.AppID, _ []eventlog.Event) {
			moment()
			c.leave(app)
		}
		for app := live.AppID(1); app <= apps; app++ {
			f.configure(app, "any")
		}
		f.start()
		var list []*asked
		var want []string
		for i := range commands {
			room := live.RoomID(fmt.Sprintf("r%d", i))
			want = append(want, string(room))
			for app := live.AppID(1); app <= apps; app++ {
				list = append(list, f.ask(app, create(room)))
			}
			if i%4 == 0 {
				moment()
			}
		}
		f.finish(list...)
		f.stop()
		for app := live.AppID(1); app <= apps; app++ {
			f.same(fmt.Sprintf("rooms in the log of App %d", app), lanes(f.log(app)), want)
			f.same(fmt.Sprintf("events of App %d as handed over", app), f.reader.events[app], f.log(app))
			f.same(fmt.Sprintf("groups of App %d under way at the same time", app), c.most[app], 1)
		}
		f.same("groups under way at the same time", c.all, committers)
	})
}

// moment passes some time of the bubble.
func moment() { <-time.After(rand.N(20 * time.Millisecond)) }

func TestAppsAreServedInTurnByAllCommitters(t *testing.T) {
	bubble(t, engine.Options{Committers: 2, GroupLimit: 2, Wait: time.Hour}, func(f *fixture) {
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			return f.aside(tx, changes, func() { <-time.After(time.Second) })
		}
		f.configure(app3, "any")
		f.configure(app4, "any")
		var list []*asked
		for i := range 6 {
			list = append(list, f.ask(app1, create(live.RoomID(fmt.Sprintf("hot%d", i)))))
		}
		for _, app := range []live.AppID{app2, app3, app4} {
			list = append(list, f.ask(app, create("r")))
		}
		f.start()
		f.finish(list...)
		var got []float64
		for _, a := range list {
			got = append(got, a.took.Seconds())
		}
		f.same("seconds until each answer: six of the hot App, one of each other", got, []float64{1, 1, 3, 3, 4, 4, 1, 2, 2})
	})
}

func TestStopAnswersWhatWaitsForAllCommitters(t *testing.T) {
	bubble(t, engine.Options{Committers: 3}, func(f *fixture) {
		release := make(chan struct{})
		f.store.commit = func(tx engine.Tx, changes []engine.Change) error {
			return f.aside(tx, changes, func() { <-release })
		}
		apps := []live.AppID{app1, app2, app3, app4} // one more than committers
		f.configure(app3, "any")
		f.configure(app4, "any")
		f.start()
		var list []*asked
		for _, room := range []live.RoomID{"running", "waiting"} {
			for _, app := range apps {
				list = append(list, f.ask(app, create(room)))
			}
		}
		f.engine.Stop()
		f.says(f.ask(app1, create("late")), "stopping")
		if i := slices.IndexFunc(list, (*asked).answered); i >= 0 {
			f.Errorf("command %d is answered before its commit", i)
		}
		close(release)
		<-f.running
		f.finish(list...)
		for _, app := range apps {
			f.same("log", lanes(f.log(app)), []string{"running", "waiting"})
		}
	})
}
