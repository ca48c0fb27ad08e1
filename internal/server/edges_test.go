package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/feed"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/operate"
	"github.com/callboard/callboard/internal/sqlite"
)

// stuckStore answers at once until it is stuck; then whoever asks waits for release. It counts who asks at one time.
type stuckStore struct {
	asked   // what is not called here
	release chan struct{}

	mu          sync.Mutex
	stuck       bool
	asking, top int
}

func (s *stuckStore) ask() {
	s.mu.Lock()
	stuck := s.stuck
	s.asking++
	s.top = max(s.top, s.asking)
	s.mu.Unlock()
	if stuck {
		<-s.release
	}
	s.mu.Lock()
	s.asking--
	s.mu.Unlock()
}

func (s *stuckStore) most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.top
}

func (s *stuckStore) stick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = true
}

func (s *stuckStore) Bounds(context.Context, live.AppID) (feed.Bounds, error) {
	s.ask()
	return feed.Bounds{Log: "abcdefgh", Oldest: 1}, nil
}

func (s *stuckStore) EventsAfter(context.Context, live.AppID, int64, feed.Page) ([]eventlog.Event, bool, error) {
	s.ask()
	return nil, true, nil
}

func (s *stuckStore) Standing(context.Context, live.AppID, string, int64, int) (feed.Standing, error) {
	s.ask()
	return feed.Standing{}, nil
}

func (s *stuckStore) Extent(context.Context, live.AppID) (operate.Extent, error) {
	s.ask()
	return operate.Extent{Log: "abcdefgh"}, nil
}

func (s *stuckStore) Attempts(context.Context, live.AppID, operate.Search) (operate.Page[operate.Delivery], error) {
	s.ask()
	return operate.Page[operate.Delivery]{}, nil
}

// tokenApps are Apps with one token.
type tokenApps struct{ operate.Apps }

func (tokenApps) App(id live.AppID) *live.App { return &live.App{ID: id, Tokens: []string{feedToken}} }

// Whatever is asked about the log and about delivery, one connection of a SQLite file is left for changes and delivery.
func TestWhoAsksLeavesAConnectionToChangesAndDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &stuckStore{release: make(chan struct{})}
		e, gate := newEdges(db, ofSQLite), access.NewGate(0, nil)
		f := e.feed(feed.Options{Gate: gate, Settings: tokenApps{}.App})
		o := e.operate(operate.Options{Gate: gate, Apps: tokenApps{}})
		ctx, leave := context.WithCancel(t.Context())
		var calls sync.WaitGroup
		call := func(h http.Handler, target string) {
			calls.Go(func() {
				req := httptest.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
				req.Header.Set("Authorization", "Bearer "+feedToken)
				h.ServeHTTP(httptest.NewRecorder(), req)
			})
		}
		for _, app := range []string{"1", "2", "3", "4", "5"} { // so that each has a tail, which asks once a second
			call(f, "/callboard/v1/events?wait=60s&sdkappid="+app)
		}
		synctest.Wait()
		db.stick()
		for range 10 {
			call(f, "/callboard/v1/head?sdkappid=1")
			call(o, "/callboard/v1/deliveries?sdkappid=1")
		}
		f.HandOver(1, nil)
		f.HandOver(2, nil)
		synctest.Wait()
		if got, want := db.most(), ofSQLite.callers+ofSQLite.tails; got != want || want >= sqlite.Readers {
			t.Errorf("%d ask the store at one time, want %d, of %d connections", got, want, sqlite.Readers)
		}
		leave()
		close(db.release)
		calls.Wait()
		f.Close()
	})
}
