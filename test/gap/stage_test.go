package gap

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/callboard/callboard/callback"
)

// stage is one App of a show and its App backend of two replicas, which have lives of their own.
type stage struct {
	*run
	server   *server
	plan     *dice // of its troubles
	entrance *httptest.Server

	mu       sync.Mutex
	replicas [2]*replica
}

func newStage(t *testing.T, h *host, on *site, seed uint64, tally *tally) *stage {
	r := &run{t: t, seed: seed, dice: newDice(seed), site: on, mirror: mirror{int64(seed) + 1}, tally: tally, rooms: 10,
		token: "token-of-sign", feed: "token-of-the-feed", signingSecrets: []string{newSecret(), newSecret()}}
	g := &stage{run: r, plan: newPlan(seed)}
	r.proxy = &proxy{dice: r.dice, replicas: g.handlers, judge: g.fate, held: func() { tally.add("held until the sender had left") }}
	g.entrance = httptest.NewServer(cutting(r.proxy))
	t.Cleanup(g.entrance.Close)
	g.server = h.add(r, g.entrance.URL)
	return g
}

func newSecret() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(key[:])
}

// fate is that of an attempt: the same one for each run with the seed.
func (g *stage) fate(r *http.Request) int {
	h := fnv.New32a()
	for _, name := range []string{callback.HeaderLane, callback.HeaderRoomSeq, callback.HeaderAttempt} {
		_, _ = h.Write([]byte(r.Header.Get(name) + " ")) // it never fails
	}
	return newDice(g.seed<<32 | uint64(h.Sum32())).below(100)
}

// begin starts the App backend of a server that runs.
func (g *stage) begin() {
	g.backend, g.watch = g.server, &watch{RoundTripper: g.server}
	g.blind.Store(true)
	for n := range g.replicas {
		g.replace(n)
	}
}

func (g *stage) end() {
	for _, p := range g.replicas {
		p.kill()
	}
}

// rest ends the faults, and what is on its way arrives.
func (g *stage) rest() {
	g.calm.Store(true)
	g.proxy.settle()
}

func (g *stage) handlers() []http.Handler {
	g.mu.Lock()
	defer g.mu.Unlock()
	return []http.Handler{g.replicas[0], g.replicas[1]}
}

// replace ends the life of a replica and begins the next one.
func (g *stage) replace(n int) {
	if old := g.replicas[n]; old != nil {
		old.kill()
	}
	p := startReplica(g.t, g.run, g.watch)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.replicas[n], g.inboxes[n] = p, p.inbox
}

// inboxNow is the Inbox of a replica of the moment.
func (g *stage) inboxNow() *callback.Inbox {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.inboxes[g.dice.below(2)]
}

// trouble is one thing that goes wrong, or none: a replica is restarted, what waits is discarded, what was given up is sent again, also
// while a reset is under way, and switches are turned.
func (g *stage) trouble(ctx context.Context, switches bool) {
	switch n := g.plan.below(20); {
	case n < 3:
		g.tally.add("restarts of a replica")
		g.replace(g.plan.below(2))
	case n < 5:
		g.tally.add("redeliveries")
		g.server.redeliver()
	case n == 5:
		g.tally.add("redeliveries during a reset")
		g.server.redeliver()
		g.ignore(g.inboxNow().Reset(ctx))
	case n == 6:
		g.tally.add("discarded")
		g.server.discard()
	case n < 13 && switches:
		g.server.turn(commands()[g.plan.below(4)], g.plan.oneIn(2))
	}
}

// look is what an App backend does for its own sake.
func (g *stage) look(ctx context.Context) {
	inbox := g.inboxNow()
	switch n := g.dice.below(10); {
	case n < 5:
		g.ignore(inbox.CatchUp(ctx))
	case n < 9:
		report, err := inbox.Check(ctx)
		g.ignore(err)
		g.count(report)
	default:
		g.ignore(inbox.Reset(ctx))
	}
}

// count counts what a report says, if there is one.
func (g *stage) count(report *callback.Report) {
	if report == nil {
		return
	}
	for _, missing := range report.Missing {
		if missing.Late {
			g.tally.add("late")
		}
	}
	if len(report.Forgotten) > 0 { // the log is younger than it is kept
		g.t.Errorf("seed %d: holes are forgotten that can be filled: %+v", g.seed, report.Forgotten)
	}
}

// cutting cuts off the connection of a callback that is answered as late.
func cutting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if answer.Code == http.StatusGatewayTimeout {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(answer.Code)
		_, _ = answer.Body.WriteTo(w) // who does not wait for it has gone
	})
}
