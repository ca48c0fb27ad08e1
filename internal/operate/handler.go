package operate

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/live"
)

// Options of a [Handler]. All but Turns and Log are needed.
type Options struct {
	Apps     Apps
	Gate     *access.Gate
	Delivery Deliverer
	Query    Query
	Turns    *call.Turns  // to ask the store; nil: [standardTurns] of its own
	Log      *slog.Logger // nil: nothing is logged
}

// Handler serves all paths below [call.Prefix].
type Handler struct {
	opt     Options
	control *Control
	calls   map[string]operation
}

// operation is what is done at a path.
type operation struct {
	call.Path
	do func(*request) (any, error)
}

// New returns a handler.
func New(opt Options) *Handler {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{opt: opt, control: NewControl(opt.Apps, opt.Delivery, opt.Query, opt.Log)}
	if opt.Turns != nil {
		h.control.turns = opt.Turns
	}
	filter := []string{"reader", "lane", "command", "since", "until", "from", "to", "order", "limit", "next"}
	h.calls = map[string]operation{
		"deliveries": get(h.deliveries, append(filter, "state")...),
		"dead":       get(h.dead, append(filter, "body")...),
		"why":        get(h.why, "event", "reader"),
		"redeliver":  post(h.redeliver),
		"pause":      post(h.pause),
		"resume":     post(h.resume),
		"discard":    post(h.discard),
	}
	return h
}

func get(do func(*request) (any, error), takes ...string) operation {
	return operation{call.Path{Method: http.MethodGet, Takes: takes, Needs: access.Read}, do}
}

func post(do func(*request) (any, error)) operation {
	return operation{call.Path{Method: http.MethodPost, Needs: access.Operate}, do}
}

// request is one call on its way.
type request struct {
	ctx   context.Context
	app   live.AppID
	by    live.Actor
	query url.Values
	body  []byte
}

// callTimeout bounds one call: what it asks for may be stored all the same when it is over.
const callTimeout = 5 * time.Second

// ServeHTTP answers one call.
func (h *Handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), callTimeout)
	defer cancel()
	answer, err := h.serve(w, req.WithContext(ctx))
	if err != nil {
		f := failureOf(err)
		if f.Status == http.StatusServiceUnavailable {
			h.opt.Log.Warn("an operation failed", "path", req.URL.Path, "error", err)
		}
		call.Refuse(w, f)
		return
	}
	call.Write(w, http.StatusOK, answer)
}

func (h *Handler) serve(w http.ResponseWriter, req *http.Request) (any, error) {
	name, _ := strings.CutPrefix(req.URL.Path, call.Prefix)
	o, known := h.calls[name]
	if !known {
		return nil, notFound("there is no such path; below %s there are GET deliveries, dead and why, POST redeliver, pause, resume and discard", call.Prefix)
	}
	caller, err := o.Enter(w, req, h.opt.Gate, h.opt.Apps.App)
	if err != nil {
		return nil, err
	}
	by := live.Actor{Account: caller.By, ClientIP: clientIP(req), Platform: live.PlatformREST}
	r := &request{ctx: req.Context(), app: caller.App.ID, by: by, query: req.URL.Query()}
	if r.body, err = call.ReadBody(w, req, maxBody); err != nil {
		return nil, err
	}
	return o.do(r)
}

// clientIP is the address that a call came from.
func clientIP(req *http.Request) string {
	peer, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return ""
	}
	return peer.Addr().Unmap().WithZone("").String()
}

// maxBody is in KiB.
const maxBody = 64

// decode reads a body, which may be empty, into into.
func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	return call.Decode(body, into, "check its keys, which are in PascalCase")
}
