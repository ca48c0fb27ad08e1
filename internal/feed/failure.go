package feed

import (
	"errors"
	"net/http"

	"github.com/callboard/callboard/internal/call"
)

var errFull = &call.Failure{Status: http.StatusServiceUnavailable, Text: "as many readers of the App are there as may be; try again in a few seconds"}

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
func failureOf(err error) *call.Failure {
	if f := call.FailureOf(err); f != nil {
		return f
	}
	if errors.Is(err, ErrNoReader) {
		return call.NotFound("there is no such reader: callback is one, and the endpoints of the App are")
	}
	return &call.Failure{Status: http.StatusServiceUnavailable, Text: "the log cannot be read now; try again in a second"}
}

// refuse answers a call of which nothing is written yet.
func (h *Handler) refuse(w http.ResponseWriter, req *http.Request, err error) {
	if g := (*gone)(nil); errors.As(err, &g) {
		call.Write(w, http.StatusGone, g.reset())
		return
	}
	f := failureOf(err)
	if f.Status == http.StatusServiceUnavailable {
		after := "1"
		if f == errFull {
			after = "5"
		}
		w.Header().Set("Retry-After", after)
		if f != errFull && req.Context().Err() == nil {
			h.opt.Logger.Warn("a call of the feed failed", "path", req.URL.Path, "error", err)
		}
	}
	call.Refuse(w, f)
}
