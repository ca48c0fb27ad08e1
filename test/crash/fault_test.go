package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/callboard/callboard/internal/pgtest"
)

// fault is what goes wrong in one life on PostgreSQL.
type fault struct {
	name string
	// strike treats the database badly while calls are made, calls worst in the middle of it, and returns when the database
	// is well again.
	strike func(c *campaign, worst func())
	// kills: the binary is killed at the worst moment. Else it goes on by itself, into the next life.
	kills bool
}

// awayLimit is how long the database is away at most, but for the time that it takes to start.
const awayLimit = 400 * time.Millisecond

// faults are drawn without putting them back, so that a short campaign has nearly all of them.
var faults = []fault{
	{"kill", none, true}, {"kill", none, true}, {"kill", none, true},
	{"restart fast", restart(stopBy(pgtest.Fast)), false},
	{"restart immediate", restart(stopBy(pgtest.Immediate)), false},
	{"postmaster killed", restart((*pgtest.Server).Kill), false},
	{"postmaster killed, and kill", restart((*pgtest.Server).Kill), true},
	{"cut", cut, false},
	{"cut, and kill", cut, true},
	{"cut after bytes of the binary", cutAfter(pgtest.FromClient), false},
	{"cut after bytes of the server", cutAfter(pgtest.FromServer), false},
	{"stall", stall, false},
	{"stall, and kill", stall, true},
	{"refuse", refuse, false},
	{"terminate", terminate, false},
}

func none(_ *campaign, worst func()) { worst() }

func stopBy(mode pgtest.Mode) func(*pgtest.Server, testing.TB) {
	return func(s *pgtest.Server, t testing.TB) { s.Stop(t, mode) }
}

// restart ends the server and starts it again.
func restart(end func(*pgtest.Server, testing.TB)) func(*campaign, func()) {
	return func(c *campaign, worst func()) {
		end(c.postgres.server, c.t)
		c.pause(awayLimit)
		worst()
		c.postgres.server.StartAgain(c.t)
	}
}

// cut resets all connections, up to four times within a moment.
func cut(c *campaign, worst func()) {
	c.postgres.proxy.Cut()
	worst()
	for range c.rng.IntN(4) {
		c.pause(100 * time.Millisecond)
		c.postgres.proxy.Cut()
	}
}

// cutAfter cuts a connection in the middle of what it carries, up to four times.
func cutAfter(from pgtest.Side) func(*campaign, func()) {
	return func(c *campaign, worst func()) {
		const most = 8000 // bytes: a few transactions
		for range 1 + c.rng.IntN(4) {
			select {
			case <-c.postgres.proxy.CutAfter(from, 1+c.rng.IntN(most)):
			case <-time.After(goOnLimit):
				c.t.Errorf("life %d: less than %d bytes %s within %s", c.lives, most, from, goOnLimit)
			}
		}
		worst()
	}
}

// stall holds up what is sent, for longer than a call may take or shorter. Then it all arrives.
func stall(c *campaign, worst func()) {
	c.postgres.proxy.Stall(true)
	c.pause(4 * time.Second)
	worst()
	c.postgres.proxy.Stall(false)
}

// refuse cuts all connections and refuses new ones.
func refuse(c *campaign, worst func()) {
	c.postgres.proxy.Refuse(true)
	c.postgres.proxy.Cut()
	c.pause(4 * awayLimit)
	worst()
	c.postgres.proxy.Refuse(false)
}

