package feed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/engine"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/pgtest"
	"github.com/callboard/callboard/internal/postgres"
	"github.com/callboard/callboard/internal/sqlite"
	"github.com/callboard/callboard/internal/wire"
)

const (
	testApp   = live.AppID(1400000001)
	testToken = "0123456789abcdef"
	readToken = "reads0123456789a"
	testLog   = "abcdefgh"
)

var actor = live.Actor{Account: "administrator", ClientIP: "192.0.2.1", Platform: live.PlatformREST, Cause: "Id-1"}

// store is a real one, whose log can be read and forgotten as well.
type store interface {
	engine.Store
	delivery.Log
	delivery.Retention
	feed.Log
	Room(ctx context.Context, app live.AppID, id live.RoomID) (*live.Room, error)
	Close() error
}

// world is a feed over an engine on a real store.
type world struct {
	testing.TB
	db     store
	engine *engine.Engine
	feed   *feed.Handler
	end    func()               // stops everything, once
	alice  map[live.RoomID]bool // where she is an administrator
}

func openSQLite(t testing.TB) store {
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: filepath.Join(t.TempDir(), "callboard.db")})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func openPostgres(t testing.TB) store {
	db, err := postgres.Open(t.Context(), postgres.Options{URL: pgtest.Database(t)})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// stores are all there are, by name.
var stores = map[string]func(testing.TB) store{"SQLite": openSQLite, "PostgreSQL": openPostgres}

func newWorld(t testing.TB, db store, options ...func(*feed.Options)) *world {
	t.Helper()
	w := &world{TB: t, db: db, alice: map[live.RoomID]bool{}}
	opt := feed.Options{Log: db, Gate: access.NewGate(0, nil), Settings: func(id live.AppID) *live.App { return w.engine.App(id) }}
	for _, o := range options {
		o(&opt)
	}
	w.feed = feed.New(opt)
	w.engine = engine.New(engine.Options{Store: db, Reader: engine.Readers{w.feed}})
	var running sync.WaitGroup
	running.Go(func() { w.engine.Run(context.Background()) })
	w.end = sync.OnceFunc(func() {
		w.feed.Close()
		w.engine.Stop()
		running.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(w.end)
	w.createApp()
	return w
}

// createApp makes the App with a log of a known id, and then its settings known to the engine.
func (w *world) createApp() {
	w.Helper()
	app := &live.App{ID: testApp, Tokens: []string{testToken}, ReadTokens: []string{readToken}, Callback: &live.Callback{URL: "http://192.0.2.1/", Commands: wire.Commands()}}
	tx, err := w.db.Begin(w.Context())
	w.must(err)
	defer tx.Rollback()
	_, err = tx.Load(w.Context(), []engine.Want{{App: testApp, Settings: true}})
	w.must(err)
	w.must(tx.Commit(w.Context(), []engine.Change{{App: testApp, Settings: app, NewLog: testLog}}))
	w.must(w.engine.Load(w.Context()))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) do(cmd live.Command) {
	w.Helper()
	_, err := w.engine.Do(context.Background(), testApp, actor, cmd)
	w.must(err)
}

// create makes a room: one event.
func (w *world) create(id live.RoomID) {
	w.Helper()
	w.do(live.CreateRoom{Room: id, Type: live.RoomType})
}

// modify changes the administrators of a room n times: n events.
func (w *world) modify(id live.RoomID, n int) {
	w.Helper()
	for range n {
		op := live.AddAdministrators
		if w.alice[id] {
			op = live.DeleteAdministrators
		}
		w.do(live.ModifyAdmin{Room: id, Accounts: []live.Account{"alice"}, Op: op})
		w.alice[id] = !w.alice[id]
	}
}

// append logs events of a room without the engine, as another process does.
func (w *world) append(events ...eventlog.Event) {
	w.Helper()
	tx, err := w.db.Begin(w.Context())
	w.must(err)
	defer tx.Rollback()
	_, err = tx.Load(w.Context(), []engine.Want{{App: testApp}})
	w.must(err)
	w.must(tx.Commit(w.Context(), []engine.Change{{App: testApp, Events: events}}))
}

func event(lane eventlog.Lane, body string) eventlog.Event {
	return eventlog.Event{Lane: lane, RoomSeq: 1, Command: "Live.CallbackAfterModifyAdmin", Callback: true, Time: 1_700_000_000_000, Body: []byte(body)}
}

// forget settles all of the log and forgets it up to a number.
func (w *world) forget(to int64) {
	w.Helper()
	b, err := w.db.Bounds(w.Context(), testApp)
	w.must(err)
	w.settle(delivery.Settlement{Cursor: eventlog.NewCursor(b.Head)})
	_, err = w.db.Forget(w.Context(), testApp, to, 1000)
	w.must(err)
}

// settle stores a settlement of the callback reader.
func (w *world) settle(s delivery.Settlement) {
	w.Helper()
	s.Reader = delivery.ReaderID{App: testApp, Name: delivery.CallbackReader}
	p, err := w.db.Open(w.Context(), s.Reader)
	w.must(err)
	s.Fence = p.Fence
	_, err = w.db.Settle(w.Context(), []delivery.Settlement{s})
	w.must(err)
}

// request makes a call with the token.
func request(ctx context.Context, method, path, body string) *http.Request {
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	req := httptest.NewRequestWithContext(ctx, method, call.Prefix+path+separator+"sdkappid="+testApp.String(), strings.NewReader(body))
	req.Header.Set("Authorization", "Bearer "+testToken)
	return req
}

// get makes a call and returns status and body.
func (w *world) get(call string) (status int, body string) {
	w.Helper()
	return w.call(request(context.Background(), http.MethodGet, call, ""))
}

func (w *world) post(call, body string) (status int, answer string) {
	w.Helper()
	return w.call(request(context.Background(), http.MethodPost, call, body))
}

func (w *world) call(req *http.Request) (status int, body string) {
	w.Helper()
	rec := httptest.NewRecorder()
	w.feed.ServeHTTP(rec, req)
	return rec.Code, rec.Body.String()
}

// page is the answer of events.
type page struct {
	Log    string
	Events []told
	Next   string
	Head   string
}

// told is an event as the feed tells it.
type told struct {
	ID        string `json:"Id"`
	Seq       int64
	Prev      int64
	Lane      eventlog.Lane
	RoomSeq   int64
	RoomPrev  int64
	RoomState string
	Command   string
	Callback  bool
	Operator  string
	Cause     string
	Body      json.RawMessage
}

func (w *world) page(call string) page {
	w.Helper()
	status, body := w.get(call)
	return w.readPage(status, body)
}

func (w *world) readPage(status int, body string) page {
	w.Helper()
	var p page
	if err := json.Unmarshal([]byte(body), &p); err != nil || status != http.StatusOK {
		w.Fatalf("answer %d %s: %v", status, body, err)
	}
	return p
}

func (p *page) seqs() []int64 {
	var list []int64
	for i := range p.Events {
		list = append(list, p.Events[i].Seq)
	}
	return list
}

// wantPage compares the numbers of a page, its Next and its Head.
func (w *world) wantPage(call string, seqs []int64, next, head int64) {
	w.Helper()
	p := w.page(call)
	type shape struct {
		Seqs            []int64
		Log, Next, Head string
	}
	at := func(seq int64) string { return fmt.Sprintf("%s.%d", testLog, seq) }
	want := shape{seqs, testLog, at(next), at(head)}
	if diff := cmp.Diff(want, shape{p.seqs(), p.Log, p.Next, p.Head}); diff != "" {
		w.Errorf("%s (-want +got):\n%s", call, diff)
	}
}
