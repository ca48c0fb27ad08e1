package gap

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/pgtest"
)

func TestTheAppBackendOfTheRealBinaryEndsExactlyAsTheRoomsOnSQLite(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	s := openSite(t, callback.SQLite, "sqlite3", "file:"+filepath.Join(folder, "backend.db")+
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	live(t, s, func(t *testing.T) store { return &fileStore{filepath.Join(t.TempDir(), "callboard.db")} })
}

func TestTheAppBackendOfTheRealBinaryEndsExactlyAsTheRoomsOnPostgreSQL(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := openSite(t, callback.PostgreSQL, "pgx", server.NewDatabase(t)+"&synchronous_commit=off")
	live(t, s, func(t *testing.T) store { return openServerStore(t, server) })
}

// live plays with the real binary, as long as CALLBOARD_GAP_SECONDS says.
func live(t *testing.T, s *site, newStore func(*testing.T) store) {
	first := variable(t, "CALLBOARD_GAP_SEED", 0)
	runs := variable(t, "CALLBOARD_GAP_RUNS", 1)
	tally := newTally()
	for n := range runs {
		begun := time.Now()
		newStage(t, s, first+n, tally).play(t.Context(), newStore(t))
		if t.Failed() {
			t.Fatalf("seed %d; a run with a server is not the same again", first+n)
		}
		t.Logf("seed %d in %s: %v", first+n, time.Since(begun).Round(time.Millisecond), tally.count)
	}
	wanted := []string{"changed", "handed over", "snapshots", "failed"}
	if runs >= 3 { // on a slow machine one run may have none
		wanted = append(wanted, "holes filled", "rolled back")
	}
	for _, what := range wanted {
		if tally.count[what] == 0 {
			t.Errorf("no run had anything of %q; it proves less than it says", what)
		}
	}
}

// stage is a run with the real binary and an App backend of two replicas, all of which have lives of their own.
type stage struct {
	*run
	server *server

	mu       sync.Mutex
	replicas [2]*replica
}

func newStage(t *testing.T, s *site, seed uint64, tally *tally) *stage {
	r := &run{t: t, seed: seed, dice: newDice(seed), site: s, mirror: mirror{int64(seed) + 1}, tally: tally, rooms: 24,
		token: "token-of-sign", feed: "token-of-the-feed", signingSecrets: []string{newSecret(), newSecret()}}
	g := &stage{run: r}
	r.proxy = &proxy{dice: r.dice, replicas: g.handlers}
	return g
}

func newSecret() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(key[:])
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

// play has rooms changed all the time. Meanwhile switches are turned, then a backup is made, and then it replaces what there is.
func (g *stage) play(ctx context.Context, s store) {
	entrance := httptest.NewServer(cutting(g.proxy))
	defer entrance.Close()
	g.server = startServer(g.t, g.run, s, entrance.URL)
	defer func() { g.server.lives.kill() }()
	g.backend, g.watch = g.server, &watch{RoundTripper: g.server}
	for n := range g.replicas {
		g.replace(n)
		defer func() { g.replicas[n].kill() }()
	}

	calm := g.others(ctx)
	defer calm()
	part := time.Duration(variable(g.t, "CALLBOARD_GAP_SECONDS", 7)) * time.Second / 7
	g.blind.Store(true)
	g.trouble(2*part, true)
	for _, command := range commands() {
		g.server.turn(command, true)
	}
	g.server.backup()
	g.trouble(part, false)
	g.server.renew()
	g.blind.Store(false) // a snapshot tells what no callback told
	g.trouble(4*part, false)
	calm()
	g.settle()
	g.compare(ctx)
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

// trouble goes on for a time: both sides are restarted, what waits is discarded, what was given up is sent again, and switches are turned.
func (g *stage) trouble(long time.Duration, switches bool) {
	pace := time.NewTicker(150 * time.Millisecond)
	defer pace.Stop()
	for end := time.After(long); ; {
		select {
		case <-end:
			return
		case <-pace.C:
		}
		switch n := g.dice.below(20); {
		case n == 0:
			g.tally.add("restarts of the server")
			g.server.restart()
		case n < 4:
			g.tally.add("restarts of a replica")
			g.replace(g.dice.below(2))
		case n < 6:
			g.tally.add("redeliveries")
			g.server.redeliver()
		case n < 8:
			g.tally.add("discarded")
			g.server.discard()
		case n < 14 && switches:
			g.server.turn(commands()[g.dice.below(4)], g.dice.oneIn(2))
		}
	}
}

// others begin to change rooms, let late callbacks arrive and look after the Inbox. They end when the returned function is called, which may
// be done again.
func (g *stage) others(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	for range 4 {
		again(ctx, &wait, 10*time.Millisecond, g.change)
	}
	again(ctx, &wait, 20*time.Millisecond, func() { g.proxy.flush() })
	again(ctx, &wait, 200*time.Millisecond, func() { g.look(ctx) })
	return func() {
		cancel()
		wait.Wait()
	}
}

// again does something again and again until the context ends.
func again(ctx context.Context, wait *sync.WaitGroup, pause time.Duration, do func()) {
	wait.Go(func() {
		pace := time.NewTicker(pause)
		defer pace.Stop()
		for ctx.Err() == nil {
			do()
			select {
			case <-ctx.Done():
			case <-pace.C:
			}
		}
	})
}

// look is what an App backend does for its own sake.
func (g *stage) look(ctx context.Context) {
	inbox := g.inboxNow()
	switch n := g.dice.below(10); {
	case n < 5:
		g.ignore(inbox.CatchUp(ctx))
	case n < 9:
		_, err := inbox.Check(ctx)
		g.ignore(err)
	default:
		g.ignore(inbox.Reset(ctx))
	}
}