// terminate ends about half of the processes that serve the binary, and a moment later all.
func terminate(c *campaign, worst func()) {
	const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND random() < $2`
	c.postgres.server.Exec(c.t, kill, c.postgres.name, 0.5)
	worst()
	c.pause(awayLimit)
	c.postgres.server.Exec(c.t, kill, c.postgres.name, 1.0)
}

// pause lets up to d pass.
func (c *campaign) pause(d time.Duration) { wait(c.t.Context(), within(c.rng, d)) }

// draw takes the next fault.
func (p *postgres) draw(rng *rand.Rand) fault {
	if len(p.deck) == 0 {
		p.deck = slices.Clone(faults)
		rng.Shuffle(len(p.deck), func(i, j int) { p.deck[i], p.deck[j] = p.deck[j], p.deck[i] })
	}
	f := p.deck[0]
	p.deck = p.deck[1:]
	p.struck[f.name]++
	return f
}

// lifeOnPostgres draws a fault. A process that is not killed goes on in the next life. As on a file, one new process in ten is
// killed up to 100 ms after its start.
func (c *campaign) lifeOnPostgres() {
	c.t.Helper()
	f := c.postgres.draw(c.rng)
	if f.kills && c.running == nil && c.rng.IntN(10) == 0 {
		p := c.start()
		f.strike(c, func() {
			c.pause(100 * time.Millisecond)
			p.kill()
		})
		c.ended(p)
		return
	}
	p, address := c.runs()
	c.underLoad(p, address, c.nextPlan(), func(unload func()) {
		if f.kills {
			f.strike(c, func() {
				unload()
				p.kill()
			})
			return
		}
		f.strike(c, func() {})
		defer unload()
		c.answersAgain(p, address, f)
	})
	if f.kills {
		c.ended(p)
		return
	}
	c.deliversAgain(p, address, f)
	c.wantHealthy(p)
}

// goOnLimit is the time within which the binary has to go on after the database was away.
const goOnLimit = 30 * time.Second

// answersAgain wants a change to be answered OK, while the load goes on.
func (c *campaign) answersAgain(p *process, address string, f fault) {
	c.t.Helper()
	begun := time.Now()
	ctx, cancel := context.WithTimeout(c.t.Context(), goOnLimit)
	defer cancel()
	for c.tryChange(ctx, address) == "" {
		select {
		case <-p.done:
			c.t.Fatalf("life %d ended by itself after %q: %v", c.lives, f.name, p.err)
		case <-ctx.Done():
			c.t.Fatalf("life %d: no change is answered OK %s after %q", c.lives, goOnLimit, f.name)
		case <-time.After(10 * time.Millisecond):
		}
	}
	c.postgres.answered = max(c.postgres.answered, time.Since(begun))
}

// deliversAgain wants a callback of a change that is made now to be accepted, unless callbacks are paused or the App backend is
// away: then the process has to prove it in a later life.
func (c *campaign) deliversAgain(p *process, address string, f fault) {
	c.t.Helper()
	if c.recorder.mayBePaused() || !c.backend.well() {
		return
	}
	c.forgiveGone(newOperator(c.t, c.recorder, address, c.transport))
	begun := time.Now()
	ctx, cancel := context.WithTimeout(c.t.Context(), goOnLimit)
	defer cancel()
	defer c.backend.temper.relent(false)
	var causes []string
	for accepted := false; !accepted; { // one may be refused until it is given up; the next one is not
		// When the breaker is open, it may be that all that it probes with is refused again and again.
		c.backend.temper.relent(time.Since(begun) > time.Second)
		if cause := c.tryChange(ctx, address); cause != "" {
			causes = append(causes, cause)
		}
		if ctx.Err() != nil {
			c.t.Fatalf("life %d: no callback of %d changes was accepted %s after %q", c.lives, len(causes), goOnLimit, f.name)
		}
		soon, done := context.WithTimeout(ctx, 200*time.Millisecond)
		accepted = len(causes) > 0 && c.backend.awaitAny(soon, causes)
		done()
	}
	c.postgres.delivered = max(c.postgres.delivered, time.Since(begun))
}

// forgiveGone resumes what the process has paused because the App backend said that it is gone.
func (c *campaign) forgiveGone(o *operator) {
	c.t.Helper()
	if !c.gone {
		return
	}
	c.gone = false
	c.want(o, &ask{kind: askResume, reader: theCallback})
	for i := range c.recorder.redeliveries() {
		o.do(&ask{kind: askResume, reader: fmt.Sprintf("redelivery-%d", i+1)}) // it may have ended
	}
}

// tryChange changes the room of the witness. It returns the cause of the callback, empty when the change is not known to be
// done.
func (c *campaign) tryChange(ctx context.Context, address string) string {
	by := newCaller(c.t, c.recorder, address, witness, c.transport)
	for _, op := range []op{opOwner, opCreate} {
		change := &call{op: op, room: c.load.rooms[rooms].id, accounts: []string{c.load.witness.name("o")}}
		if by.do(ctx, change); change.outcome == done {
			return change.cause
		}
		if change.outcome == unknown {
			return ""
		}
	}
	return ""
}
