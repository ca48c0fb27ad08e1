package gap

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/callboard/callboard/callback"
)

func TestReplicasAtOnceHandOverEachCallbackOnceOnSQLite(t *testing.T) {
	crowd(t, openSite(t, callback.SQLite, "sqlite3", "file:/crowd?vfs=memdb&_pragma=busy_timeout(60000)"))
}

func TestReplicasAtOnceHandOverEachCallbackOnceOnPostgreSQL(t *testing.T) {
	crowd(t, openPostgres(t, "1min"))
}

// guarded is a model that many use at once.
type guarded struct {
	mu sync.Mutex
	*model
}

func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.model.RoundTrip(r)
}

func (g *guarded) change(c change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.model.change(c)
}

// request is the callback of a random event of the log, mostly a new one; nil when there is none.
func (g *guarded) request(dice *dice) *http.Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.events)
	if n == 0 {
		return nil
	}
	return g.post(g.events[n-1-min(dice.below(8), dice.below(n))], [2]int64{}, false)
}

// crowd has callbacks arrive at two replicas in any order and many at once, among changes, resets and checks. Here it is the
// database that decides who comes first, so a failure need not come again.
func crowd(t *testing.T, s *site) {
	const senders, each = 8, 50
	r := newRun(t, s, 900000, newTally())
	g := &guarded{model: newModel(r.backend.app(), r.dice, nil, func() {})}
	g.calm = true
	r.calm.Store(true)
	r.backend, r.watch.RoundTripper = g, g
	handlers := r.handlers()

	var wait sync.WaitGroup
	for n := range senders {
		dice := newDice(uint64(n))
		wait.Go(func() {
			for range each {
				if dice.oneIn(2) {
					r.changeBy(dice)
				}
				if request := g.request(dice); request != nil {
					handlers[dice.below(2)].ServeHTTP(httptest.NewRecorder(), request)
				}
				switch inbox := r.inboxes[dice.below(2)]; dice.below(40) {
				case 0:
					_ = inbox.Reset(t.Context()) // may be refused while another one is under way
				case 1:
					_, _ = inbox.Check(t.Context()) // the same
				}
			}
		})
	}
	wait.Wait()
	for _, e := range g.events {
		g.sender.settled[e.Seq] = true
	}
	r.compare(t.Context())
	t.Logf("%d events, %v", len(g.events), r.tally.count)
}
