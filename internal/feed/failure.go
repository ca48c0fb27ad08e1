package feed

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"github.com/callboard/callboard/internal/access"
)

// failure is what a caller is told.
type failure struct {
	status int
	text   string
}

func (f *failure) Error() string { return f.text }

func badRequest(format string, args ...any) *failure {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

var errFull = &failure{http.StatusServiceUnavailable, "as many readers are there as may be; try again in a few seconds"}

// reset tells whoever asked for a position that is not there what there is.
type reset struct {
	Error  string
	Log    string
	Oldest string // the oldest position that can be read after
	Head   string
}

func (g *gone) reset() reset {
	return reset{
		Error: "what follows on this position cannot be read: the log is another one, or has forgotten it; take a snapshot and go on from its Position, or read after Oldest",
		Log:   g.Log, Oldest: Position{g.Log, g.Oldest - 1}.String(), Head: Position{g.Log, g.Head}.String(),
	}
}

// failureOf keeps texts of the store from callers.
func failureOf(err error) *failure {
	if f := (*failure)(nil); errors.As(err, &f) {
		return f
	}
	if r := (*access.Refusal)(nil); errors.As(err, &r) {
		return &failure{r.Status, r.Text}
	}
	if errors.Is(err, ErrNoReader) {
		return &failure{http.StatusNotFound, "there is no such reader: callback is one, and the endpoints of the App are"}
	}
	return &failure{http.StatusServiceUnavailable, "the log cannot be read now; try again in a second"}
}

// refuse answers a call of which nothing is written yet.
func (h *Handler) refuse(w http.ResponseWriter, req *http.Request, err error) {
	if g := (*gone)(nil); errors.As(err, &g) {
		write(w, http.StatusGone, g.reset())
		return
	}
	f := failureOf(err)
	if f.status == http.StatusServiceUnavailable {
		after := "1"
		if f == errFull {
			after = "5"
		}
		w.Header().Set("Retry-After", after)
		if f != errFull && req.Context().Err() == nil {
			h.opt.Logger.Warn("a call of the feed failed", "path", req.URL.Path, "error", err)
		}
	}
	write(w, f.status, struct{ Error string }{f.text})
}

func write(w http.ResponseWriter, status int, answer any) {
	var body bytes.Buffer
	encode(&body, answer)
	body.WriteByte('\n')
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a caller who has left reads no error either
}
