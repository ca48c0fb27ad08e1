package engine

import (
	"context"
	"log/slog"
	"runtime"
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
	// GroupLimit is the most commands of a group, AppLimit those of one App while others wait. 0: 512 and 64.
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
	// stale is set when a COMMIT of unknown outcome may have changed settings; it is Run's.
	stale bool
	asked time.Time // when stale settings were last read
}

// New returns an engine that takes commands at once and runs them when [Engine.Run] runs.
func New(opt Options) *Engine {
	opt.defaults()
	return &Engine{opt: opt, queue: newQueue(opt.QueueLimit), apps: newDirectory()}
}

// request is one command on its way through the committer.
type request struct {
	app   live.AppID
	by    live.Actor
	cmd   live.Command
	taken atomic.Bool // set by whoever gets it first: the committer, or Do when it stops waiting
	done  chan result // holds one
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
	r := &request{app: app, by: by, cmd: cmd, done: make(chan result, 1)}
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

// check runs what needs no state in the caller's goroutine: the committer is the one thing that all share.
func (e *Engine) check(cmd live.Command) error {
	switch c := cmd.(type) {
	case live.RoomCommand:
		return c.Check()
	case live.AppCommand:
		if err := c.Check(); err != nil {
			return err
		}
		if url := callbackURL(cmd); url != "" {
			if err := e.opt.CheckURL(url); err != nil {
				return live.Refuse(live.InvalidParameter, "Url: %v", err)
			}
		}
		return nil
	}
	panic("engine: " + cmd.Name() + " is neither a live.RoomCommand nor a live.AppCommand")
}

func callbackURL(cmd live.Command) string {
	switch c := cmd.(type) {
	case live.SetCallback:
		return c.Callback.URL
	case live.UpdateCallback:
		return c.Callback.URL
	case live.ConfigureApp:
		if c.App.Callback != nil {
			return c.App.Callback.URL
		}
	}
	return ""
}

// App returns the settings of an App as last committed, or nil.
func (e *Engine) App(id live.AppID) *live.App { return e.apps.get(id) }

// Apps is how many Apps there are.
func (e *Engine) Apps() int { return e.apps.len() }

// Load reads all Apps. It is called once, before Run, which calls it again when it has to.
func (e *Engine) Load(ctx context.Context) error {
	return e.opt.Store.EachApp(ctx, func(app *live.App) error {
		e.apps.set(app)
		return nil
	})
}

// Run forms groups and commits them until [Engine.Stop] was called and the last waiting command is answered. ctx is
// the server's: it ends only when the store goes.
func (e *Engine) Run(ctx context.Context) {
	for {
		select {
		case <-e.queue.wake:
		case <-e.refreshTime():
		}
		for group := e.next(); len(group) > 0; group = e.next() {
			e.run(ctx, group)
			e.refresh(ctx) // here, too: the queue may never be empty
		}
		e.refresh(ctx)
		if waiting, closed := e.queue.state(); closed && waiting == 0 {
			return
		}
	}
}

// refreshTime is when stale settings are read again if no command comes before; never when they are not stale.
func (e *Engine) refreshTime() <-chan time.Time {
	if !e.stale {
		return nil
	}
	return time.After(time.Second)
}

// refresh reads the settings again after a COMMIT of unknown outcome: while the store is away, again and again.
func (e *Engine) refresh(ctx context.Context) {
	if !e.stale || time.Since(e.asked) < time.Second && !e.asked.IsZero() {
		return
	}
	e.asked = time.Now()
	if err := e.Load(ctx); err != nil {
		e.opt.Log.Warn("settings that may have changed cannot be read yet; the next try is in a second", "error", err)
		return
	}
	e.stale, e.asked = false, time.Time{}
}

// Stop refuses further commands; Run returns when those that wait are answered.
func (e *Engine) Stop() { e.queue.close() }

// next lets a group form and takes it.
func (e *Engine) next() []*request {
	e.gather()
	return e.take()
}

// gather lets those run first who are ready to run: under load they bring further commands, and a commit costs the same
// for one command as for many. It waits for nobody, so a command that comes alone is not held up.
func (e *Engine) gather() {
	for last, waiting := -1, e.queue.len(); waiting > last && waiting < e.opt.GroupLimit; {
		runtime.Gosched()
		last, waiting = waiting, e.queue.len()
	}
}

// take returns the next group without the commands that nobody waits for any more.
func (e *Engine) take() []*request {
	for {
		group := e.queue.take(e.opt.GroupLimit, e.opt.AppLimit)
		if len(group) == 0 {
			return nil
		}
		wanted := group[:0]
		for _, r := range group {
			if r.taken.CompareAndSwap(false, true) {
				wanted = append(wanted, r)
			}
		}
		if len(wanted) > 0 {
			return wanted
		}
	}
}
