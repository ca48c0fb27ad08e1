package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/access"
	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Prefix begins every path.
const Prefix = "/callboard/v1/"

// Apps knows the settings of Apps.
type Apps interface {
	// App returns nil when there is no such App.
	App(id live.AppID) *live.App
}

// Delivery is what can be done; *delivery.Dispatcher is one.
type Delivery interface {
	Redeliver(ctx context.Context, app live.AppID, r delivery.Redelivery) (delivery.ReaderID, error)
	Pause(ctx context.Context, id delivery.ReaderID, why eventlog.Reason) error
	Resume(ctx context.Context, id delivery.ReaderID) error
}

// Options of a [Handler]. Apps, Gate and Delivery are needed.
type Options struct {
	Apps     Apps
	Gate     *access.Gate
	Delivery Delivery
	Log      *slog.Logger // nil: nothing is logged
}

// Handler serves all paths below [Prefix].
type Handler struct {
	opt   Options
	calls map[string]func(*request) (any, error)
}

// New returns a handler.
func New(opt Options) *Handler {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	h := &Handler{opt: opt}
	h.calls = map[string]func(*request) (any, error){
		Prefix + "redeliver": h.redeliver,
		Prefix + "pause":     h.pause,
		Prefix + "resume":    h.resume,
	}
	return h
}

// request is one call on its way.
type request struct {
	ctx  context.Context
	app  live.AppID
	by   live.Account
	body []byte
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
	call := h.calls[req.URL.Path]
	switch {
	case call == nil:
		return nil, &failure{http.StatusNotFound, "there is no such path; there are redeliver, pause and resume below " + Prefix}
	case req.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		return nil, &failure{http.StatusMethodNotAllowed, "the method must be POST"}
	case len(req.Header.Values("Content-Encoding")) > 0:
		return nil, badRequest("the header Content-Encoding is not taken; send the body as plain JSON")
	}
	caller, err := h.opt.Gate.Enter(req, h.opt.Apps.App)
	if err != nil {
		return nil, err
	}
	body, err := readBody(w, req)
	if err != nil {
		return nil, err
	}
	return call(&request{ctx: req.Context(), app: caller.App.ID, by: caller.By, body: body})
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

func write(w http.ResponseWriter, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic("operate: encode an answer: " + err.Error()) // its types have no value that JSON cannot hold
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a caller who has left reads no error either
}
