package feed_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
)

// faulty is a store with which something happens. Its functions may be replaced while it is in use; nil: nothing happens.
type faulty struct {
	store
	mu     sync.Mutex
	bounds func(feed.Bounds) (feed.Bounds, error) // after Bounds
	events func() error                           // before events are read
}

func (f *faulty) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *faulty) Bounds(ctx context.Context, app live.AppID) (feed.Bounds, error) {
	b, err := f.store.Bounds(ctx, app)
	f.mu.Lock()
	after := f.bounds
	f.mu.Unlock()
	if after == nil || err != nil {
		return b, err
	}
	return after(b)
}

func (f *faulty) before() error {
	f.mu.Lock()
	before := f.events
	f.mu.Unlock()
	if before == nil {
		return nil
	}
	return before()
}

func (f *faulty) EventsAfter(ctx context.Context, app live.AppID, after int64, page feed.Page) ([]eventlog.Event, bool, error) {
	if err := f.before(); err != nil {
		return nil, false, err
	}
	return f.store.EventsAfter(ctx, app, after, page)
}

func (f *faulty) LaneEventsAfter(ctx context.Context, app live.AppID, lane eventlog.Lane, after int64, page feed.Page) ([]eventlog.Event, bool, error) {
	if err := f.before(); err != nil {
		return nil, false, err
	}
	return f.store.LaneEventsAfter(ctx, app, lane, after, page)
}

// faultBubble runs a test on a faulty store, with a clock of its own.
func faultBubble(t *testing.T, test func(*world, *faulty)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{store: openSQLite(t)}
		w := newWorld(t, f)
		defer w.end()
		test(w, f)
	})
}

var errStore = errors.New("secret of a store")

func TestWhatIsForgottenWhileAPageIsReadIsNotLeftOutSilently(t *testing.T) {
	for _, call := range []string{"events?after=abcdefgh.1", "events?after=abcdefgh.1&lane=r1"} {
		for name, to := range map[string]int64{"a part": 3, "all": 5} {
			t.Run(call+" "+name, func(t *testing.T) {
				f := &faulty{store: openSQLite(t)}
				w := newWorld(t, f)
				w.create("r1")
				w.modify("r1", 4)
				f.set(func() {
					f.events = func() error {
						w.forget(to)
						return nil
					}
				})
				if status, body := w.get(call); status != http.StatusGone {
					t.Errorf("answer %d %s, want 410", status, body)
				}
			})
		}
	}
}

func TestWhenTheStoreFailsACallIsRefusedWithoutItsText(t *testing.T) {
	f := &faulty{store: openSQLite(t)}
	w := newWorld(t, f)
	f.set(func() { f.bounds = func(feed.Bounds) (feed.Bounds, error) { return feed.Bounds{}, errStore } })
	for _, call := range []string{"events", "events?lane=r1", "snapshot", "head"} {
		if status, body := w.get(call); status != http.StatusServiceUnavailable || strings.Contains(body, "secret") {
			t.Errorf("%s: %d %s, want 503 without the text of the store", call, status, body)
		}
	}
	if status, body := w.post("verify", `{"Log":"abcdefgh"}`); status != http.StatusServiceUnavailable || strings.Contains(body, "secret") {
		t.Errorf("verify: %d %s", status, body)
	}
}

func TestAPageThatTheStoreCutsShortGoesOnAtNext(t *testing.T) {
	f := &faulty{store: openSQLite(t)}
	w := newWorld(t, f)
	w.create("r1")
	w.modify("r1", 299)
	reads := 0
	f.set(func() {
		f.events = func() error {
			if reads++; reads == 2 {
				return errStore
			}
			return nil
		}
	})
	p := w.page("events?limit=1000")
	if n := len(p.Events); n == 0 || n == 300 || p.Next != p.Log+"."+lastNumber(p) {
		t.Fatalf("%d events, Next %s, want some and Next after them", n, p.Next)
	}
	rest := w.page("events?limit=1000&after=" + p.Next)
	if got := len(p.Events) + len(rest.Events); got != 300 || rest.Events[0].Seq != int64(len(p.Events)+1) {
		t.Errorf("%d events in two pages, want 300", got)
	}
}

func lastNumber(p page) string {
	_, number, _ := strings.Cut(p.Next, ".")
	if id := p.Events[len(p.Events)-1].ID; !strings.HasSuffix(id, "-"+number) {
		return id
	}
	return number
}

func TestStreamsGoOnWhenTheStoreIsBack(t *testing.T) {
	faultBubble(t, func(w *world, f *faulty) {
		s := w.open(stream("events"))
		f.set(func() { f.events = func() error { return errStore } })
		w.create("r1")
		w.pass(10 * time.Second)
		w.wantIDs("while the store fails", s)
		f.set(func() { f.events = nil })
		w.pass(time.Second)
		w.wantIDs("when it is back", s, 1)
		s.leave()
	})
}

// Between two looks of a tail at the log's id, an event of the new life comes.
func TestAnEventOfAnotherLogIsNotTakenForOneOfTheOldLog(t *testing.T) {
	faultBubble(t, func(w *world, f *faulty) {
		w.create("r1")
		s := w.open(stream("events"))
		w.wantIDs("before", s, 1)
		f.set(func() {
			f.bounds = func(b feed.Bounds) (feed.Bounds, error) {
				b.Log = "zzzzzzzz"
				return b, nil
			}
		})
		w.modify("r1", 1) // wakes the tail at once
		<-s.done
		if got := s.take(); !strings.HasPrefix(got, "event: reset\n") {
			t.Errorf("the stream has %q, want a reset and no event", got)
		}
	})
}

func TestALogThatIsReplacedWhileAPageIsReadIsGone(t *testing.T) {
	for _, call := range []string{"events?after=abcdefgh.1", "events?after=abcdefgh.1&lane=r1"} {
		f := &faulty{store: openSQLite(t)}
		w := newWorld(t, f)
		w.create("r1")
		w.modify("r1", 4)
		f.set(func() {
			f.events = func() error {
				f.set(func() {
					f.bounds = func(b feed.Bounds) (feed.Bounds, error) {
						b.Log = "zzzzzzzz"
						return b, nil
					}
				})
				return nil
			}
		})
		if status, body := w.get(call); status != http.StatusGone {
			t.Errorf("%s: answer %d %s, want 410", call, status, body)
		}
	}
}

// A log gets another id when its numbers may not mean any more what they meant.
func TestReadersOfALogThatIsReplacedAreToldSo(t *testing.T) {
	faultBubble(t, func(w *world, f *faulty) {
		w.create("r1")
		s, long := w.open(stream("events")), w.open(poll("events?after=abcdefgh.1&wait=30s"))
		w.wantIDs("before", s, 1)
		f.set(func() {
			f.bounds = func(b feed.Bounds) (feed.Bounds, error) {
				b.Log = "zzzzzzzz"
				return b, nil
			}
		})
		<-s.done
		if got := s.take(); !strings.HasPrefix(got, "event: reset\n") || !strings.Contains(got, `"Log":"zzzzzzzz"`) {
			t.Errorf("the stream has %q, want a reset", got)
		}
		<-long.done
		if long.status != http.StatusGone {
			t.Errorf("the long poll is answered %d, want 410", long.status)
		}
		again := w.open(stream("events?after=zzzzzzzz.1"))
		w.modify("r1", 1)
		w.pass(time.Second)
		if got := ids(again.take()); len(got) != 1 || got[0] != "zzzzzzzz.2" {
			t.Errorf("a reader of the new log has %q, want its event", got)
		}
		again.leave()
	})
}
