package feed

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Prefix begins every path.
const Prefix = "/callboard/v1/"

// StandardReaders is how many may read events or rooms at a time unless somebody says otherwise.
const StandardReaders = 1000

// Options of a [Handler]. Log, Settings and Gate are needed.
type Options struct {
	Log Log
	// Settings returns those of an App as last committed, nil when there is no such App.
	Settings func(live.AppID) *live.App
	Gate     *access.Gate
	Logger   *slog.Logger // nil: nothing is logged
	Metrics  *Metrics
	// Readers is the most callers that read events or rooms, or wait for events. 0: [StandardReaders].
	Readers int
}

// Handler serves the paths for which [Serves] says so. [New] makes one. It is a reader of the engine, which wakes those who wait.
type Handler struct {
	opt     Options
	readers *readers
	desk    desk
	tails   *tails
}

// New returns a handler.
func New(opt Options) *Handler {
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	if opt.Metrics == nil {
		opt.Metrics = NewMetrics(nil)
	}
	if opt.Readers == 0 {
		opt.Readers = StandardReaders
	}
	h := &Handler{opt: opt, readers: newReaders(opt.Readers), desk: newDesk(opt.Log)}
	h.tails = &tails{desk: newDesk(opt.Log), logger: opt.Logger, closing: h.readers.closing, most: opt.Readers, byApp: map[live.AppID]*tail{}}
	return h
}

// HandOver implements engine.Reader: it wakes who waits for events of the App, and takes none of them. They are read from the log,
// once for all, whichever process has committed them.
func (h *Handler) HandOver(app live.AppID, _ []eventlog.Event) { h.tails.committed(app) }

// SettingsChanged implements engine.Reader. Who streams proves anew who they are when they are written to.
func (*Handler) SettingsChanged(live.AppID) {}

// Close ends all waiting and streaming at once and returns when the goroutines of the package have ended. Calls that come later
// are refused.
func (h *Handler) Close() {
	h.readers.close()
	h.tails.close()
}

// call is what is done at a path.
type call struct {
	method string
	run    func(*Handler, *request) error
}

var calls = map[string]call{
	Prefix + "events":   {http.MethodGet, (*Handler).events},
	Prefix + "snapshot": {http.MethodGet, (*Handler).snapshot},
	Prefix + "head":     {http.MethodGet, (*Handler).head},
	Prefix + "verify":   {http.MethodPost, (*Handler).verify},
}

// Serves tells whether a path is one of a [Handler].
func Serves(path string) bool { return calls[path].run != nil }

// request is one call on its way.
type request struct {
	*http.Request
	w     http.ResponseWriter
	app   *live.App
	since time.Time // when the caller proved who they are
	query url.Values
}

// ServeHTTP answers one call.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if err := h.serve(w, req); err != nil {
		h.refuse(w, req, err)
	}
}

// serve returns an error when nothing is answered yet.
func (h *Handler) serve(w http.ResponseWriter, req *http.Request) error {
	c := calls[req.URL.Path]
	switch {
	case c.run == nil:
		return &failure{http.StatusNotFound, "there is no such path; there are events, snapshot, head and verify below " + Prefix}
	case req.Method != c.method:
		w.Header().Set("Allow", c.method)
		return &failure{http.StatusMethodNotAllowed, "the method must be " + c.method}
	case len(req.Header.Values("Content-Encoding")) > 0:
		return badRequest("the header Content-Encoding is not taken; send the body as plain JSON")
	}
	r := &request{Request: req, w: w}
	if err := h.enter(r); err != nil {
		return err
	}
	r.query = req.URL.Query() // its size is limited by the gate
	return c.run(h, r)
}

// enter finds out who calls.
func (h *Handler) enter(r *request) error {
	caller, err := h.opt.Gate.Enter(r.Request, h.opt.Settings)
	if err != nil {
		return err
	}
	r.app, r.since = caller.App, time.Now()
	return nil
}

// proofLasts is how long one who streams need not prove again who they are.
const proofLasts = time.Minute

// mayStay tells whether one who streams still may: each minute, and when the App's settings have changed, they prove it as if
// they called anew.
func (h *Handler) mayStay(r *request) bool {
	if h.opt.Settings(r.app.ID) == r.app && time.Since(r.since) < proofLasts {
		return true
	}
	return h.enter(r) == nil
}

// reader takes a place for an answer that may take long. leave gives it back.
func (h *Handler) reader(r *request) (o *out, leave func(), err error) {
	o = newOut(r.w, h.readers.closing)
	if !h.readers.enter(o) {
		h.opt.Metrics.refused.Inc()
		return nil, nil, errFull
	}
	h.opt.Metrics.readers.Inc()
	o.unhurried()
	return o, func() {
		h.readers.leave(o)
		h.opt.Metrics.readers.Dec()
		if o.stalled() {
			h.opt.Metrics.slow.Inc()
			h.opt.Logger.Info("a reader of the feed was cut off: it took nothing for 10 s", "sdkappid", r.app, "path", r.URL.Path)
		}
	}, nil
}
