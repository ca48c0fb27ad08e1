package engine

import (
	"time"

	"github.com/callboard/callboard/internal/live"
)

// reread is the engine's own command, for an App of which a COMMIT of unknown outcome may have changed something. It
// changes nothing, and takes its turn like every settings command: Load, which locks the settings, says for certain what is
// stored, and as no other group of the App is under way, what it read is not older than what the process knows already.
type reread struct{}

// Name implements [live.Command].
func (reread) Name() string { return "reread" }

// Check implements [live.AppCommand].
func (reread) Check() error { return nil }

// Apply implements [live.AppCommand].
func (reread) Apply(app *live.App) (*live.App, error) { return app, nil }

// readAgain makes known what is stored of Apps. It is a goroutine of its own, which tries again each second while the store
// is away, and ends when the engine stops.
func (e *Engine) readAgain(apps []live.AppID) {
	for len(apps) > 0 {
		app := apps[0]
		apps = apps[1:]
		r := newRequest(app, live.Actor{}, reread{})
		if !e.queue.put(r) {
			return
		}
		res := <-r.done
		if res.err == nil {
			continue
		}
		e.opt.Log.Warn("what a commit of unknown outcome may have changed cannot be read yet; the next try is in a second",
			"sdkappid", app, "error", res.err)
		apps = append(apps, app) // behind the others: the reason may be this App alone
		select {
		case <-time.After(time.Second):
		case <-e.stopping:
			return
		}
	}
}

// wasRead makes known what a reread has found, in its turn: the settings, and that the log has to be read, where a callback
// must not wait for the next event of its App. A nil app was to be created, and is not there.
func (e *Engine) wasRead(app *live.App) {
	if app == nil {
		return
	}
	e.apps.set(app)
	if e.opt.Reader != nil {
		e.opt.Reader.SettingsChanged(app.ID)
		e.opt.Reader.HandOver(app.ID, nil)
	}
}
