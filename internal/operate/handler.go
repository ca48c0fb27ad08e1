package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/live"
)

// Prefix begins every path.
const Prefix = "/callboard/v1/"

// Options of a [Handler]. All but Log are needed.
type Options struct {
	Apps     Apps
	Gate     *access.Gate
	Delivery Deliverer
	Query    Query
	Log      *slog.Logger // nil: nothing is logged
}

// Handler serves all paths below [Prefix].
type Handler struct {
	opt     Options
	control *Control
	calls   map[string]call
}

// call is what stands behind a path.
type call struct {
	method string
	// takes are the parameters of the query beside those that say who calls.
	takes []string
	do    func(*request) (any, error)
}

// New returns a handler.
func New(opt Options) *Handler {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{opt: opt, control: NewControl(opt.Apps, opt.Delivery, opt.Query, opt.Log)}
	filter := []string{"reader", "lane", "command", "since", "until", "from", "to", "order", "limit", "next"}
	h.calls = map[string]call{
		"deliveries": {http.MethodGet, append(filter, "state"), h.deliveries},
		"dead":       {http.MethodGet, append(filter, "body"), h.dead},
		"why":        {http.MethodGet, []string{"event", "reader"}, h.why},
		"redeliver":  {http.MethodPost, nil, h.redeliver},
		"pause":      {http.MethodPost, nil, h.pause},
		"resume":     {http.MethodPost, nil, h.resume},
		"discard":    {http.MethodPost, nil, h.discard},
	}
	return h
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
		if f.status == http.StatusServiceUnavailable {
			h.opt.Log.Warn("an operation failed", "path", req.URL.Path, "error", err)
		}
		write(w, f.status, struct{ Error string }{f.text})
		return
	}
	write(w, http.StatusOK, answer)
}

func (h *Handler) serve(w http.ResponseWriter, req *http.Request) (any, error) {
	name, _ := strings.CutPrefix(req.URL.Path, Prefix)
	c, known := h.calls[name]
	switch {
	case !known:
		return nil, notFound("there is no such path; below %s there are GET deliveries, dead and why, POST redeliver, pause, resume and discard", Prefix)
	case req.Method != c.method:
		w.Header().Set("Allow", c.method)
		return nil, &failure{http.StatusMethodNotAllowed, "the method must be " + c.method}
	case len(req.Header.Values("Content-Encoding")) > 0:
		return nil, badRequest("the header Content-Encoding is not taken; send the body as plain JSON")
	}
	r, err := h.admit(req)
	if err != nil {
		return nil, err
	}
	if err := checkNames(r.query, c.takes); err != nil {
		return nil, err
	}
	if r.body, err = readBody(w, req); err != nil {
		return nil, err
	}
	return c.do(r)
}

// admit finds out who calls.
func (h *Handler) admit(req *http.Request) (*request, error) {
	caller, err := h.opt.Gate.Enter(req, h.opt.Apps.App)
	if err != nil {
		return nil, err
	}
	by := live.Actor{Account: caller.By, ClientIP: clientIP(req), Platform: live.PlatformREST}
	return &request{ctx: req.Context(), app: caller.App.ID, by: by, query: req.URL.Query()}, nil
}

// clientIP is the address that a call came from.
func clientIP(req *http.Request) string {
	peer, err := netip.ParseAddrPort(req.RemoteAddr)
	if err != nil {
		return ""
	}
	return peer.Addr().Unmap().WithZone("").String()
}

const maxBody = 64 << 10

func readBody(w http.ResponseWriter, req *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxBody))
	if over := (*http.MaxBytesError)(nil); errors.As(err, &over) {
		return nil, &failure{http.StatusRequestEntityTooLarge, "the body has more than 64 KiB, the most that is taken"}
	}
	if err != nil {
		return nil, badRequest("the body was cut off")
	}
	return body, nil
}

// decode reads a body, which may be empty, into into.
func decode(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if !utf8.Valid(body) {
		return badRequest("the body is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields() // a misspelt limit must not widen what is asked for
	if err := d.Decode(into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return badRequest("%s must not be a JSON %s", wrong.Field, wrong.Value)
		}
		return badRequest("the body is not the JSON object that is taken here: check its keys, which are in PascalCase")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return badRequest("something follows on the JSON object of the body")
	}
	return nil
}

// write answers. Bodies of callbacks go out as they are: nothing in them is escaped for HTML.
func write(w http.ResponseWriter, status int, answer any) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(answer); err != nil {
		panic("operate: encode an answer: " + err.Error()) // its types have no value that JSON cannot hold
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // a caller who has left reads no error either
}
