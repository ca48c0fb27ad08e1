package feed

import (
	"cmp"
	"context"
	"net/http"

	"github.com/callboard/callboard/internal/call"
	"github.com/callboard/callboard/internal/eventlog"
)

// maxWaiting is how many waiting events are counted.
const maxWaiting = 100_000

// standingOf is the answer of head.
type standingOf struct {
	Log      string
	Seq      int64 // the last number of the log
	Callback int64 // the last callback event
	Oldest   int64 // the oldest event that is there, Seq + 1 when there is none
	Reader   string
	// Everything up to Settled is settled.
	Settled           int64
	Waiting           int
	WaitingMore       bool `json:",omitempty"`
	Held              int
	Dead              int
	OldestWaiting     int64
	OldestWaitingTime int64
	Paused            string
}

// head tells how far the log is, and how far a reader of it. What the reader stored last counts; it is a fifth of a second old.
func (h *Handler) head(r *request) error {
	reader := cmp.Or(r.query.Get("reader"), eventlog.CallbackReader)
	switch {
	case eventlog.IsRedelivery(reader):
		return call.BadRequest("reader in the query is a redelivery, which sends a part of the log and ends by itself; callback is a reader of all of it")
	case !eventlog.IsReaderName(reader):
		return call.BadRequest("reader in the query is no name of a reader; callback is one")
	}
	var b Bounds
	var s Standing
	err := h.desk.ask(r.Context(), func(log Log) (err error) {
		ctx := context.WithoutCancel(r.Context())
		if b, err = log.Bounds(ctx, r.app.ID); err == nil {
			s, err = log.Standing(ctx, r.app.ID, reader, b.Head, maxWaiting+1)
		}
		return err
	})
	if err != nil {
		return err
	}
	answer := standingOf{
		Log: b.Log, Seq: b.Head, Callback: b.Callback, Oldest: b.Oldest, Reader: reader, Settled: b.Head,
		Waiting: min(s.Waiting, maxWaiting), WaitingMore: s.Waiting > maxWaiting, Held: s.Held, Dead: s.Dead,
		OldestWaiting: s.Oldest, OldestWaitingTime: s.OldestTime, Paused: string(s.Paused),
	}
	if s.Waiting > 0 {
		answer.Settled = s.Oldest - 1
	}
	call.Write(r.w, http.StatusOK, answer)
	return nil
}
