package engine_test

import (
	"testing"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// limit gives an App a quota, in the database alone: so does another process.
func (f *fixture) limit(id live.AppID, most int64) {
	f.Helper()
	tx, err := f.db.Begin(f.Context())
	f.must(err)
	settings := &live.App{ID: id, Key: "key", MaxRooms: most, Callback: &live.Callback{URL: "http://192.0.2.1/", Commands: wire.Commands()}}
	f.must(tx.Commit(f.Context(), []engine.Change{{App: id, Settings: settings}}))
}

// bodies are those of the App's lane.
func bodies(events []eventlog.Event) []string {
	var list []string
	for _, e := range events {
		if e.Lane == eventlog.AppLane {
			list = append(list, string(e.Body[len(e.Body)-len(`"CurRoomCount":0,"MaxRoomCount":0}`):]))
		}
	}
	return list
}

// A group counts what its own commands make and destroy.
func TestQuotaHoldsWithinAGroup(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		f.limit(app1, 3)
		asked := []*asked{
			f.ask(app1, create("r1")), f.ask(app1, create("r2")), f.ask(app1, create("r3")), f.ask(app1, create("r4")),
			f.ask(app1, live.DestroyRoom{Room: "r1"}), f.ask(app1, create("r5")), f.ask(app1, create("r6")),
			f.ask(app2, create("r1")), f.ask(app2, create("r2")),
		}
		f.start()
		var kinds []live.Kind
		for _, a := range asked {
			<-a.done
			kinds = append(kinds, kind(a.err))
		}
		f.same("refusals", kinds, []live.Kind{0, 0, 0, live.TooManyRooms, 0, 0, live.TooManyRooms, 0, 0})
		f.same("groups", len(f.store.groups), 2) // the first did not know of the quota
		f.same("what is reported", bodies(f.log(app1)), []string{`"CurRoomCount":3,"MaxRoomCount":3}`, `"CurRoomCount":3,"MaxRoomCount":3}`})
		f.same("what the App without a quota reports", bodies(f.log(app2)), []string{})
	})
}

func TestQuotaHoldsFromGroupToGroup(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.limit(app1, 3)
	f.start()
	f.do(app1, create("r1"))
	f.do(app1, create("r2"))
	f.do(app1, create("r3"))
	_, err := f.engine.Do(f.Context(), app1, actor, create("r4"))
	f.same("above the quota", kind(err), live.TooManyRooms)
	f.do(app1, live.DestroyRoom{Room: "r2"})
	f.do(app1, create("r4"))
	f.same("numbers of the App's lane", numbersOf(f.log(app1), eventlog.AppLane), []int64{1, 2})
}

// A quota that a group sets holds for the rooms that the same group makes.
func TestQuotaThatIsSetInAGroupHoldsInIt(t *testing.T) {
	bubble(t, engine.Options{}, func(f *fixture) {
		configured := f.ask(app1, live.ConfigureApp{App: live.App{ID: app1, Key: "key", MaxRooms: 1}})
		first, second := f.ask(app1, create("r1")), f.ask(app1, create("r2"))
		f.start()
		f.finish(configured, first)
		<-second.done
		f.same("above the quota", kind(second.err), live.TooManyRooms)
	})
}

// Rooms are neither counted nor is the App locked where it has no quota: its creations would wait for each other.
func TestNobodyCountsWithoutAQuota(t *testing.T) {
	f := newFixture(t, engine.Options{})
	f.start()
	f.do(app1, create("r1"))
	f.stop()
	for _, group := range f.store.groups {
		for _, want := range group {
			f.same("rooms, lanes and count", []any{want.Rooms, len(want.Lanes), want.Count}, []any{[]live.RoomID{"r1"}, 0, int64(0)})
		}
	}
}

func numbersOf(events []eventlog.Event, lane eventlog.Lane) []int64 {
	var list []int64
	for _, e := range events {
		if e.Lane == lane {
			list = append(list, e.RoomSeq)
		}
	}
	return list
}
