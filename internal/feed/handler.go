package feed

import (
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

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
	// Turns are those in which readers ask the store, and TailTurns those of what they wait for, one of which each App with readers
	// takes once a second; nil: two of their own.
	Turns, TailTurns *call.Turns
	// Readers is the most callers that read events or rooms, or wait for events, of which an App gets one while it holds fewer than
	// are free. 0: [StandardReaders].
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
	h := &Handler{opt: opt, readers: newReaders(opt.Readers), desk: newDesk(opt.Log, opt.Turns)}
	h.tails = &tails{desk: newDesk(opt.Log, opt.TailTurns), logger: opt.Logger, closing: h.readers.closing, most: opt.Readers, byApp: map[live.AppID]*tail{}}
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

// question is what is asked at a path.
type question struct {
	call.Path
	answer func(*Handler, *request) error
}

var questions = map[string]question{
	call.Prefix + "events":   {call.Path{Method: http.MethodGet, Needs: access.Read, Takes: []string{"after", "limit", "wait", "lane"}}, (*Handler).events},
	call.Prefix + "snapshot": {call.Path{Method: http.MethodGet, Needs: access.Read, Takes: []string{"after", "limit"}}, (*Handler).snapshot},
	call.Prefix + "head":     {call.Path{Method: http.MethodGet, Needs: access.Read, Takes: []string{"reader"}}, (*Handler).head},
	call.Prefix + "verify":   {call.Path{Method: http.MethodPost, Needs: access.Read}, (*Handler).verify},
}

// Serves tells whether a path is one of a [Handler].
func Serves(path string) bool { return questions[path].answer != nil }

// request is one call on its way.
type request struct {
	*http.Request
	w     http.ResponseWriter
	path  call.Path
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
	q := questions[req.URL.Path]
	if q.answer == nil {
		return call.NotFound("there is no such path; there are events, snapshot, head and verify below %s", call.Prefix)
	}
	r := &request{Request: req, w: w, path: q.Path}
	if err := h.enter(r); err != nil {
		return err
	}
	r.query = req.URL.Query() // its size is limited by the gate
	return q.answer(h, r)
}

// enter finds out who calls.
func (h *Handler) enter(r *request) error {
	caller, err := r.path.Enter(r.w, r.Request, h.opt.Gate, h.opt.Settings)
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
	if !h.readers.enter(r.app.ID, o) {
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
