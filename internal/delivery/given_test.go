package delivery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/sqlite"
)

const (
	app1 = live.AppID(1400000001)
	app2 = live.AppID(1400000002)

	secretToken = "token-that-nobody-may-read"
	secretURL   = "http://user:password@127.0.0.1:9000/callback?secret=query"
)

// tb is what tests, benchmarks and models share.
type tb interface {
	Helper()
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// world is a server without its edges: a real store, the engine and the dispatcher, before an App backend that is a
// function. It lives in a synctest bubble: time passes only when everybody waits.
type world struct {
	t       tb
	path    string
	db      *sqlite.DB
	store   *faultyLog
	eng     *engine.Engine
	ran     chan struct{}
	d       *delivery.Dispatcher
	backend *backend
	logs    *lines
	hidden  atomic.Pointer[func(*live.App)]
	looked  atomic.Int64 // how often the settings were looked at: each turn of a reader does
	began   time.Time

	// To be set before boot.
	options func(*delivery.Options)
	tap     func([]eventlog.Event) bool // false: the hand-over is lost
}

// inWorld runs a test in a world with one App, whose backend accepts everything.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	inWorldWith(t, nil, test)
}

func inWorldWith(t *testing.T, options func(*delivery.Options), test func(w *world)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dir)
		w.options = options
		w.boot()
		defer w.shut()
		defer func() {
			if t.Failed() {
				t.Logf("the log of the server:\n%s", strings.Join(w.logs.with(""), ""))
			}
		}()
		w.configure(app1, nil)
		test(w)
	})
}

func newWorld(t tb, dir string) *world {
	return &world{t: t, path: filepath.Join(dir, "callboard.db"), backend: newBackend(), logs: &lines{}, began: time.Now()}
}

// boot opens the store and starts everything, as server does.
func (w *world) boot() {
	w.t.Helper()
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: w.path})
	if err != nil {
		w.t.Fatal(err)
	}
	w.db, w.store = db, &faultyLog{Log: db}
	opt := delivery.Options{
		Log: w.store, Sender: w.backend, Settings: w.settings,
		Logger: slog.New(slog.NewTextHandler(w.logs, nil)), Jitter: func() float64 { return 0 },
	}
	if w.options != nil {
		w.options(&opt)
	}
	w.d = delivery.New(opt)
	w.eng = engine.New(engine.Options{Store: db, Reader: w})
	if err := w.eng.Load(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.ran = make(chan struct{})
	go func() {
		defer close(w.ran)
		w.eng.Run(context.Background())
	}()
	if err := w.d.Start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
}

// settings are those of the engine, or what hide makes of them.
func (w *world) settings(id live.AppID) *live.App {
	w.looked.Add(1)
	app := w.eng.App(id)
	if edit := w.hidden.Load(); edit != nil && *edit != nil {
		other := *app
		(*edit)(&other)
		return &other
	}
	return app
}

// hide makes delivery see other settings than the engine; nil ends it.
func (w *world) hide(edit func(*live.App)) { w.hidden.Store(&edit) }

// SettingsChanged implements engine.Reader.
func (w *world) SettingsChanged(app live.AppID) { w.d.SettingsChanged(app) }

// HandOver implements engine.Reader.
func (w *world) HandOver(app live.AppID, events []eventlog.Event) {
	if w.tap == nil || w.tap(events) {
		w.d.HandOver(app, events)
	}
}

func (w *world) shut() {
	w.t.Helper()
	w.d.Stop()
	w.end()
}

// end closes what is left when the dispatcher was stopped.
func (w *world) end() {
	w.t.Helper()
	w.eng.Stop()
	<-w.ran
	if err := w.db.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) restart() {
	w.t.Helper()
	w.shut()
	w.boot()
}

// configure makes an App, or changes its settings.
func (w *world) configure(id live.AppID, edit func(*live.App)) {
	w.t.Helper()
	app := live.App{
		ID: id, Callback: &live.Callback{URL: secretURL, Commands: []string{string(callback.CommandAfterModifyAdmin)}},
		Delivery: live.Delivery{Profile: live.Durable, Timeout: 5 * time.Second, Concurrency: 64},
	}
	if before := w.eng.App(id); before != nil {
		app = *before
	}
	if edit != nil {
		edit(&app)
	}
	w.do(id, live.ConfigureApp{App: app})
}

func (w *world) resumeOf(id live.AppID) {
	w.t.Helper()
	if err := w.d.Resume(context.Background(), delivery.ReaderID{App: id, Name: delivery.CallbackReader}); err != nil {
		w.t.Fatalf("resume: %v", err)
	}
}

func (w *world) do(id live.AppID, cmd live.Command) live.Outcome {
	w.t.Helper()
	out, err := w.eng.Do(context.Background(), id, live.Actor{Account: "administrator", Cause: "request"}, cmd)
	if err != nil {
		w.t.Fatalf("%s: %v", cmd.Name(), err)
	}
	return out
}

// create makes rooms, which is not called back.
func (w *world) create(rooms ...live.RoomID) {
	w.t.Helper()
	for _, id := range rooms {
		w.do(app1, live.CreateRoom{Room: id, Type: live.RoomType, Owner: "owner"})
	}
}

// modify changes the administrators of a room so often, each time with a callback.
func (w *world) modify(room live.RoomID, times int) {
	w.t.Helper()
	w.modifyOf(app1, room, times)
}

func (w *world) modifyOf(id live.AppID, room live.RoomID, times int) {
	w.t.Helper()
	for range times {
		cmd := live.ModifyAdmin{Room: room, Accounts: []live.Account{"ann"}, Op: live.AddAdministrators}
		if len(w.do(id, cmd).Events) == 0 {
			cmd.Op = live.DeleteAdministrators
			w.do(id, cmd)
		}
	}
}

// crowd makes n rooms and changes each once, all at the same time.
func (w *world) crowd(n int) { w.crowdOf(app1, "crowd", n, 1) }

// crowdOf makes n rooms of an App, named after name, and changes each so often, all rooms at the same time.
func (w *world) crowdOf(app live.AppID, name string, n, times int) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			id, by := live.RoomID(fmt.Sprintf("%s-%d", name, i)), live.Actor{Account: "administrator"}
			_, err := w.eng.Do(context.Background(), app, by, live.CreateRoom{Room: id, Type: live.RoomType, Owner: "owner"})
			ops := []live.AdminOp{live.AddAdministrators, live.DeleteAdministrators}
			for k := range times {
				_, changed := w.eng.Do(context.Background(), app, by, live.ModifyAdmin{Room: id, Accounts: []live.Account{"ann"}, Op: ops[k%2]})
				err = errors.Join(err, changed)
			}
			if err != nil {
				w.t.Errorf("room %s: %v", id, err)
			}
		})
	}
	all.Wait()
}

// pass lets time pass, and then everybody come to rest.
func (w *world) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// wantCalls compares what the App backend was asked since it was compared last.
func (w *world) wantCalls(want ...string) {
	w.t.Helper()
	synctest.Wait()
	if diff := cmp.Diff(want, names(w.backend.take())); diff != "" {
		w.t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// with returns the lines that hold a fragment.
func (l *lines) with(fragment string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, fragment) {
			found = append(found, line)
		}
	}
	return found
}
