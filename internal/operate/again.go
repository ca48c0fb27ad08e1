package operate

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/callboard/callboard/internal/delivery"
	"github.com/callboard/callboard/internal/eventlog"
	"github.com/callboard/callboard/internal/live"
)

// Again names callbacks that are to be sent again: one Event by its id; or those From one number To another, 0 for the
// beginning and the end of the log, of one Lane if it is given, and of what is a dead letter only, with DeadOnly. They go where
// Reader sends, by default the callback URL, and the dead letters are those of that reader.
type Again struct {
	Event    string
	From, To int64
	Lane     string
	DeadOnly bool
	Reader   string
}

// Redeliver sends callbacks again and returns the name of the redelivery.
func (c *Control) Redeliver(ctx context.Context, app live.AppID, by live.Account, ask Again) (string, error) {
	r, err := c.redelivery(ctx, app, ask)
	if err != nil {
		return "", err
	}
	of, err := readerID(app, ask.Reader)
	if err != nil {
		return "", err
	}
	r.Reader, r.By, r.At = of.Name, string(by), c.now()
	id, err := c.delivery.Redeliver(ctx, app, r)
	if err != nil {
		return "", err
	}
	c.log.Info("a redelivery was asked for", "sdkappid", app, "redelivery", id.Name, "by", string(by))
	return id.Name, nil
}

func (c *Control) redelivery(ctx context.Context, app live.AppID, ask Again) (delivery.Redelivery, error) {
	if ask.Event != "" {
		return c.single(ctx, app, ask)
	}
	r := delivery.Redelivery{From: ask.From, To: ask.To, Lane: eventlog.Lane(ask.Lane), DeadOnly: ask.DeadOnly}
	if r.From == 0 {
		r.From = 1
	}
	if r.To == 0 {
		r.To = maxSeq
	}
	if r.From < 1 || r.To < r.From {
		return r, badRequest("From and To must be numbers of the log, From not above To")
	}
	return r, checkLane(r.Lane)
}

// single is the redelivery of one event.
func (c *Control) single(ctx context.Context, app live.AppID, ask Again) (r delivery.Redelivery, err error) {
	if ask.From != 0 || ask.To != 0 || ask.Lane != "" {
		return r, badRequest("Event names one callback; leave From, To and Lane out beside it")
	}
	id, err := ownEvent(app, ask.Event)
	if err != nil {
		return r, err
	}
	e, err := c.extent(ctx, app)
	if err != nil {
		return r, err
	}
	if id.Log != e.Log || id.Seq > e.Head {
		return r, notFound("the log %s has no event %s", e.Log, ask.Event)
	}
	return delivery.Redelivery{From: id.Seq, To: id.Seq, DeadOnly: ask.DeadOnly}, nil
}

// Pause makes a reader send nothing until it is resumed: that of the callback URL, or another one by its name. reason is for
// people and may be empty. It returns the name of the reader.
func (c *Control) Pause(ctx context.Context, app live.AppID, by live.Account, reader, reason string) (string, error) {
	const maxReason = eventlog.MaxReason / 2
	if len(reason) > maxReason || !utf8.ValidString(reason) || strings.ContainsRune(reason, 0) {
		return "", badRequest("Reason has more than %d bytes, or a character that cannot be stored", maxReason)
	}
	why := eventlog.Reason("paused by " + string(by))
	if reason != "" {
		why += eventlog.Reason(": " + reason)
	}
	id, err := readerID(app, reader)
	if err != nil {
		return "", err
	}
	if err := c.delivery.Pause(ctx, id, why[:min(len(why), eventlog.MaxReason)]); err != nil {
		return "", err
	}
	c.log.Info("a reader was paused", "sdkappid", app, "reader", id.Name, "by", string(by))
	return id.Name, nil
}

// Resume ends a pause.
func (c *Control) Resume(ctx context.Context, app live.AppID, by live.Account, reader string) (string, error) {
	id, err := readerID(app, reader)
	if err != nil {
		return "", err
	}
	if err := c.delivery.Resume(ctx, id); err != nil {
		return "", err
	}
	c.log.Info("a reader was resumed", "sdkappid", app, "reader", id.Name, "by", string(by))
	return id.Name, nil
}

// Discarded is the answer to Discard.
type Discarded struct {
	Reader string
	// To is the last number that is discarded; 0: a redelivery was cancelled.
	To int64
}

// Discard ends the wait of callbacks that nobody wants any more. Of the callback URL, or of an endpoint: those up to the number
// to, 0 for all that there are now; each lane's next callback there announces what was skipped. Of a redelivery: all that it has
// not sent.
func (c *Control) Discard(ctx context.Context, app live.AppID, by live.Actor, reader string, to int64) (Discarded, error) {
	id, err := readerID(app, reader)
	if err != nil {
		return Discarded{}, err
	}
	d := Discarded{Reader: id.Name}
	switch {
	case to < 0:
		return d, badRequest("To must be a number of the log, or 0 for all that waits now")
	case !id.IsRedelivery():
		d.To, err = c.discard(ctx, id, by, to)
	case to != 0:
		return d, badRequest("a redelivery is cancelled as a whole; leave To out")
	default:
		err = c.delivery.Cancel(ctx, id)
	}
	if err != nil {
		return d, err
	}
	c.log.Warn("a backlog was discarded", "sdkappid", app, "reader", d.Reader, "to", d.To, "by", string(by.Account))
	return d, nil
}

// discard stores the number as a setting of the App. It must not be above the log: what is not there yet is wanted.
func (c *Control) discard(ctx context.Context, id delivery.ReaderID, by live.Actor, to int64) (int64, error) {
	endpoint, ok := delivery.EndpointOf(id.Name)
	if ok && endpoint != "" {
		_, ok = c.apps.App(id.App).Endpoint(endpoint)
	}
	if !ok {
		return 0, delivery.ErrNoReader
	}
	e, err := c.extent(ctx, id.App)
	if err != nil {
		return 0, err
	}
	if to == 0 {
		to = e.Head
	}
	if to > e.Head {
		return 0, badRequest("To is above %d, the last number of the log", e.Head)
	}
	if to == 0 {
		return 0, nil // there never was an event
	}
	_, err = c.apps.Do(ctx, id.App, by, live.DiscardBacklog{Endpoint: endpoint, To: to})
	return to, err
}

func readerID(app live.AppID, name string) (delivery.ReaderID, error) {
	if name == "" {
		name = delivery.CallbackReader
	}
	if !eventlog.IsReaderName(name) {
		return delivery.ReaderID{}, badRequest("Reader is no name of a reader: callback is one, endpoint-NAME, and what redeliver answers with")
	}
	return delivery.ReaderID{App: app, Name: name}, nil
}
