package gap

import (
	"context"
	"database/sql"
	"iter"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callboard/callboard/callback"
)

func TestReplicasAtOnceHandOverEachCallbackOnceOnSQLite(t *testing.T) {
	crowd(t, openSite(t, callback.SQLite, "sqlite3", "file:/crowd?vfs=memdb&_pragma=busy_timeout(60000)"))
}

func TestReplicasAtOnceHandOverEachCallbackOnceOnPostgreSQL(t *testing.T) {
	crowd(t, openPostgres(t, "1min"))
}

// guarded is a backend that many ask at once.
type guarded struct {
	mu sync.Mutex
	*model
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.model.RoundTrip(r)
}

// request is the callback of a random event of the log, mostly a new one.
func (g *guarded) request(random *rand.Rand) *http.Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.events)
	if n == 0 {
		return nil
	}
	e := g.events[n-1-min(random.IntN(8), random.IntN(n))]
	return g.post(e, [2]int64{}, false)
}

// crowd has callbacks arrive at two replicas in any order and many at once, among changes, resets and checks. Here it is the
// database that decides who comes first, so a failure need not come again.
func crowd(t *testing.T, s *site) {
	const senders, each = 8, 100
	r := newRun(t, s, 900000, map[string]int{})
	r.backend.calm, r.backend.cloud = true, false
	backend := &guarded{model: r.backend}
	backend.during = func() {}
	for n := range r.inboxes {
		r.start(n)
		inbox := r.inboxes[n]
		inbox.Feed.Client = &http.Client{Transport: backend}
		inbox.OnMismatch = nil
		inbox.OnCallback = func(ctx context.Context, tx *sql.Tx, d callback.Delivery) error {
			if err := r.inOrder(ctx, tx, d); err != nil {
				return err
			}
			return r.mirror.apply(ctx, tx, d)
		}
		inbox.OnSnapshot = func(ctx context.Context, tx *sql.Tx, rooms iter.Seq2[callback.Room, error]) error {
			backend.mu.Lock()
			opened := backend.opened
			backend.mu.Unlock()
			return r.mirror.replace(ctx, tx, rooms, opened)
		}
	}
	handlers := r.handlers()

	var wait sync.WaitGroup
	for n := range senders {
		random := rand.New(rand.NewPCG(uint64(n), 3))
		wait.Go(func() {
			for range each {
				if random.IntN(2) == 0 {
					backend.mu.Lock()
					r.changeBy(random)
					backend.mu.Unlock()
				}
				if request := backend.request(random); request != nil {
					handlers[random.IntN(2)].ServeHTTP(httptest.NewRecorder(), request)
				}
				switch inbox := r.inboxes[random.IntN(2)]; random.IntN(40) {
				case 0:
					_ = inbox.Reset(t.Context()) // may be refused while another one is under way
				case 1:
					_, _ = inbox.Check(t.Context()) // the same
				}
			}
		})
	}
	wait.Wait()

	report, err := r.inboxes[0].Check(t.Context())
	if err != nil || !report.Complete() {
		t.Fatalf("Check = %+v, %v; want it complete", report, err)
	}
	got, err := r.mirror.all(t.Context(), s.pools[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, r.backend.rooms(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("rooms (-App backend +backend):\n%s", diff)
	}
	r.complete(t.Context())
	t.Logf("%d events", len(r.backend.events))
}
