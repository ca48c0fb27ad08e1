package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/sqlite"
	"github.com/callboard/callboard/internal/wire"
)

const (
	app1 live.AppID = 1400000001
	app2 live.AppID = 1400000002
)

var actor = live.Actor{Account: "administrator", ClientIP: "192.0.2.1", Platform: live.PlatformREST, Cause: "request"}

// faults is a real store whose calls can be made to fail. Its functions are called by the committers; nil: no fault.
type faults struct {
	engine.Store
	begin  func() error
	load   func([]engine.Want) error
	loaded func(tx engine.Tx, wants []engine.Want)           // after Load
	commit func(tx engine.Tx, changes []engine.Change) error // in place of the Commit of tx

	mu     sync.Mutex
	groups [][]engine.Want // what was loaded, by transaction
	writes int             // commits that were asked for
}

func (f *faults) Begin(ctx context.Context) (engine.Tx, error) {
	if f.begin != nil {
		if err := f.begin(); err != nil {
			return nil, err
		}
	}
	tx, err := f.Store.Begin(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyTx{Tx: tx, f: f}, nil
}

type faultyTx struct {
	engine.Tx
	f *faults
}

func (t *faultyTx) Load(ctx context.Context, wants []engine.Want) ([]engine.Loaded, error) {
	t.f.note(func() { t.f.groups = append(t.f.groups, wants) })
	if t.f.load != nil {
		if err := t.f.load(wants); err != nil {
			return nil, err
		}
	}
	loaded, err := t.Tx.Load(ctx, wants)
	if t.f.loaded != nil {
		t.f.loaded(t.Tx, wants)
	}
	return loaded, err
}

func (t *faultyTx) Commit(ctx context.Context, changes []engine.Change) error {
	t.f.note(func() { t.f.writes++ })
	if t.f.commit != nil {
		return t.f.commit(t.Tx, changes)
	}
	return t.Tx.Commit(ctx, changes)
}

func (f *faults) note(what func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what()
}

// recorder is a reader that notes what it was handed.
type recorder struct {
	before func(live.AppID, []eventlog.Event)

	mu      sync.Mutex
	events  map[live.AppID][]eventlog.Event
	woken   []live.AppID // Apps that were handed nothing: their log has to be read
	changed []live.AppID // told of new settings
}

func (r *recorder) SettingsChanged(app live.AppID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changed = append(r.changed, app)
}

func (r *recorder) HandOver(app live.AppID, events []eventlog.Event) {
	if r.before != nil {
		r.before(app, events)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(events) == 0 {
		r.woken = append(r.woken, app)
	}
	r.events[app] = append(r.events[app], events...)
}

// fixture is an engine on a real database. Its committers do not run before start.
type fixture struct {
	testing.TB
	db      *sqlite.DB
	store   *faults
	reader  *recorder
	engine  *engine.Engine
	running chan struct{}
}

// bubble runs a test in a bubble of synctest, so that ask knows when a command waits, and time is the test's.
func bubble(t *testing.T, opt engine.Options, test func(*fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newFixture(t, opt)) })
}

func newFixture(t testing.TB, opt engine.Options) *fixture {
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "callboard.db")})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{TB: t, db: db, store: &faults{Store: db}, reader: &recorder{events: map[live.AppID][]eventlog.Event{}}}
	opt.Store, opt.Reader = f.store, f.reader
	f.engine = engine.New(opt)
	t.Cleanup(func() {
		f.stop()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	f.configure(app1, wire.Commands()...)
	f.configure(app2, wire.Commands()...)
	return f
}

// configure creates an App in the database, without the engine, with the switches of its callback.
func (f *fixture) configure(id live.AppID, commands ...string) {
	f.Helper()
	tx, err := f.db.Begin(f.Context())
	f.must(err)
	settings := &live.App{ID: id, Key: "key", Callback: &live.Callback{URL: "http://192.0.2.1/", Commands: commands}}
	f.must(tx.Commit(f.Context(), []engine.Change{{App: id, Settings: settings, NewLog: eventlog.NewLogID()}}))
}

func (f *fixture) start() {
	f.running = make(chan struct{})
	go func() {
		defer close(f.running)
		f.engine.Run(context.Background())
	}()
}

// stop answers what waits and ends the committers, whose notes may be read then.
func (f *fixture) stop() {
	f.engine.Stop()
	if f.running == nil {
		f.start()
	}
	<-f.running
}

// asked is a command on its way.
type asked struct {
	done chan struct{} // closed by the answer
	out  live.Outcome
	err  error
	took time.Duration
}

// ask runs a command in a goroutine of its own and returns when it waits.
func (f *fixture) ask(app live.AppID, cmd live.Command) *asked {
	return f.askWith(f.Context(), app, cmd)
}

func (f *fixture) askWith(ctx context.Context, app live.AppID, cmd live.Command) *asked {
	a := &asked{done: make(chan struct{})}
	start := time.Now()
	go func() {
		defer close(a.done)
		a.out, a.err = f.engine.Do(ctx, app, actor, cmd)
		a.took = time.Since(start)
	}()
	synctest.Wait()
	return a
}

func (a *asked) answered() bool {
	select {
	case <-a.done:
		return true
	default:
		return false
	}
}

// finish waits for the answers to commands and expects all of them to be done.
func (f *fixture) finish(list ...*asked) {
	f.Helper()
	for i, a := range list {
		<-a.done
		if a.err != nil {
			f.Errorf("command %d: %v", i, a.err)
		}
	}
}

// do runs a command to its end and expects it to be done.
func (f *fixture) do(app live.AppID, cmd live.Command) live.Outcome {
	f.Helper()
	out, err := f.engine.Do(f.Context(), app, actor, cmd)
	f.must(err)
	return out
}

func (f *fixture) must(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) same(what string, got, want any) {
	f.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		f.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// kind of a refusal, 0 when there is none.
func kind(err error) live.Kind {
	var refusal *live.Error
	if errors.As(err, &refusal) {
		return refusal.Kind
	}
	return 0
}

// log reads the log of an App.
func (f *fixture) log(app live.AppID) []eventlog.Event {
	f.Helper()
	events, _, err := f.db.Read(f.Context(), app, 0, delivery.Page{Events: 1000, Bytes: 1 << 24})
	f.must(err)
	return events
}

// lanes are the rooms whose events are in the log, in order.
func lanes(events []eventlog.Event) []string {
	var list []string
	for _, e := range events {
		list = append(list, string(e.Lane))
	}
	return list
}

func (f *fixture) exists(app live.AppID, id live.RoomID) bool {
	f.Helper()
	room, err := f.db.Room(f.Context(), app, id)
	f.must(err)
	return room != nil
}

func create(id live.RoomID) live.CreateRoom { return live.CreateRoom{Room: id, Type: live.RoomType} }

func appoint(id live.RoomID, accounts ...live.Account) live.ModifyAdmin {
	return live.ModifyAdmin{Room: id, Accounts: accounts, Op: live.AddAdministrators}
}

// pass moves the clock of a bubble.
func (f *fixture) pass(d time.Duration) { <-time.After(d) }
