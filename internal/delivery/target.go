package delivery

import (
	"strings"

	"github.com/callboard/callboard/callback"
	"github.com/callboard/callboard/internal/live"
)

// target is where a reader sends to, by the settings that it was made from. It is never changed: attempts in flight keep
// theirs.
type target struct {
	live.Destination
	app    *live.App
	signer *callback.Signer // nil: nothing is signed
	// there is false when the settings do not have the reader's endpoint any more.
	there bool
	// discardTo is the last number that nobody wants any more.
	discardTo int64
	// nobody is to be called at the callback URL, which is not set: the commands are for endpoints.
	nobody bool
	// ready is false while nothing can be sent: what was switched on is known to the log, but not here yet.
	ready bool
}

// target returns where the reader sends to by the settings as they are now. A redelivery has to be open.
func (r *reader) target() *target {
	if app := r.settings(); r.to == nil || r.to.app != app {
		r.to = r.aim(app)
	}
	return r.to
}

func (r *reader) aim(app *live.App) *target {
	t := &target{app: app, discardTo: DiscardedTo(r.id.Name, app)}
	t.Destination, t.there = DestinationOf(r.of(), app)
	t.ready = t.URL != ""
	t.nobody = r.id.Name == CallbackReader && app.Callback != nil && !t.ready
	if len(t.SigningSecrets) == 0 {
		return t
	}
	var err error
	if t.signer, err = callback.NewSigner(t.SigningSecrets...); err != nil {
		t.ready = false // rather than sent unsigned
		r.d.opt.Logger.Error("nothing is sent: a signing secret cannot be used; mend it in the config", "sdkappid", r.id.App, "reader", r.id.Name, "error", err)
	}
	return t
}

// of is the reader whose callbacks are sent: itself, or that of a redelivery.
func (r *reader) of() string {
	if r.again() {
		return r.redelivery.Of()
	}
	return r.id.Name
}

// DestinationOf is where a reader that is no redelivery sends to; false when it is of an endpoint that the settings do not have.
func DestinationOf(name string, app *live.App) (live.Destination, bool) {
	if endpoint, ok := strings.CutPrefix(name, EndpointPrefix); ok {
		return app.Endpoint(endpoint)
	}
	return app.CallbackDestination(), true
}

// dismissed tells whether the reader's endpoint is gone with the settings. Then nothing is sent any more, as if another one
// had the right to settle: when what is in flight has ended, the store says that there is no such reader.
func (r *reader) dismissed() bool {
	if r.target().there || r.settling != nil {
		return false
	}
	r.fenced = true
	r.d.slots.leave(&r.seat)
	r.refuse(ErrNoReader)
	r.inbox.signal()
	return true
}

// standing are the readers that an App has for as long as its settings say so, in memory or not.
func (d *Dispatcher) standing(id live.AppID) []ReaderID {
	list := []ReaderID{{App: id, Name: CallbackReader}}
	if app := d.opt.Settings(id); app != nil {
		for _, name := range EndpointReaders(app) {
			list = append(list, ReaderID{App: id, Name: name})
		}
	}
	return list
}
