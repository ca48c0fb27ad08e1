package question

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/egress"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/throttle"
	"github.com/callboard/callboard/internal/wire"
)

// Timeout is how long an App backend has to answer. Spec: callbacks 3.
const Timeout = 2 * time.Second

// Engine is what runs commands, and the settings of Apps as last committed.
type Engine interface {
	// Do returns a *live.Error when the command was refused or its outcome is unknown.
	Do(ctx context.Context, app live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error)
	// App returns nil when there is no such App.
	App(id live.AppID) *live.App
}

// Sender sends what is asked; an *egress.Sender does.
type Sender interface {
	Send(ctx context.Context, r egress.Request) egress.Answer
}

// Options of an [Asker]. Engine and Sender are needed; the zero values of the others are useful.
type Options struct {
	Engine  Engine
	Sender  Sender
	Log     *slog.Logger
	Metrics *Metrics
	// OfApp is the most questions of one App under way, InAll those of all. 0: 64 and 1024.
	OfApp, InAll int
	// Wait is what a call takes at most beside the question. 0: 2.8 s.
	Wait time.Duration
}

func (o *Options) defaults() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Metrics == nil {
		o.Metrics = NewMetrics(nil)
	}
	if o.OfApp == 0 {
		o.OfApp = 64
	}
	if o.InAll == 0 {
		o.InAll = 1024
	}
	if o.Wait == 0 {
		o.Wait = 2800 * time.Millisecond
	}
}

// Asker is an [Engine] that asks. [New] makes one.
type Asker struct {
	opt      Options
	turns    *turns
	failures throttle.Throttle
	open     context.Context // ends with Close
	shut     context.CancelFunc
}

// New returns an asker in front of an engine.
func New(opt Options) *Asker {
	opt.defaults()
	a := &Asker{opt: opt, turns: newTurns(opt.OfApp, opt.InAll)}
	a.open, a.shut = context.WithCancel(context.Background())
	return a
}

// Close ends the questions that are under way, and lets no further one begin: what they are about is refused.
func (a *Asker) Close() { a.shut() }

// App implements [Engine].
func (a *Asker) App(id live.AppID) *live.App { return a.opt.Engine.App(id) }

// Do implements [Engine]. With a question it takes up to [Timeout] longer.
func (a *Asker) Do(ctx context.Context, id live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error) {
	asked, ok := cmd.(live.Asked)
	if !ok {
		return a.opt.Engine.Do(ctx, id, by, cmd)
	}
	app := a.opt.Engine.App(id)
	if app == nil || !wants(app, wire.TopicCommand(asked.Topic())) {
		return a.opt.Engine.Do(ctx, id, by, cmd)
	}
	return a.do(ctx, app, by, asked)
}

// wants tells whether the App backend is to be asked. Endpoints are not: there can be one answer only.
func wants(app *live.App, command string) bool {
	return app.HasCallbackURL() && slices.Contains(app.Callback.Commands, command)
}

func (a *Asker) do(ctx context.Context, app *live.App, by live.Actor, cmd live.Asked) (live.Outcome, error) {
	begun := time.Now()
	rehearsed, err := a.rehearse(ctx, app.ID, by, cmd)
	if err != nil || rehearsed.Reply.Question == nil {
		return rehearsed, err
	}
	left := a.opt.Wait - time.Since(begun)
	ruling := a.ask(ctx, app, by, cmd.Topic(), rehearsed.Reply.Question)
	if ctx.Err() != nil {
		return live.Outcome{}, live.Refuse(live.Unavailable, "the call ended while the App backend was asked; nothing was done")
	}
	if a.open.Err() != nil && !ruling.Answered {
		return live.Outcome{}, live.Refuse(live.Unavailable, "the server stops, and the App backend was not asked to the end; nothing was done, try again")
	}
	ruled, err := cmd.Ruled(ruling)
	if err != nil {
		return live.Outcome{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	return a.opt.Engine.Do(ctx, app.ID, by, ruled)
}

// rehearse has half of the time, so that there is some left for the command itself.
func (a *Asker) rehearse(ctx context.Context, id live.AppID, by live.Actor, cmd live.Asked) (live.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, a.opt.Wait/2)
	defer cancel()
	rehearsal := live.Rehearsal{Of: cmd, Key: by.Key}
	by.Key = ""
	out, err := a.opt.Engine.Do(ctx, id, by, rehearsal)
	if refusal := (*live.Error)(nil); errors.As(err, &refusal) && refusal.Kind == live.Unavailable {
		return live.Outcome{}, live.Refuse(live.Unavailable, "the server is busy or its store away; nothing was done, try again")
	}
	return out, err
}

// ask posts a question and waits for the answer.
func (a *Asker) ask(ctx context.Context, app *live.App, by live.Actor, topic live.Topic, q live.Question) live.Ruling {
	begun := time.Now()
	r, why := a.post(ctx, app, by, topic, q)
	r.Question, r.Open = q, slices.Contains(app.Callback.Commands, wire.NotBlock)
	if !r.Answered && (ctx.Err() != nil || a.open.Err() != nil) {
		return r // the App backend has nothing to do with it
	}
	a.opt.Metrics.observe(topic, &r, time.Since(begun))
	if !r.Answered {
		a.failed(app.ID, topic, why)
	}
	return r
}

// post returns why there is no valid answer, in words without secrets.
func (a *Asker) post(ctx context.Context, app *live.App, by live.Actor, topic live.Topic, q live.Question) (_ live.Ruling, why string) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	defer context.AfterFunc(a.open, cancel)()
	until, _ := ctx.Deadline()
	to := app.CallbackDestination()
	var signer *callback.Signer
	var err error
	if len(to.SigningSecrets) > 0 {
		if signer, err = callback.NewSigner(to.SigningSecrets...); err != nil {
			return live.Ruling{}, "a signing secret cannot be used; mend it in the config" // rather than sent unsigned
		}
	}
	body, err := wire.QuestionBody(q, by.Account)
	if err != nil {
		return live.Ruling{}, "the question cannot be encoded: " + err.Error()
	}
	if !a.turns.take(ctx, app.ID) {
		return live.Ruling{}, "there were as many questions under way as there may be"
	}
	defer a.turns.give(app.ID)
	now := time.Now()
	answer := a.opt.Sender.Send(ctx, egress.Request{
		URL:     wire.QuestionURL(to, app.ID, topic, by, now),
		Header:  wire.QuestionHeader(by, body, signer, now),
		Body:    body,
		Timeout: max(until.Sub(now), time.Millisecond),
		TLS:     egress.TLSFiles(to.TLS),
	})
	if answer.Failure != egress.None {
		return live.Ruling{}, answer.Err.Error()
	}
	return judge(answer.Status, answer.Body, answer.TooLarge, topic)
}

// failed writes a line for a question without a valid answer, at most one a second.
func (a *Asker) failed(app live.AppID, topic live.Topic, why string) {
	untold, due := a.failures.Next(time.Now())
	if !due {
		return
	}
	a.opt.Log.Warn("the App backend gave no valid answer to a question", "sdkappid", app, "command", wire.TopicCommand(topic),
		"why", why, "failed_since_last_told", untold)
}
