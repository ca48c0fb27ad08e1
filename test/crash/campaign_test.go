package crash

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	// startLimit is how long a start may take, stopLimit a stop, drainLimit the delivery of what is left.
	startLimit = 30 * time.Second
	stopLimit  = 10 * time.Second
	drainLimit = 3 * time.Minute
)

// campaign is one run of the crash test.
type campaign struct {
	t         *testing.T
	seed      uint64
	folder    string
	config    string
	rng       *rand.Rand
	recorder  *recorder
	backend   *backend
	load      *load
	lives     int
	transport *http.Transport

	scenes     []scene
	scene, act int            // the next life of the play
	played     map[string]int // lives of each scene

	postgres *postgres // nil: the database is a file
	running  *process  // from one life to the next; nil: none does
	address  string    // of running
	gone     bool      // running may have been answered 410 by the App backend, after which it waits for somebody to resume
}

// options of a campaign.
type options struct {
	seed     uint64
	keepLog  time.Duration // 0: the standard
	play     []scene
	postgres *postgres // nil: the database is a file
}

func newCampaign(t *testing.T, opt options) *campaign {
	c := &campaign{
		t: t, seed: opt.seed, folder: newFolder(t), rng: rand.New(rand.NewPCG(opt.seed, 0)), recorder: newRecorder(),
		transport: &http.Transport{MaxIdleConnsPerHost: rooms}, scenes: opt.play, played: map[string]int{},
		postgres: opt.postgres,
	}
	c.backend = startBackend(t, c.recorder, newTemper(opt.seed))
	c.load = newLoad(opt.seed)
	s := settings{
		Folder: c.folder, Callback: c.backend.door.url() + "/callback", Timeout: 400 * time.Millisecond,
		Administrators: append(identifiers(), witness), KeepLog: opt.keepLog,
	}
	if c.postgres != nil {
		s.Database = c.postgres.proxy.URL()
	}
	c.recorder.history.keeps = opt.keepLog
	if c.recorder.history.patient = len(opt.play) == 1 && opt.play[0].name == "plain"; !c.recorder.history.patient {
		s.GiveUpAfter = time.Second
	}
	c.config = writeConfig(t, s)
	t.Cleanup(c.transport.CloseIdleConnections)
	return c
}

// start begins the next life on the same database.
func (c *campaign) start() *process {
	c.t.Helper()
	c.lives++
	return serve(c.t, c.config, filepath.Join(c.folder, fmt.Sprintf("life-%05d.log", c.lives)))
}

// runs returns the process that runs and where it listens; it is started if there is none.
func (c *campaign) runs() (*process, string) {
	c.t.Helper()
	if c.running == nil {
		c.running = c.start()
		c.address = listening(c.t, c.running)
	}
	return c.running, c.address
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
		c.underLoad(p, listening(c.t, p), c.nextPlan(), func(unload func()) { // calls under way are killed with the process
			unload()
			p.kill()
		})
	}
	c.ended(p)
}

// ended takes what a process has left behind: all that it sent has arrived, at the App backend and at the server of the
// database, before the next one starts.
func (c *campaign) ended(p *process) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), stopLimit)
	defer cancel()
	if err := c.backend.door.quiet(ctx); err != nil {
		c.t.Error(err)
	}
	if c.postgres != nil {
		c.postgres.quiet(ctx, c.t)
	}
	c.running, c.gone = nil, c.gone && !c.backend.well()
	c.recorder.processEnded(p.log.gaveUp())
	c.wantHealthy(p)
}

// underLoad makes calls and plays the acts of a plan, and has something go wrong within 2 ms after a call began. That calls
// unload when no further call may begin; those under way are waited for.
func (c *campaign) underLoad(p *process, address string, plan plan, wrong func(unload func())) {
	transport := &http.Transport{MaxIdleConnsPerHost: workers}
	defer transport.CloseIdleConnections()
	var callers []*caller
	for _, identifier := range identifiers() {
		callers = append(callers, newCaller(c.t, c.recorder, address, identifier, transport))
	}
	stop, loaded := make(chan struct{}), make(chan struct{})
	unload := sync.OnceFunc(func() { close(stop) })
	defer unload()
	var group sync.WaitGroup
	o := newOperator(c.t, c.recorder, address, transport)
	group.Go(func() { c.load.run(callers, stop) })
	group.Go(func() { perform(o, plan.acts, stop) })
	go func() {
		defer close(loaded)
		group.Wait()
	}()
	wait(c.t.Context(), plan.moment)
	c.waitFor(plan.cue)
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
	wrong(unload)
	<-loaded
}

