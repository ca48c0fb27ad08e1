package engine

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/callboard/callboard/internal/live"
)

// Options of an [Engine]. Store is needed; the zero values of the others are useful.
type Options struct {
	Store Store
	// Reader is handed committed events; nil: nobody is.
	Reader Reader
	// CheckURL refuses a callback URL that could never be called, with a text that says why; nil: none is refused.
	CheckURL func(url string) error
	Log      *slog.Logger
	Metrics  *Metrics
	// QueueLimit is the most commands that wait. 0: 4096.
	QueueLimit int
	// Wait is how long Do waits for its answer. 0: 3 s, the documented limit of the backend.
	Wait time.Duration
	// Committers is how many groups are committed at the same time. 0: 1, whose groups are over all Apps that wait, as it is
	// best for a store with one writer. With more, a group is of one App, which has one under way at most: for a store in
	// which commits of different Apps do not wait for each other.
	Committers int
	// GroupLimit is the most commands of a group, AppLimit those of one App in a group over several while others wait.
	// 0: 512 and 64.
	GroupLimit, AppLimit int
}

func (o *Options) defaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.CheckURL == nil {
		o.CheckURL = func(string) error { return nil }
	}
	orInt(&o.QueueLimit, 4096)
	orInt(&o.Committers, 1)
	orInt(&o.GroupLimit, 512)
	orInt(&o.AppLimit, 64)
	if o.Wait == 0 {
		o.Wait = 3 * time.Second
	}
}

func orInt(n *int, standard int) {
	if *n == 0 {
		*n = standard
	}
}

// Engine runs commands. [New] makes one, [Engine.Run] is its life.
type Engine struct {
	opt   Options
	queue *queue
	apps  *directory

	rereads  sync.WaitGroup // of readAgain; committers start them
	stopping chan struct{}  // closed by Stop
	stop     sync.Once
}

// New returns an engine that takes commands at once and runs them when [Engine.Run] runs.
func New(opt Options) *Engine {
	opt.defaults()
	return &Engine{opt: opt, queue: newQueue(opt), apps: newDirectory(), stopping: make(chan struct{})}
}

// request is one command on its way through a committer.
type request struct {
	app live.AppID
	by  live.Actor
	cmd live.Command
	// goesAlong is set where the command is in one group with the one before it, see [crowds].
	goesAlong bool

	taken atomic.Bool // set by whoever gets it first: a committer, or Do when it stops waiting
	done  chan result // holds one
}

func newRequest(app live.AppID, by live.Actor, cmd live.Command) *request {
	return &request{app: app, by: by, cmd: cmd, done: make(chan result, 1)}
}

type result struct {
	out live.Outcome
	err error
}

func (r *request) answer(out live.Outcome, err error) { r.done <- result{out, err} }

// Do runs a command and returns when its outcome is durable. The error is a *live.Error: a refusal, or of kind
// [live.Unavailable] when the outcome is unknown or the command was never begun; its text tells the two apart.
// A ctx that ends stops the waiting, not the command.
func (e *Engine) Do(ctx context.Context, app live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error) {
	if err := e.check(cmd); err != nil {
		return live.Outcome{}, err
	}
	r := newRequest(app, by, cmd)
	if !e.queue.put(r) {
		e.opt.Metrics.refused.Inc()
		return live.Outcome{}, live.Refuse(live.Unavailable, "the server is busy or stopping; nothing was done, try again")
	}
	timer := time.NewTimer(e.opt.Wait)
	defer timer.Stop()
	select {
	case res := <-r.done:
		return res.out, res.err
	case <-timer.C:
	case <-ctx.Done():
	}
	if r.taken.CompareAndSwap(false, true) {
		return live.Outcome{}, live.Refuse(live.Unavailable, "the server is busy; nothing was done, try again")
	}
	select {
	case res := <-r.done: // the answer came at the same moment
		return res.out, res.err
	default:
		return live.Outcome{}, unknown()
	}
}

func unknown() error {
	return live.Refuse(live.Unavailable, "it is not known whether the change was stored; read the state before trying again")
}

// check runs what needs no state in the caller's goroutine: the committers are what all share.
func (e *Engine) check(cmd live.Command) error {
	switch c := cmd.(type) {
	case live.RoomCommand:
		return c.Check()
	case live.AppCommand:
		if err := c.Check(); err != nil {
			return err
		}
		for _, url := range callbackURLs(cmd) {
			if err := e.opt.CheckURL(url); err != nil {
				return live.Refuse(live.InvalidParameter, "Url: %v", err)
			}
		}
		return nil
	}
	panic("engine: " + cmd.Name() + " is neither a live.RoomCommand nor a live.AppCommand")
}

// callbackURLs are those that a command would have called.
func callbackURLs(cmd live.Command) []string {
	switch c := cmd.(type) {
	case live.SetCallback:
		return []string{c.Callback.URL}
	case live.UpdateCallback:
		return []string{c.Callback.URL}
	case live.ConfigureApp:
		var urls []string
		if c.App.HasCallbackURL() {
			urls = append(urls, c.App.Callback.URL)
		}
		for i := range c.App.Endpoints {
			urls = append(urls, c.App.Endpoints[i].URL)
		}
		return urls
	}
	return nil
}

// App returns the settings of an App as last committed, or nil.
func (e *Engine) App(id live.AppID) *live.App { return e.apps.get(id) }

// AllApps returns the settings of all Apps as last committed, by id.
func (e *Engine) AllApps() []*live.App { return e.apps.all() }

// Apps is how many Apps there are.
func (e *Engine) Apps() int { return e.apps.len() }

// Load reads all Apps. It is called once, before Run.
func (e *Engine) Load(ctx context.Context) error {
	return e.opt.Store.EachApp(ctx, func(app *live.App) error {
		e.apps.set(app)
		return nil
	})
}

// Run starts the committers and returns when [Engine.Stop] was called and the last waiting command is answered. ctx is the
// server's: it ends only when the store goes.
func (e *Engine) Run(ctx context.Context) {
	var committers sync.WaitGroup
	for range e.opt.Committers {
		committers.Go(func() { e.commitGroups(ctx) })
	}
	committers.Wait()
	e.rereads.Wait()
}

// Stop refuses further commands; Run returns when those that wait are answered.
func (e *Engine) Stop() {
	e.stop.Do(func() { close(e.stopping) })
	e.queue.close()
}
