package operate

import (
	"math"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
)

// redeliver sends callbacks again: of From to To, both numbers of the App's log, 0 for its beginning and its end; of one Lane
// if it is given; and of what is a dead letter only, with DeadOnly. They go where Reader sends, by default the callback URL. It
// answers with the name of the redelivery.
func (h *Handler) redeliver(r *request) (any, error) {
	var ask struct {
		From, To     int64
		Lane, Reader string
		DeadOnly     bool
	}
	if err := decode(r.body, &ask); err != nil {
		return nil, err
	}
	if ask.From == 0 {
		ask.From = 1
	}
	if ask.To == 0 {
		ask.To = math.MaxInt64
	}
	if ask.From < 1 || ask.To < ask.From {
		return nil, badRequest("From and To must be numbers of the log, From not above To")
	}
	const maxLane = 256 // above the longest RoomId with a suffix
	if len(ask.Lane) > maxLane || strings.ContainsRune(ask.Lane, 0) {
		return nil, badRequest("Lane is no lane: it is a RoomId, with /members or /messages behind it, or @app")
	}
	of, err := readerID(r, ask.Reader)
	if err != nil {
		return nil, err
	}
	id, err := h.opt.Delivery.Redeliver(r.ctx, r.app, delivery.Redelivery{
		Reader: of.Name, From: ask.From, To: ask.To, Lane: eventlog.Lane(ask.Lane), DeadOnly: ask.DeadOnly, By: string(r.by), At: time.Now(),
	})
	if err != nil {
		return nil, err
	}
	h.opt.Log.Info("a redelivery was asked for", "sdkappid", r.app, "redelivery", id.Name, "by", string(r.by))
	return struct{ Redelivery string }{id.Name}, nil
}

// pause makes a reader send nothing until it is resumed: that of the callback URL, or another one named by Reader. Reason is
// for people.
func (h *Handler) pause(r *request) (any, error) {
	var ask struct{ Reader, Reason string }
	if err := decode(r.body, &ask); err != nil {
		return nil, err
	}
	const maxReason = eventlog.MaxReason / 2
	if len(ask.Reason) > maxReason || !utf8.ValidString(ask.Reason) || strings.ContainsRune(ask.Reason, 0) {
		return nil, badRequest("Reason has more than %d bytes, or a character that cannot be stored", maxReason)
	}
	why := eventlog.Reason("paused by " + string(r.by))
	if ask.Reason != "" {
		why += eventlog.Reason(": " + ask.Reason)
	}
	id, err := readerID(r, ask.Reader)
	if err != nil {
		return nil, err
	}
	if err := h.opt.Delivery.Pause(r.ctx, id, why[:min(len(why), eventlog.MaxReason)]); err != nil {
		return nil, err
	}
	h.opt.Log.Info("a reader was paused", "sdkappid", r.app, "reader", id.Name, "by", string(r.by))
	return struct{ Reader string }{id.Name}, nil
}

// resume ends a pause.
func (h *Handler) resume(r *request) (any, error) {
	var ask struct{ Reader string }
	if err := decode(r.body, &ask); err != nil {
		return nil, err
	}
	id, err := readerID(r, ask.Reader)
	if err != nil {
		return nil, err
	}
	if err := h.opt.Delivery.Resume(r.ctx, id); err != nil {
		return nil, err
	}
	h.opt.Log.Info("a reader was resumed", "sdkappid", r.app, "reader", id.Name, "by", string(r.by))
	return struct{ Reader string }{id.Name}, nil
}

var readerName = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

func readerID(r *request, name string) (delivery.ReaderID, error) {
	if name == "" {
		name = delivery.CallbackReader
	}
	if !readerName.MatchString(name) {
		return delivery.ReaderID{}, badRequest("Reader is no name of a reader: callback is one, endpoint-NAME, and what redeliver answers with")
	}
	return delivery.ReaderID{App: r.app, Name: name}, nil
}