// waitFor waits for a cue that is still to come, at most half a second, and then up to the time of a settlement.
func (c *campaign) waitFor(cue <-chan struct{}) {
	if cue == nil {
		return
	}
	select {
	case <-cue: // of something that happened some time ago
	default:
	}
	select {
	case <-cue:
	case <-time.After(500 * time.Millisecond):
	}
	wait(c.t.Context(), within(c.rng, 250*time.Millisecond))
}

// perform plays the acts of a life until stop is closed, and then those that may not be left out.
func perform(o *operator, acts []act, stop <-chan struct{}) {
	begun := time.Now()
	for _, a := range acts {
		select {
		case <-time.After(a.after - time.Since(begun)):
			a.do(o)
		case <-stop:
			if a.always {
				a.do(o)
			}
		}
	}
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

// drain makes a last change in each room and waits until its callback was accepted: all before it in the lane are too, or were
// given up. Then it has the dead letters sent again until none is left.
func (c *campaign) drain() {
	c.t.Helper()
	c.backend.temper.settle()
	if err := c.backend.recover(); err != nil {
		c.t.Fatal(err)
	}
	p, address := c.runs()
	o := newOperator(c.t, c.recorder, address, c.transport)
	c.forgiveGone(o)
	c.want(o, &ask{kind: askResume, reader: theCallback})
	last := newCaller(c.t, c.recorder, address, "worker-0", c.transport)
	var causes []string
	for i := range c.load.rooms {
		causes = append(causes, c.lastChange(last, &c.load.rooms[i]))
	}
	ctx, cancel := context.WithTimeout(c.t.Context(), drainLimit)
	defer cancel()
	if err := c.backend.await(ctx, causes); err != nil {
		c.t.Errorf("after %s: %v", drainLimit, err)
	}
	c.exhume(ctx, o)
	c.stop(p)
}

// exhume has all dead letters sent again, twice: the second time there must be none.
func (c *campaign) exhume(ctx context.Context, o *operator) {
	c.t.Helper()
	resumeRedeliveries(o)
	for c.recorder.unsent() != nil && ctx.Err() == nil { // nobody touches them: they go on by themselves
		wait(ctx, 200*time.Millisecond)
	}
	for i := range c.recorder.redeliveries() {
		c.awaitEnd(ctx, o, fmt.Sprintf("redelivery-%d", i+1))
	}
	c.redeliverDead(ctx, o)
	c.recorder.noneDead()
	c.redeliverDead(ctx, o)
}

func (c *campaign) redeliverDead(ctx context.Context, o *operator) {
	c.t.Helper()
	a := &ask{kind: askRedeliver, deadOnly: true}
	c.want(o, a)
	c.awaitEnd(ctx, o, a.reader)
}

// awaitEnd waits until a redelivery is not there: one that has ended cannot be resumed.
func (c *campaign) awaitEnd(ctx context.Context, o *operator, name string) {
	c.t.Helper()
	for ctx.Err() == nil {
		a := &ask{kind: askResume, reader: name}
		if o.do(a); a.status == http.StatusNotFound {
			return
		}
		wait(ctx, 20*time.Millisecond)
	}
	c.t.Errorf("after %s, %s has not ended, or %v", drainLimit, name, c.recorder.unsent())
}

// want asks for what has to be done.
func (c *campaign) want(o *operator, a *ask) {
	c.t.Helper()
	if o.do(a); a.outcome != done {
		c.t.Fatalf("status %d: %s", a.status, a.describe())
	}
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
	c.ended(p)
}
