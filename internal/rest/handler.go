package rest

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/throttle"
	"github.com/callboard/callboard/liveapi"
)

// Engine is the way in for changes, and the settings of Apps as last committed.
type Engine interface {
	// Do returns a *live.Error when the command was refused or its outcome is unknown.
	Do(ctx context.Context, app live.AppID, by live.Actor, cmd live.Command) (live.Outcome, error)
	// App returns nil when there is no such App.
	App(id live.AppID) *live.App
}

// Rooms is the committed state of rooms.
type Rooms interface {
	// Room returns nil without an error when there is no such room.
	Room(ctx context.Context, app live.AppID, id live.RoomID) (*live.Room, error)
	// PublicRooms returns a page of the rooms that are publicly visible.
	PublicRooms(ctx context.Context, app live.AppID, page live.RoomPage) ([]live.Room, error)
	// Parts returns parts of rooms, or of the App itself, in the order of their ids; nil for one that is not there.
	Parts(ctx context.Context, app live.AppID, ids []live.PartID) ([]live.Part, error)
	// PartsAfter returns the parts of one room and kind whose keys are above that of after, in the order of their bytes.
	PartsAfter(ctx context.Context, app live.AppID, after live.PartID, limit int) ([]live.Keyed, error)
}

// Options of a [Handler]. Engine and Rooms are needed; the zero values of the others are useful.
type Options struct {
	Engine Engine
	Rooms  Rooms
	// Log gets one line per call, errors of the store at most one a second; nil: nothing is logged.
	Log *slog.Logger
	// Registerer gets the metrics; nil: they are not registered.
	Registerer prometheus.Registerer
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Gate lets callers in; nil: one of its own.
	Gate *access.Gate
	// Random fills what it is given with bytes that nobody can guess; nil: crypto/rand.
	Random func([]byte)
}

// Handler serves all paths below /v4/. [New] makes one.
type Handler struct {
	engine   Engine
	rooms    Rooms
	log      *slog.Logger
	now      func() time.Time
	metrics  *metrics
	gate     *access.Gate
	ids      requestIDs
	failures throttle.Throttle
	pacer    pacer
	calls    map[string]*call // by path
	random   func([]byte)
}

// New returns a handler. It panics when the Registerer has metrics of the same names already.
func New(opt Options) *Handler {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Random == nil {
		opt.Random = func(b []byte) { _, _ = rand.Read(b) } // it never fails: without randomness the program ends
	}
	return &Handler{
		engine: opt.Engine, rooms: opt.Rooms, log: opt.Log, now: opt.Now,
		metrics: newMetrics(opt.Registerer), gate: cmp.Or(opt.Gate, access.NewGate(0, opt.Now)), calls: byPath(calls()),
		random: opt.Random,
	}
}

// request is one call on its way: what is known of it so far.
type request struct {
	id    string // the RequestId
	start time.Time
	call  *call // nil: the path names none
	query access.Query
	app   *live.App // nil until found
	body  []byte
	from  string // the host of the caller
	key   string // the idempotency key, empty when there is none
}

// actor is who makes the call, for the engine.
func (r *request) actor() live.Actor {
	return live.Actor{Account: r.query.Identifier, ClientIP: r.from, Platform: live.PlatformREST, Cause: r.id, Key: r.key}
}

// ServeHTTP answers one call.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r := &request{id: h.ids.next(), start: h.now(), from: host(req.RemoteAddr)}
	payload, err := h.serve(w, req, r)
	answer := answerOf(r.id, payload, err)
	writeAnswer(w, answer)
	h.observe(req.Context(), r, answer.ErrorCode, err)
}

// serve runs the checks in their documented order, then the call.
func (h *Handler) serve(w http.ResponseWriter, req *http.Request, r *request) (any, error) {
	r.call = h.calls[req.URL.Path]
	if err := checkHTTP(req, r.call); err != nil {
		return nil, err
	}
	var err error
	if r.query, err = access.ParseQuery(req.URL.RawQuery); err != nil {
		return nil, err
	}
	if r.app = h.engine.App(r.query.App); r.app == nil {
		return nil, live.Refuse(live.SDKAppIDUnknown, "there is no App with the SDKAppID %d here; add it to the config file", r.query.App)
	}
	if err := h.gate.Admit(r.app, r.query); err != nil {
		return nil, err
	}
	if r.key = req.Header.Get(liveapi.HeaderIdempotencyKey); r.key != "" {
		if err := live.CheckKey(r.key); err != nil {
			return nil, err
		}
	}
	if err := h.pacer.admit(r.app, r.call.command, h.now()); err != nil {
		return nil, err
	}
	if r.body, err = readBody(w, req); err != nil {
		return nil, err
	}
	return r.call.run(req.Context(), h, r)
}

// checkHTTP checks what needs neither the query nor the body.
func checkHTTP(req *http.Request, c *call) error {
	switch {
	case c == nil:
		return live.Refuse(live.NoSuchCommand,
			"the path names no command of this server; it is /v4/<service>/<command>, for instance /v4/live_engine_http_srv/create_room")
	case req.Method != http.MethodPost:
		return live.Refuse(live.BadRequest, "the method must be POST")
	case len(req.Header.Values("Content-Encoding")) > 0:
		return live.Refuse(live.BadRequest, "the header Content-Encoding is not taken; send the body as plain JSON")
	}
	return nil
}

// host is an address without its port; empty when there is none.
func host(address string) string {
	h, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return h
}
