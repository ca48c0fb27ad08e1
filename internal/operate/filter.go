package operate

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
	"github.com/callboard/callboard/internal/wire"
)

// Filter is what a page of the delivery log or of dead letters is asked for. The zero value: the last hundred of the callback
// URL.
type Filter struct {
	// Reader is callback, or the name of another one; empty: callback.
	Reader  string
	Lane    eventlog.Lane
	Command string
	State   State
	// Since and Until limit the time of the attempt, of a dead letter that of giving it up: from Since on, before Until. Zero: no
	// limit.
	Since, Until time.Time
	// From and To are the first and the last number; 0: no limit.
	From, To int64
	// Ascending: the smallest number comes first.
	Ascending bool
	// Limit is the most rows, up to MaxLimit; 0: 100.
	Limit int
	// Body: dead letters with their bodies.
	Body bool
	// Next is that of the page before, which was asked for with the same filter; empty: the first page.
	Next string
}

const (
	standardLimit = 100
	// A page takes milliseconds: attempts are quick to look at one after the other, less so when the log has to be asked about
	// each, and least when they are scattered, as those of a lane are.
	lookAlone, lookLog, lookLane = 8_000, 1_000, 400
	// pageBytes bounds the bodies of a page.
	pageBytes = 1 << 20
	maxSeq    = math.MaxInt64 - 1
	maxNumber = math.MaxInt32
)

// search makes the search of a page.
func (c *Control) search(f Filter) (Search, error) {
	s := Search{
		Reader: f.Reader, From: max(f.From, 1), To: f.To, Lane: f.Lane, Command: f.Command, State: f.State, Since: f.Since, Until: f.Until,
		Ascending: f.Ascending, Limit: f.Limit, Look: lookAlone, Body: f.Body, Bytes: pageBytes,
	}
	if s.Reader == "" {
		s.Reader = delivery.CallbackReader
	}
	if s.To == 0 || s.To > maxSeq {
		s.To = maxSeq
	}
	if s.Limit == 0 {
		s.Limit = standardLimit
	}
	switch {
	case s.Lane != "":
		s.Look = lookLane
	case s.Command != "":
		s.Look = lookLog
	case s.State == "" && s.Since.IsZero() && s.Until.IsZero():
		s.Look = s.Limit // each of them is a row
	}
	if err := s.check(); err != nil {
		return s, err
	}
	if f.Next != "" {
		return s, s.resume(f.Next)
	}
	s.begin()
	return s, nil
}

// endAt leaves out events that were committed after the attempts which are asked for. Pages that follow know it by their Next.
// There is no such beginning: what is attempted now may be old.
func (c *Control) endAt(ctx context.Context, app live.AppID, s *Search) error {
	return c.ask(ctx, func() error {
		to, err := c.query.LastBefore(ctx, app, s.Until)
		s.To = min(s.To, to)
		s.begin()
		return err
	})
}

// begin sets the search before its first row.
func (s *Search) begin() {
	s.After = Mark{Seq: s.To + 1}
	if s.Ascending {
		s.After = Mark{Seq: s.From - 1, Number: maxNumber}
	}
}

func (s *Search) check() error {
	switch {
	case !eventlog.IsReaderName(s.Reader):
		return badRequest("reader is no name of a reader: callback is one, endpoint-NAME, and what redeliver answers with")
	case s.From < 1 || s.To < s.From:
		return badRequest("from and to must be numbers of the log, 1 or above, from not above to")
	case s.Limit < 1 || s.Limit > MaxLimit:
		return badRequest("limit must be 1 to %d", MaxLimit)
	case s.State != "" && !slices.Contains(States(), s.State):
		return badRequest("state is none of delivered, retried, failed and cloud-lost")
	case len(s.Command) > live.MaxCallbackCommand || strings.ContainsRune(s.Command, 0):
		return badRequest("command is no callback command; Live.CallbackAfterModifyAdmin is one")
	}
	return checkLane(s.Lane)
}

// checkLane refuses what no lane is called; empty: none is named. Lanes are the same as text: a RoomId has no character that is encoded.
func checkLane(lane eventlog.Lane) error {
	if _, err := wire.ParseLane(string(lane)); lane != "" && err != nil {
		return badRequest("Lane: %v", err)
	}
	return nil
}
