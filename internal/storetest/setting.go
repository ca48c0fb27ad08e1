package storetest

import (
	"errors"
	"reflect"
	"time"

	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/live"
)

func (t *suite) apps() []live.App {
	t.Helper()
	var list []live.App
	t.must(t.s.EachApp(ctx(), func(app *live.App) error {
		list = append(list, *app)
		return nil
	}))
	return list
}

func settingsFields(t *suite) {
	var full live.App
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	full.ID = app1
	plain := live.App{ID: app2}
	t.must(commit(t.s, []engine.Change{
		{App: app1, Settings: &full, NewLog: logOf(app1)}, {App: app2, Settings: &plain, NewLog: logOf(app2)},
	}))
	t.same("EachApp", t.apps(), []live.App{full, plain})
	t.same("Load", t.load(app1).App, &full)
	t.same("Load of an App without settings", t.load(app2).App, &plain)
	if got := t.load(app2).App; got.Callback != nil || got.Token != nil {
		t.Errorf("callback %v and token %v came out of nothing", got.Callback, got.Token)
	}
}

func settingsReplaced(t *suite) {
	t.newApps(app1)
	before := t.load(app1).App // what a store may keep in memory
	for _, next := range []*live.App{
		{ID: app1, Key: "k", Callback: &live.Callback{URL: "http://a/", Commands: []string{modifyAdmin}}},
		{ID: app1, Callback: &live.Callback{URL: "http://b/"}, DiscardTo: 7},
		{ID: app1},
	} {
		t.must(commit(t.s, []engine.Change{{App: app1, Settings: next}}))
		t.same("Load", t.load(app1).App, next)
		t.same("EachApp", t.apps(), []live.App{*next})
	}
	t.same("settings that were loaded before", before, &live.App{ID: app1, Key: "key"})
}

func discardToHead(t *suite) {
	t.newApps(app1, app2)
	next := func(id live.AppID) []engine.Change {
		return []engine.Change{{App: id, Settings: &live.App{ID: id}, DiscardToHead: true}}
	}
	t.write(app1, "r", true, true, false)
	t.write(app2, "r", true)
	changes := next(app1)
	t.must(commit(t.s, changes))
	t.same("DiscardTo as set by Commit", changes[0].Settings.DiscardTo, int64(3))
	t.same("DiscardTo as stored", t.load(app1).App.DiscardTo, int64(3))
	t.same("the next number", seqs(t.write(app1, "r", true)), []int64{4})
	t.same("DiscardTo after the next event", t.load(app1).App.DiscardTo, int64(3))
	t.same("DiscardTo of the other App", t.load(app2).App.DiscardTo, int64(0))
}

func audit(t *suite) {
	t.newApps(app1, app2)
	at := time.UnixMilli(1_750_000_000_123)
	first := engine.Audit{
		At:      at,
		By:      live.Actor{Account: "administrator", ClientIP: "192.0.2.1", Platform: live.PlatformREST, Cause: "request-1"},
		Command: "set_callback", Changed: []string{"callback.url", "callback.commands"},
	}
	second := engine.Audit{At: at, By: live.Actor{Account: live.SystemAccount}, Command: "configure", Changed: []string{"created"}}
	third, fourth := second, second
	third.Discarded, fourth.Discarded = &engine.Discarded{Endpoint: "audit", To: 1 << 40}, &engine.Discarded{}
	t.write(app1, "r", true, true)
	for _, a := range []engine.Audit{first, second, third, fourth} {
		t.must(commit(t.s, []engine.Change{{App: app1, Settings: &live.App{ID: app1}, Audit: []engine.Audit{a}}}))
	}
	fourth.Discarded = &engine.Discarded{To: 2} // the head
	for id, want := range map[live.AppID][]engine.Audit{app1: {first, second, third, fourth}, app2: {}} {
		got, err := t.h.Audit(id)
		t.must(err)
		t.same("audit of "+id.String(), got, want)
	}
}

func eachApp(t *suite) {
	t.same("Apps of an empty database", t.apps(), []live.App{})
	t.newApps(app1, app2, largest)
	var got []live.AppID
	for _, app := range t.apps() {
		got = append(got, app.ID)
	}
	t.same("Apps", got, []live.AppID{app1, app2, largest})
	stop := errors.New("stop")
	calls := 0
	err := t.s.EachApp(ctx(), func(*live.App) error {
		calls++
		return stop
	})
	t.fails("EachApp", err, stop)
	t.same("calls after an error", calls, 1)
}
