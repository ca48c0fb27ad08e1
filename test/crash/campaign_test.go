package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

const (
	// startLimit is how long a start may take, stopLimit a stop, drainLimit the delivery of what is left.
	startLimit = 30 * time.Second
	stopLimit  = 10 * time.Second
	drainLimit = time.Minute
)

// campaign is one run of the crash test.
type campaign struct {
	t         *testing.T
	folder    string
	config    string
	rng       *rand.Rand
	recorder  *recorder
	backend   *backend
	load      *load
	lives     int
	transport *http.Transport
}

func newCampaign(t *testing.T, seed uint64) *campaign {
	c := &campaign{
		t: t, folder: newFolder(t), rng: rand.New(rand.NewPCG(seed, 0)), recorder: newRecorder(),
		transport: &http.Transport{MaxIdleConnsPerHost: rooms},
	}
	c.backend = startBackend(t, c.recorder, newTemper(seed))
	c.load = newLoad(seed)
	c.config = writeConfig(t, settings{
		Folder: c.folder, Callback: c.backend.server.URL + "/callback", Administrators: identifiers(), Timeout: 400 * time.Millisecond,
	})
	t.Cleanup(c.transport.CloseIdleConnections)
	return c
}

// start begins the next life on the same database.
func (c *campaign) start() *process {
	c.t.Helper()
	c.lives++
	return serve(c.t, c.config, filepath.Join(c.folder, fmt.Sprintf("life-%05d.log", c.lives)))
}

// lifeThatIsKilled starts the binary, puts it under load and kills it: mostly 50 to 600 ms after it listens, up to 2 ms
// after a call began; one time in ten up to 100 ms after its start, whatever it does then.
func (c *campaign) lifeThatIsKilled() {
	c.t.Helper()
	p := c.start()
	if c.rng.IntN(10) == 0 {
		wait(c.t.Context(), time.Duration(c.rng.Int64N(int64(100*time.Millisecond))))
		p.kill()
	} else {
		moment := 50*time.Millisecond + time.Duration(c.rng.Int64N(int64(550*time.Millisecond)))
		c.loadAndKill(p, listening(c.t, p), moment)
	}
	c.recorder.processEnded()
	c.wantHealthy(p)
}

func (c *campaign) loadAndKill(p *process, address string, moment time.Duration) {
	transport := &http.Transport{MaxIdleConnsPerHost: workers}
	defer transport.CloseIdleConnections()
	var callers []*caller
	for _, identifier := range identifiers() {
		callers = append(callers, newCaller(c.t, c.recorder, address, identifier, transport))
	}
	stop, loaded := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(loaded)
		c.load.run(callers, stop)
	}()
	wait(c.t.Context(), moment)
	select {
	case <-c.recorder.begun: // of a call that began some time ago
	default:
	}
	select {
	case <-c.recorder.begun:
	case <-p.done:
		c.t.Errorf("life %d ended by itself: %v", c.lives, p.err)
	}
	wait(c.t.Context(), time.Duration(c.rng.Int64N(int64(2*time.Millisecond))))
	close(stop) // calls under way are killed with the process, and none is begun after it
	p.kill()
	<-loaded
}

// wantHealthy fails the test if a process has told of a panic or of a data race.
func (c *campaign) wantHealthy(p *process) {
	c.t.Helper()
	for _, alarm := range p.log.broken() {
		c.t.Errorf("life %d: %s", c.lives, alarm)
	}
	if c.t.Failed() {
		c.t.FailNow()
	}
}

// drain makes a last change in each room and waits until its callback was accepted: all before it in the lane are too.
func (c *campaign) drain() {
	c.t.Helper()
	c.backend.temper.settle()
	p := c.start()
	last := newCaller(c.t, c.recorder, listening(c.t, p), "worker-0", c.transport)
	var causes []string
	for i := range c.load.rooms {
		causes = append(causes, c.lastChange(last, &c.load.rooms[i]))
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), drainLimit)
	defer cancel()
	if err := c.backend.await(ctx, causes); err != nil {
		c.t.Errorf("after %s: %v", drainLimit, err)
	}
	c.stop(p)
}

// lastChange changes the owner of a room, or creates the room.
func (c *campaign) lastChange(by *caller, g *guess) string {
	c.t.Helper()
	change := &call{op: opOwner, room: g.id, accounts: []string{c.load.workers[0].name("o")}}
	by.do(c.t.Context(), change)
	if change.outcome == refused {
		change = &call{op: opCreate, room: g.id, accounts: []string{c.load.workers[0].name("o")}}
		by.do(c.t.Context(), change)
	}
	if change.outcome != done {
		c.t.Fatalf("the last change was not done: %s", change.describe())
	}
	return change.cause
}

// readBack reads every room from a new process. The check wants what the callbacks have told.
func (c *campaign) readBack() {
	c.t.Helper()
	p := c.start()
	reader := newCaller(c.t, c.recorder, listening(c.t, p), "worker-0", c.transport)
	for i := range c.load.rooms {
		for _, op := range []op{opList, opInfo} {
			read := &call{op: op, room: c.load.rooms[i].id}
			reader.do(c.t.Context(), read)
			if read.outcome != done {
				c.t.Errorf("room %s cannot be read back: %s", read.room, read.describe())
			}
		}
	}
	c.stop(p)
}

func (c *campaign) stop(p *process) {
	c.t.Helper()
	if err := p.stop(stopLimit); err != nil {
		c.t.Errorf("life %d: stop by SIGTERM: %v", c.lives, err)
	}
	c.recorder.processEnded()
	c.wantHealthy(p)
}
